"""Tables about files that they do not name, or that lie elsewhere: what to say."""

from __future__ import annotations

from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.naming import counted, shown
from automl_datasets.options import DataOptions
from automl_datasets.sources._csv_columns import UnknownFormError
from automl_datasets.sources._csv_roles import Roles
from automl_datasets.sources._file_names import samples_beside
from automl_datasets.sources._folder_tables import folder_listed_by
from automl_datasets.sources._manifests import manifest_in, repeats_folders


def better_refusal(table: Path, error: DataError) -> DataError:
    """Return why a table is refused, where files around it tell more than it does.

    Args:
        table: The table.
        error: Why it is refused.
    """
    folder = folder_listed_by(table)
    if folder is not None:
        return DataError(
            f"{table} names files that are not below its own folder, but below "
            f"{folder}; {_way_to_use(table, folder)}, and they are found."
        )
    unnamed = _unnamed(table) if isinstance(error, UnknownFormError) else None
    return DataError(unnamed) if unnamed else error


def _way_to_use(table: Path, folder: Path) -> str:
    """Return what to do for a table to be read with the files of a folder above it."""
    copy = f"copy it to {folder / table.name} and give that"
    manifest = manifest_in(folder)
    if manifest is None or manifest.rivals or repeats_folders(manifest):
        return copy
    taken = table in [file.path for file in manifest.files]
    return f"give {folder} instead" if taken else copy


def refuse_unnamed(
    given: Path, table: Path, roles: Roles, options: DataOptions
) -> None:
    """Refuse a folder of files with a table of which nothing says that it is a series.

    Raises:
        DataError: If rows are taken for steps of series though no column is a time,
            and there are files that may be the samples instead.
    """
    doubtful = roles.form == "long" and roles.time is None and options.kind == "auto"
    if given.is_dir() and doubtful and (unnamed := _unnamed(table)):
        raise DataError(unnamed)


def _unnamed(table: Path) -> str | None:
    files = samples_beside(table)
    if not files:
        return None
    return (
        f"No column of {table} names one each of the {counted(len(files), 'file')} "
        f"beside it, such as {shown(files[0])}; add a column of their paths, or choose "
        "the kind text or series to read the table alone."
    )
