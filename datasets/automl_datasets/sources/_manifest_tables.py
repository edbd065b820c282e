"""One table whose column holds paths of files: what it is, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.naming import suffix_of
from automl_datasets.sources._csv_form import CsvForm
from automl_datasets.sources._file_names import Listing, column_of_names, samples_below
from automl_datasets.sources.tables import SUFFIXES, Columns, head_of


class ManifestFile(NamedTuple):
    """One file of a table of paths.

    Attributes:
        path: The file.
        form: How it is written.
        split: What its name declares; `None` for a single file.
        listing: Files that it names without their folder or ending.
    """

    path: Path
    form: CsvForm
    split: str | None = None
    listing: Listing | None = None

    def located(self, cells: Sequence[str]) -> list[str]:
        """Return cells of the column of paths as paths, with forward slashes."""
        found = {} if self.listing is None else self.listing.located(cells)
        return [found.get(cell) or cell.replace("\\", "/") for cell in cells]


@dataclass(frozen=True)
class Manifest:
    """A table of paths, perhaps in several files, one for each split.

    Attributes:
        folder: Where paths count from, and what they may not lead out of.
        files: The files; at least one.
        paths: Name of the column of paths.
        head: The first rows of the leading file.
        rivals: Other tables of the folder that name its files as well.
        strangers: Tables of other splits whose paths are in no column of that name.
    """

    folder: Path
    files: tuple[ManifestFile, ...]
    paths: str
    head: Columns
    rivals: tuple[Path, ...] = ()
    strangers: tuple[Path, ...] = ()

    @property
    def leading(self) -> ManifestFile:
        """The file whose columns count: that to train on, or the only one."""
        return next((f for f in self.files if f.split == "train"), self.files[0])


def is_submission(name: str) -> bool:
    """Return whether a table's name says that it holds guesses to hand in, no labels.

    Example:
        >>> is_submission("sampleSubmission.csv"), is_submission("train.csv")
        (True, False)
    """
    return "submission" in name.lower()


def known_head(file: Path) -> tuple[CsvForm, Columns] | None:
    """Return how a table is written and its first rows; `None` if it is none."""
    if suffix_of(file.name) not in SUFFIXES:
        return None
    try:
        return head_of(file)
    except DataError:
        return None


def manifest_at(file: Path) -> Manifest | None:
    """Return the manifest that a file is, or `None`."""
    known = known_head(file)
    if known is None:
        return None
    form, head = known
    counts = {name: _existing(cells, file.parent) for name, cells in head.items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] == 0 or 2 * counts[best] < sum(map(bool, head[best])):
        return _by_names(ManifestFile(file, form), head)
    return Manifest(file.parent, (ManifestFile(file, form),), best, head)


def _by_names(file: ManifestFile, head: Columns) -> Manifest | None:
    """Return the manifest that a table is whose files lie in folders below it."""
    try:
        files = samples_below(file.path.parent)
    except DataError:  # what cannot be listed may hold files of the same names
        return None
    return manifest_among(file, head, file.path.parent, files)


def manifest_among(
    file: ManifestFile, head: Columns, folder: Path, files: Sequence[str]
) -> Manifest | None:
    """Return the manifest of files that a table is, or `None`.

    Args:
        file: The table.
        head: Its first rows.
        folder: Where the files are.
        files: Their paths, relative to it.
    """
    found = column_of_names(head, files, table=file.path.stem)
    if found is None:
        return None
    column, listing = found
    return Manifest(folder, (file._replace(listing=listing),), column, head)


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


def joined(train: Manifest, parts: Sequence[tuple[Manifest, str]]) -> Manifest:
    """Return one manifest of the tables with paths in the column of the training's.

    Whether they have its labels too is seen when it is known which these are.

    Args:
        train: The manifest of the training split.
        parts: All manifests, itself among them, each with its split.
    """
    same = [
        other.files[0]._replace(split=split)
        for other, split in parts
        if other.paths == train.paths
    ]
    others = [m.files[0].path for m, _ in parts if m.paths != train.paths]
    whole = replace(train, strangers=tuple(others))
    return replace(whole, files=tuple(same)) if len(same) > 1 else whole
