"""Folders that are probably no classes: refused, or kept with a note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import files_below
from automl_datasets.naming import shown, suffix_of
from automl_datasets.sources._folder_names import are_parts, are_people, is_structure
from automl_datasets.sources._manifests import manifest_in
from automl_datasets.sources.tables import SUFFIXES

_NAMED = 3


def refuse_structure(filled: Sequence[str], names: Iterable[str], path: Path) -> None:
    """Refuse folders that tell what files are for, such as `images` and `labels`.

    Args:
        filled: The class folders that hold samples.
        names: Those and the ones that hold none.
        path: The data, for the message.

    Raises:
        DataError: If none of the filled ones is called like a class.
    """
    structure = [name for name in names if is_structure(name)]
    if len(structure) > 1 and all(map(is_structure, filled)):
        raise DataError(
            f"The folders {_listed(structure)} in {path} look like parts of a "
            "segmentation or detection data set rather than classes, but whole samples "
            "are classified here; give a table with a path and a label for each of "
            f"them, like {path.name}/labels.csv."
        )


def refuse_parts(filled: Sequence[str], folders: Sequence[Path], path: Path) -> None:
    """Refuse folders that number parts of the data, such as `fold1` and `fold2`.

    Args:
        filled: The class folders that hold samples.
        folders: Where these are.
        path: The data; a table may lie in it.

    Raises:
        DataError: If all class folders are numbered parts.
    """
    if are_parts(filled):
        apart = [folder / name for folder in folders for name in filled]
        raise DataError(
            f"The folders {_listed(filled)} in {path} look like parts of the data "
            f"rather than classes; {_table_to_give(path, apart)}, or rename the "
            "folders if they are classes after all."
        )


def _table_to_give(path: Path, apart: Sequence[Path]) -> str:
    """Return which table to give instead of the folder.

    One whose labels are but the folders' names is not read unless it is given itself.
    """
    manifest = manifest_in(path)
    if manifest is not None:
        return f"give {manifest.files[0].path} itself, which has a label for each file"
    table = _largest_table(path, apart)
    source = f", perhaps made from {table}" if table else ""
    return (
        "give a table with a path and a label for each file, like "
        f"{path.name}/labels.csv{source}"
    )


def people_notes(filled: Sequence[str]) -> list[str]:
    """Return what to say of folders of people or recordings."""
    if not are_people(filled):
        return []
    return [
        f"The folders {_listed(filled)} look like people or recordings: the network "
        "will learn to tell these apart; for anything else, give a table with a path "
        "and a label for each file."
    ]


def _largest_table(path: Path, apart: Sequence[Path]) -> str | None:
    """Return the table, outside of some folders, that is likeliest to list all."""
    tables = [
        Path(entry.path)
        for entry in files_below(path)
        if suffix_of(entry.name) in SUFFIXES
    ]
    beside = [t for t in tables if not any(map(t.is_relative_to, apart))]
    if not beside:
        return None
    largest = max(beside, key=lambda table: table.lstat().st_size)
    return shown(str(largest.relative_to(path)))


def _listed(names: Sequence[str]) -> str:
    """Return the first names, and how many there are besides."""
    first = [repr(name) for name in names[:_NAMED]]
    if len(names) > _NAMED:
        return f"{', '.join(first)} and {len(names) - _NAMED:,} more"
    return " and ".join([", ".join(first[:-1]), first[-1]])
