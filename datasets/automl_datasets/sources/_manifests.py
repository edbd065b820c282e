"""Tables whose one column holds paths of files: which they are, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_regular
from automl_datasets.naming import shown, suffix_of
from automl_datasets.sources._csv_form import CsvForm, plain, read_form
from automl_datasets.sources._file_names import (
    column_of_names,
    files_by_name,
    may_name_files,
)
from automl_datasets.sources._split_files import split_word
from automl_datasets.sources.tables import SUFFIXES, Columns, columns_of
from automl_datasets.usual_names import SPLIT_NAMES

_ROWS = 64  # rows that tell what a table is
_USUAL = ("labels", "manifest", "metadata", "annotations", "index", "data")


class ManifestFile(NamedTuple):
    """One file of a table of paths.

    Attributes:
        path: The file.
        form: How it is written.
        split: What its name declares; `None` for a single file.
    """

    path: Path
    form: CsvForm
    split: str | None = None


@dataclass(frozen=True)
class Manifest:
    """A table of paths, perhaps in several files, one for each split.

    Attributes:
        files: The files; at least one.
        paths: Name of the column of paths.
        head: The first rows of the first file.
        located: Where files lie that the table names without their folder or ending.
    """

    files: tuple[ManifestFile, ...]
    paths: str
    head: Columns
    located: Mapping[str, str] = field(default_factory=dict)


def manifest_at(file: Path) -> Manifest | None:
    """Return the manifest that a file is, or `None`."""
    if suffix_of(file.name) not in SUFFIXES:
        return None
    try:
        form, rows = read_form(file)
    except DataError:
        return None
    head = {
        name: [plain(row[place], form.decimal) for row in rows[:_ROWS]]
        for place, name in enumerate(form.names)
    }
    counts = {name: _existing(cells, file.parent) for name, cells in head.items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] == 0 or 2 * counts[best] < sum(map(bool, head[best])):
        return _by_names(ManifestFile(file, form), head)
    return Manifest((ManifestFile(file, form),), best, head)


def _by_names(file: ManifestFile, head: Columns) -> Manifest | None:
    """Return the manifest that a table is whose files lie in folders below it."""
    columns = {name: cells for name, cells in head.items() if may_name_files(cells)}
    if not columns:
        return None
    try:
        files = files_by_name(file.path.parent)
    except DataError:  # what cannot be listed may hold files of the same names
        return None
    column = column_of_names(columns, files)
    return None if column is None else Manifest((file,), column, head, files)


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
            same.append(other.files[0]._replace(split=split))
    return replace(manifest, files=tuple(same)) if len(same) > 1 else manifest


def repeats_folders(manifest: Manifest) -> bool:
    """Return whether the table says only what the folders of its files say.

    Some column does, and no column, nor several tables, declare splits besides.
    """
    paths = _located(manifest.head[manifest.paths], manifest)
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
        rows = zip(*(part[name] for name in columns), strict=True)
        filled = [row for row in rows if any(row)]
        for place, cells in enumerate(columns.values()):
            cells += [row[place] for row in filled]
        by_file += [file.split] * len(filled)
        problems += [(shown(file.path.name), problem) for problem in found]
    columns[manifest.paths] = _located(columns[manifest.paths], manifest)
    if len(manifest.files) > 1:
        return ManifestRows(columns, by_file, None, problems)
    for name, cells in columns.items():
        said = name.strip().lower() in SPLIT_NAMES
        if said and any(split_word(cell) for cell in cells):
            return ManifestRows(columns, [*map(split_word, cells)], name, problems)
    return ManifestRows(columns, by_file, None, problems)


def _located(cells: Sequence[str], manifest: Manifest) -> list[str]:
    located = manifest.located
    return [located.get(cell) or cell.replace("\\", "/") for cell in cells]


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
