"""Folders of a split without class folders, and the list in them that has the labels.

The list is a table of any form, also without names of its columns: one column names the
files, one holds names of the class folders that stand in another split.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_regular
from automl_datasets.naming import shown, suffix_of
from automl_datasets.sources._file_names import (
    FEWEST_FOUND,
    Listing,
    column_of_names,
    samples_below,
)
from automl_datasets.sources._manifest_tables import is_submission
from automl_datasets.sources.tables import SUFFIXES, Columns, columns_of, head_of

_SUFFIXES = SUFFIXES | {".lst", ".txt"}
_MOST_LISTS = 16  # beyond, they are samples themselves


class LabelledList(NamedTuple):
    """A list of the samples of one folder.

    Attributes:
        file: The list.
        labels: The name of a class for each path of a sample, relative to the folder.
    """

    file: Path
    labels: Mapping[str, str]


def labelled_list(folder: Path, classes: Collection[str]) -> LabelledList | None:
    """Return the list that tells the classes of nearly all files of a folder.

    Args:
        folder: A folder of samples without class folders.
        classes: Names of the class folders of another split.
    """
    lists = [
        Path(entry.path)
        for entry in entries(folder)
        if suffix_of(entry.name) in _SUFFIXES and is_regular(entry)
    ]
    lists = [file for file in lists if not is_submission(file.name)]
    if not 0 < len(lists) <= _MOST_LISTS:
        return None
    try:
        known = {file.relative_to(folder).as_posix() for file in lists}
        files = [path for path in samples_below(folder) if path not in known]
    except DataError:
        return None
    found = (_read(file, files, frozenset(classes)) for file in lists)
    return next(filter(None, found), None)


def _read(
    file: Path, files: Sequence[str], classes: frozenset[str]
) -> LabelledList | None:
    try:
        form, head = head_of(file)
        named = column_of_names(head, files, table=file.stem)
        if named is None or _column_of_classes(head, classes) is None:
            return None
        paths, listing = named
        columns = columns_of(file, form, problems=[])
    except DataError:
        return None
    labels = _column_of_classes(columns, classes)
    if labels is None:
        return None
    told = _told(columns[paths], columns[labels], listing, classes)
    enough = len(told) >= FEWEST_FOUND * len(files)
    differ = len({*told.values()}) > 1  # else a flag, where classes are numbers
    return LabelledList(file, told) if enough and differ else None


def _column_of_classes(columns: Columns, classes: frozenset[str]) -> str | None:
    """Return the only column whose cells are nearly all names of classes."""
    naming = [
        name
        for name, cells in columns.items()
        if sum(cell in classes for cell in cells) >= FEWEST_FOUND * len(cells)
    ]
    return naming[0] if len(naming) == 1 else None


def _told(
    paths: Sequence[str],
    labels: Sequence[str],
    listing: Listing,
    classes: frozenset[str],
) -> dict[str, str]:
    located = listing.located(paths)
    return {
        located[path]: label
        for path, label in zip(paths, labels, strict=True)
        if path in located and label in classes
    }


def left_out_note(folder: Path) -> str:
    """Return what to say of such a folder where no list tells its labels."""
    return (
        f"Left out {shown(folder.name)}/: it holds no class folders, so its samples "
        "have no labels."
    )


def followed_note(found: LabelledList, folder: Path) -> str:
    """Return what to say of such a folder where a list tells its labels."""
    return (
        f"{shown(folder.name)}/ holds no class folders; its samples have the labels "
        f"that {shown(folder.name)}/{shown(found.file.name)} gives them."
    )
