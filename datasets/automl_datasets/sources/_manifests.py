"""Tables whose one column holds paths of files: which they are, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
from automl_datasets.sources._split_files import split_files
from automl_datasets.sources._split_words import split_word
from automl_datasets.sources.tables import SUFFIXES

__all__ = [
    "Manifest",
    "left_table_notes",
    "manifest_at",
    "manifest_in",
    "manifest_of",
    "repeats_folders",
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


def manifest_of(file: Path) -> Manifest | None:
    """Return the manifest that a file is, or `None`.

    A table to train on has those of the other splits beside it. They themselves stand
    alone: each may be given to be scored on.
    """
    parts = [(other, split) for split, other in split_files(file).files if split]
    return _joined(parts) if (file, "train") in parts else manifest_at(file)


def _joined(parts: Sequence[tuple[Path, str]]) -> Manifest | None:
    """Return one manifest of tables of splits; `None` if that to train on is none."""
    found = [(m, split) for file, split in parts if (m := manifest_at(file))]
    train = next((m for m, split in found if split == "train"), None)
    if train is None:
        return None
    whole = joined(train, found)
    naming = {table_of(manifest) for manifest, _ in found}
    others = [file for file, _ in parts if file not in naming]
    return replace(whole, strangers=(*whole.strangers, *others))


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

    Some column does, and no column, nor several tables of it, declare splits besides.
    """
    leading = manifest.leading
    paths = leading.located(manifest.head[manifest.paths])
    parents = [PurePath(path).parts[:-1] for path in paths]
    others = {n: cells for n, cells in manifest.head.items() if n != manifest.paths}
    splits = [cells for cells in others.values() if all(map(split_word, cells))]
    if not all(_says(cells, parents) for cells in splits):
        return False
    repeating = {
        name
        for name, cells in others.items()
        if cells not in splits
        and len(set(cells)) > 1
        and all(cell in parts for cell, parts in zip(cells, parents, strict=True))
    }
    beside = [file.form.names for file in manifest.files if file is not leading]
    return bool(repeating) and all(repeating.isdisjoint(names) for names in beside)


def _says(splits: Sequence[str], parents: Sequence[Sequence[str]]) -> bool:
    """Return whether the split of each file is that of one of its folders."""
    pairs = zip(splits, parents, strict=True)
    return all(split_word(split) in map(split_word, parts) for split, parts in pairs)
