"""The registry of sources: a module or an object each, one line each in `SOURCES`."""

from __future__ import annotations

from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.media.registry import medium_of
from automl_datasets.naming import counted, few, plural, suffix_of
from automl_datasets.sources import (
    class_folders,
    csv_table,
    idx,
    manifest,
    named_files,
    npz,
    series_arff,
    series_npy,
    series_ts,
    series_tsv,
)
from automl_datasets.sources._base import Source
from automl_datasets.sources._unread import refuse_misread, why_unread

# The first that recognises a path reads it: put the particular before the general.
SOURCES: tuple[Source, ...] = (
    npz,
    idx,
    named_files,
    manifest,
    series_ts.SOURCE,
    series_arff.SOURCE,
    series_tsv.SOURCE,
    series_npy,
    csv_table,
    class_folders,
)


def recognise(path: Path) -> tuple[Source, str]:
    """Return the source that reads `path`, and why.

    Raises:
        DataError: If there is nothing at `path`, nobody recognises it, or it would be
            taken for something that it is not.
    """
    if not path.exists():
        raise DataError(f"There is nothing at {path}; check the path.")
    refuse_misread(path)
    for source in SOURCES:
        reason = source.recognise(path)
        if reason is not None:
            return source, reason
    medium = medium_of(path) if path.is_file() else None
    if medium is not None:
        raise DataError(
            f"{path} is one {medium.NOUN}, but many with their labels are needed; give "
            f"the folder that holds a folder of {plural(medium.NOUN)} for each class, "
            "or a CSV table of paths and labels."
        )
    if (why := why_unread(path)) is not None:
        raise DataError(why)
    forms = "; ".join(source.FORM for source in reversed(SOURCES))
    raise DataError(
        f"{path} is {_found(path)}, which is not understood; give one of: {forms}."
    )


def _found(path: Path) -> str:
    if path.is_file():
        suffix = suffix_of(path.name)
        return f"a{f' {suffix}' if suffix else ''} file of " + counted(
            path.stat().st_size, "byte"
        )
    names = sorted(p.name + "/" * p.is_dir() for p in path.iterdir())
    if not names:
        return "an empty folder"
    return f"a folder with {few(names)}"
