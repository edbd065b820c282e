"""Files that a table names without their folder, or without their ending."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from automl_datasets.listing import entries, is_folder, relative
from automl_datasets.media.registry import MEDIA, endings_of

_DEEPEST = 2  # folders below that of the table: beyond, it is no longer its own
_FEWEST_FOUND = 0.9  # share of the names in a column that are those of files
_ENDINGS = frozenset().union(*map(endings_of, MEDIA))


def files_by_name(folder: Path) -> dict[str, str]:
    """Return the files in a folder, and in folders in it, by what they may be called.

    Args:
        folder: Where to look; what lies more than two folders below is left out.

    Returns:
        Paths relative to `folder` by the name of the file, and by that without its
        ending. What several files are called stands for none of them.

    Raises:
        DataError: If a folder cannot be listed.
    """
    found: dict[str, str] = {}
    times: Counter[str] = Counter()
    for entry in _below(folder, _DEEPEST):
        stem, ending = os.path.splitext(entry.name)  # noqa: PTH122 - 10 times as fast
        if ending.lower() not in _ENDINGS:
            continue
        if ending.lower() == ".gz":
            stem = os.path.splitext(stem)[0]  # noqa: PTH122
        for name in {entry.name, stem}:
            times[name] += 1
            found[name] = relative(entry, folder)
    return {name: path for name, path in found.items() if times[name] == 1}


def _below(folder: str | Path, deepest: int) -> Iterator[os.DirEntry[str]]:
    for entry in entries(folder):
        if not is_folder(entry):
            yield entry
        elif deepest and not entry.is_symlink():  # a link may lead anywhere
            yield from _below(entry.path, deepest - 1)


def column_of_names(
    columns: Mapping[str, Sequence[str]], files: Mapping[str, str]
) -> str | None:
    """Return the column that names a file in nearly each row, if it is the only one."""
    naming = [
        name
        for name, cells in columns.items()
        if sum(cell in files for cell in cells) >= _FEWEST_FOUND * len(cells)
    ]
    return naming[0] if len(naming) == 1 else None


def may_name_files(cells: Sequence[str]) -> bool:
    """Return whether each cell is a name of its own, of a file perhaps."""
    return (
        len(cells) > 1 and len(set(cells)) == len(cells) and all(map(_is_name, cells))
    )


def _is_name(cell: str) -> bool:
    return 0 < len(cell) < 256 and not {"/", "\\", "\0", "\n"} & set(cell)
