"""Files that a table names without their folder, without their ending, or by an id."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_folder, relative
from automl_datasets.media.registry import MEDIA, endings_of
from automl_datasets.naming import suffix_of
from automl_datasets.sources._split_words import splits_in

FEWEST_FOUND = 0.9  # share of the names in a column that are those of files
MOST_LOOKED_AT = 50_000  # files of a folder that nobody gave
_RUN = "run.json"  # what a folder of results of this tool holds
_FEWEST_SAMPLES = 8  # beside a table, that are no mere illustration of it
_ABOUT = frozenset({".csv", ".tab", ".tsv", ".txt"})  # may tell of samples
_DEEPEST = 3  # folders below the one that was given: beyond, it is no longer its own
_ENDINGS = frozenset().union(*map(endings_of, MEDIA))


def samples_below(folder: Path, *, most: int | None = None) -> list[str]:
    """Return the files in a folder, and in folders in it, that may be samples.

    Args:
        folder: Where to look; links to folders are not followed, since they may lead
            anywhere.
        most: Files to look at; all where it is `None`.

    Returns:
        Paths relative to `folder`, with forward slashes.

    Raises:
        DataError: If a folder cannot be listed.
    """
    return [
        relative(entry, folder).replace(os.sep, "/")
        for entry in islice(files_in(folder, _DEEPEST), most)
        if suffix_of(entry.name) in _ENDINGS
    ]


def samples_beside(table: Path) -> list[str]:
    """Return the files in the folder of a table, and below it, that may be samples.

    Returns:
        Paths as `samples_below` does, without tables and texts; none where there are
        too few for samples, or a folder cannot be listed.
    """
    try:
        below = samples_below(table.parent, most=MOST_LOOKED_AT)
    except DataError:
        return []
    files = [path for path in below if suffix_of(path) not in _ABOUT]
    return files if len(files) >= _FEWEST_SAMPLES else []


def files_in(folder: str | Path, deepest: int) -> Iterator[os.DirEntry[str]]:
    """Yield the files in a folder and in so many levels of folders below it.

    What a run of this tool wrote below the data tells nothing of it: predictions
    would be taken for labels.
    """
    for entry in entries(folder):
        if not is_folder(entry):
            yield entry
        elif deepest and not entry.is_symlink() and not _is_run(entry):
            yield from files_in(entry.path, deepest - 1)


def _is_run(entry: os.DirEntry[str]) -> bool:
    return os.path.isfile(os.path.join(entry.path, _RUN))  # noqa: PTH113, PTH118


def _names(path: str) -> Iterator[str]:
    """Yield what a file is called: the end of its path, with its ending or without."""
    for whole in (path, _without_ending(path)):
        yield whole
        while "/" in whole:
            whole = whole.partition("/")[2]
            yield whole


def _without_ending(path: str) -> str:
    stem, ending = os.path.splitext(path)  # noqa: PTH122 - 10 times as fast
    return os.path.splitext(stem)[0] if ending.lower() == ".gz" else stem  # noqa: PTH122


def _ids(path: str) -> Iterator[str]:
    """Yield what may be the id of a file: its folders, and how its name begins."""
    *folders, name = path.split("/")
    yield from folders
    for match in re.finditer(r"[^A-Za-z0-9]", name):
        yield name[: match.start()]


@dataclass(frozen=True)
class Listing:
    """Files, and how a table calls them.

    Attributes:
        files: Their paths, relative to one folder.
        names: What may stand in the table for the file of a path.
    """

    files: Sequence[str]
    names: Callable[[str], Iterator[str]]

    def located(self, cells: Iterable[str]) -> dict[str, str]:
        """Return the path by the cell that names it.

        What several files are called stands for none of them.
        """
        found, several = self._named(cells)
        return {cell: path for cell, path in found.items() if cell not in several}

    def shared(self, cells: Iterable[str]) -> set[str]:
        """Return the cells that several files are called."""
        return self._named(cells)[1]

    def _named(self, cells: Iterable[str]) -> tuple[dict[str, str], set[str]]:
        """Return a file by the cell that names it, and the cells that name several."""
        wanted = {cell.replace("\\", "/"): cell for cell in cells if cell}
        found: dict[str, str] = {}
        several: set[str] = set()
        for path in self.files:
            for name in wanted.keys() & set(self.names(path)):
                cell = wanted[name]
                if cell in found:
                    several.add(cell)
                found[cell] = path
        return found, several


def column_of_names(
    columns: Mapping[str, Sequence[str]], files: Sequence[str], *, table: str
) -> tuple[str, Listing] | None:
    """Return the column that names a file in nearly each row, if it is the only one.

    Args:
        columns: Cells by the name of their column.
        files: Their paths, relative to one folder.
        table: Name of the table without its ending. Where files of `train/` and of
            `test/` are called alike, those of the split that it declares are meant.

    Returns:
        The column, and the files as it names them; an id counts where nothing else
        names files.
    """
    able = {name: cells for name, cells in columns.items() if _may_name_files(cells)}
    if not able or not files:
        return None
    choices = [files]
    if (own := _of_split(files, table)) is not None:
        choices.append(own)
    for names in (_names, _ids):
        for choice in choices:
            listing = Listing(choice, names)
            located = listing.located({c for cells in able.values() for c in cells})
            naming = [name for name, cells in able.items() if _found(cells, located)]
            if naming:
                return (naming[0], listing) if len(naming) == 1 else None
    return None


def _found(cells: Sequence[str], located: Mapping[str, str]) -> bool:
    return sum(cell in located for cell in cells) >= FEWEST_FOUND * len(cells)


def _may_name_files(cells: Sequence[str]) -> bool:
    """Return whether each cell is a name of its own, of a file perhaps."""
    return (
        len(cells) > 1 and len(set(cells)) == len(cells) and all(map(_is_name, cells))
    )


def _is_name(cell: str) -> bool:
    return 0 < len(cell) < 256 and not {"\0", "\n"} & set(cell)


def _of_split(files: Sequence[str], table: str) -> list[str] | None:
    """Return the files in folders of the split that a table's name declares."""
    declared = splits_in(table)
    if len(declared) != 1:
        return None
    return [path for path in files if declared <= splits_in(path.rpartition("/")[0])]
