"""Tables whose one column holds paths of files: which they are, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_regular
from automl_datasets.naming import suffix_of
from automl_datasets.sources._split_files import split_word
from automl_datasets.tables import SUFFIXES, Columns, read_columns

_ROWS = 64  # rows that tell what a table is
_USUAL = ("labels", "manifest", "metadata", "annotations", "index", "data")


@dataclass(frozen=True)
class Manifest:
    """A table of paths, perhaps in several files, one for each split.

    Attributes:
        files: `(file, split)` of each; the split is `None` for a single file.
        paths: Name of the column of paths.
        head: The first rows of the first file.
    """

    files: tuple[tuple[Path, str | None], ...]
    paths: str
    head: Columns


def manifest_at(file: Path) -> Manifest | None:
    """Return the manifest that a file is, or `None`."""
    if suffix_of(file.name) not in SUFFIXES:
        return None
    try:
        head = read_columns(file, rows=_ROWS)
    except DataError:
        return None
    counts = {name: _existing(cells, file.parent) for name, cells in head.items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] == 0 or 2 * counts[best] < sum(map(bool, head[best])):
        return None
    return Manifest(((file, None),), best, head)


def _existing(cells: Sequence[str], folder: Path) -> int:
    return sum(_exists(folder, cell) for cell in cells)


def _exists(folder: Path, cell: str) -> bool:
    # Numbers and single words are labels, even where a folder is called like them.
    if not cell or "\0" in cell or not ("." in cell or "/" in cell or "\\" in cell):
        return False
    try:
        return (folder / cell.replace("\\", "/")).exists()
    except OSError:  # a text too long for a file name
        return False


def manifest_in(folder: Path) -> Manifest | None:
    """Return the manifest that a folder holds, or `None`.

    Tables called `train` and `test` belong together; otherwise one of a usual name
    is taken, or the only one.
    """
    tables = [
        Path(entry.path)
        for entry in entries(folder)
        if suffix_of(entry.name) in SUFFIXES and is_regular(entry)
    ]
    declared = [(file, split_word(file.stem)) for file in tables]
    parts = [(file, split) for file, split in declared if split is not None]
    if "train" in {split for _, split in parts}:
        return _joined(parts)
    usual = [file for name in _USUAL for file in tables if file.stem.lower() == name]
    for file in usual or (tables if len(tables) == 1 else []):
        if (manifest := manifest_at(file)) is not None:
            return manifest
    return None


def _joined(parts: Sequence[tuple[Path, str | None]]) -> Manifest | None:
    """Return one manifest of the tables that have the columns of the training's."""
    train = next(file for file, split in parts if split == "train")
    manifest = manifest_at(train)
    if manifest is None:
        return None
    same = []
    for file, split in parts:
        other = manifest_at(file)
        if other is not None and set(other.head) == set(manifest.head):
            same.append((file, split))
    return Manifest(tuple(same), manifest.paths, manifest.head)


def repeats_folders(manifest: Manifest) -> bool:
    """Return whether some column says only what the folders of the files say."""
    parents = [
        set(PurePath(cell.replace("\\", "/")).parts[:-1])
        for cell in manifest.head[manifest.paths]
    ]
    return any(
        len(set(cells)) > 1
        and all(cell in parts for cell, parts in zip(cells, parents, strict=True))
        for name, cells in manifest.head.items()
        if name != manifest.paths and not all(split_word(cell) for cell in cells)
    )


def refusal(cell: str, folder: Path) -> str | None:
    """Return why a path of a manifest is not used, or `None` if it may be.

    Args:
        cell: The path, relative to `folder` or absolute.
        folder: The folder of the manifest, resolved.
    """
    if not cell or "\0" in cell:
        return "no path"
    path = folder / cell
    try:
        if not path.exists():
            return "there is no such file"
        if not PurePath(cell).is_absolute() and not path.resolve().is_relative_to(
            folder
        ):
            return "leads out of the folder of the table"
    except (OSError, RuntimeError):  # a text too long for a name; a loop of links
        return "no path that can be followed"
    return None
