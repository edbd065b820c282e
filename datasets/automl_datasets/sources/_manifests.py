"""Tables whose one column holds paths of files: which they are, and where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_regular
from automl_datasets.naming import shown, suffix_of
from automl_datasets.sources._folder_tables import chosen, manifests_below
from automl_datasets.sources._manifest_tables import (
    Manifest,
    is_submission,
    joined,
    manifest_at,
)
from automl_datasets.sources._own_classes import own_classes
from automl_datasets.sources._split_files import split_word
from automl_datasets.sources.tables import SUFFIXES, Columns, columns_of
from automl_datasets.usual_names import SPLIT_NAMES

__all__ = [
    "Manifest",
    "ManifestRows",
    "left_table_notes",
    "manifest_at",
    "manifest_in",
    "refusal",
    "repeats_folders",
    "rows_of",
    "table_of",
]

_USUAL = ("labels", "manifest", "metadata", "annotations", "index", "data")


def manifest_in(folder: Path, target: str | None = None) -> Manifest | None:
    """Return the manifest that a folder holds, or `None`.

    Tables called `train` and `test` belong together; otherwise one of a usual name
    is taken, or the only one, or else one further below that names most samples of
    the folder and stands beside no class folders. Tables to hand in are none.

    Args:
        folder: Where to look.
        target: Target columns that the user asks for, which tell tables apart.
    """
    tables = [
        Path(entry.path)
        for entry in entries(folder)
        if suffix_of(entry.name) in SUFFIXES and is_regular(entry)
    ]
    tables = [file for file in tables if not is_submission(file.name)]
    declared = [(file, split_word(file.stem)) for file in tables]
    parts = [(file, split) for file, split in declared if split is not None]
    if "train" in {split for _, split in parts}:
        return _joined(parts) or _below(folder, target)
    usual = [file for name in _USUAL for file in tables if file.stem.lower() == name]
    for file in usual or (tables if len(tables) == 1 else []):
        if (manifest := manifest_at(file)) is not None:
            return manifest
    return _below(folder, target)


def _joined(parts: Sequence[tuple[Path, str]]) -> Manifest | None:
    """Return one manifest of the tables that have the columns of the training's."""
    found = [(m, split) for file, split in parts if (m := manifest_at(file))]
    train = next((m for m, split in found if split == "train"), None)
    return None if train is None else joined(train, found)


def _below(folder: Path, target: str | None) -> Manifest | None:
    found = _found_below(folder).taken
    repeating = [manifest for manifest in found if repeats_folders(manifest)]
    return chosen(repeating or found, target)


class _Below(NamedTuple):
    """Tables that name most files of a folder.

    Attributes:
        taken: Those that may tell the labels.
        left: Those that lie beside class folders, which come before them.
    """

    taken: list[Manifest]
    left: list[Manifest]


def _found_below(folder: Path) -> _Below:
    try:
        found = manifests_below(folder)
        # By far most folders hold no table deeper down, and are not looked through.
        deeper = any(table_of(manifest).parent != folder for manifest in found)
        classes = own_classes(folder) if deeper else []
    except DataError:  # what cannot be listed may hold files of the same names
        return _Below([], [])
    taken = [m for m in found if _is_above(table_of(m), classes)]
    left = [m for m in found if not _is_above(table_of(m), classes)]
    return _Below(taken, [m for m in left if not _is_within(table_of(m), classes)])


def table_of(manifest: Manifest) -> Path:
    """Return the first file of a manifest."""
    return manifest.files[0].path


def _is_above(table: Path, classes: Sequence[Path]) -> bool:
    return all(folder.is_relative_to(table.parent) for folder in classes)


def _is_within(table: Path, classes: Sequence[Path]) -> bool:
    return any(map(table.is_relative_to, classes))


def left_table_notes(folder: Path) -> list[str]:
    """Return what to say of tables that are left because there are class folders."""
    folder = folder.absolute()  # `.` has no name to say
    left = [m for m in _found_below(folder).left if not repeats_folders(m)]
    tables = [file.path for manifest in left for file in manifest.files]
    return [
        f"{shown(str(table.relative_to(folder)))} names the files too, but the folders "
        f"are the classes; to use its labels, copy it into {shown(folder.name)}/ and "
        "give the copy."
        for table in tables
    ]


def repeats_folders(manifest: Manifest) -> bool:
    """Return whether the table says only what the folders of its files say.

    Some column does, and no column, nor several tables, declare splits besides.
    """
    paths = manifest.files[0].located(manifest.head[manifest.paths])
    parents = [PurePath(path).parts[:-1] for path in paths]
    others = [cells for name, cells in manifest.head.items() if name != manifest.paths]
    splits = [cells for cells in others if all(map(split_word, cells))]
    if len(manifest.files) > 1 or not all(_says(cells, parents) for cells in splits):
        return False
    return any(
        len(set(cells)) > 1
        and all(cell in parts for cell, parts in zip(cells, parents, strict=True))
        for cells in others
        if cells not in splits
    )


def _says(splits: Sequence[str], parents: Sequence[Sequence[str]]) -> bool:
    """Return whether the split of each file is that of one of its folders."""
    pairs = zip(splits, parents, strict=True)
    return all(split_word(split) in map(split_word, parts) for split, parts in pairs)


class ManifestRows(NamedTuple):
    """What a table of paths tells, row by row.

    Attributes:
        columns: Cells by the name of their column; paths with forward slashes.
        splits: The split of each row.
        split_name: The column that declares them, if one does.
        problems: `(file, what is wrong)` of rows that cannot be used.
    """

    columns: Columns
    splits: list[str | None]
    split_name: str | None
    problems: list[tuple[str, str]]


def rows_of(manifest: Manifest) -> ManifestRows:
    """Read all rows; those of blank cells alone are left out.

    Raises:
        DataError: If a file cannot be read.
    """
    columns: Columns = {name: [] for name in manifest.head}
    by_file: list[str | None] = []
    problems: list[tuple[str, str]] = []
    for file in manifest.files:
        found: list[str] = []
        part = columns_of(file.path, file.form, problems=found)
        part[manifest.paths] = file.located(part[manifest.paths])
        rows = zip(*(part[name] for name in columns), strict=True)
        filled = [row for row in rows if any(row)]
        for place, cells in enumerate(columns.values()):
            cells += [row[place] for row in filled]
        by_file += [file.split] * len(filled)
        problems += [(shown(file.path.name), problem) for problem in found]
    if len(manifest.files) > 1:
        return ManifestRows(columns, by_file, None, problems)
    for name, cells in columns.items():
        said = name.strip().lower() in SPLIT_NAMES
        if said and any(split_word(cell) for cell in cells):
            return ManifestRows(columns, [*map(split_word, cells)], name, problems)
    return ManifestRows(columns, by_file, None, problems)


def refusal(cell: str, folder: Path, *, found: bool = False) -> str | None:
    """Return why a path of a manifest is not used, or `None` if it may be.

    Args:
        cell: The path, relative to `folder` or absolute.
        folder: The folder of the manifest, resolved.
        found: Whether the table was found by the files of the folder: then nothing
            else is meant, and an absolute path may not lead out of it either.
    """
    if not cell or "\0" in cell:
        return "no path"
    path = folder / cell
    try:
        if not path.exists():
            return "there is no such file"
        free = PurePath(cell).is_absolute() and not found
        if not free and not path.resolve().is_relative_to(folder):
            return "leads out of the folder of the table"
    except (OSError, RuntimeError):  # a text too long for a name; a loop of links
        return "no path that can be followed"
    return None
