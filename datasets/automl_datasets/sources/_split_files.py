"""Files that are one data set: `NAME_TRAIN` and `NAME_TEST`, found from either."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_folder, is_regular
from automl_datasets.naming import shown, suffix_of
from automl_datasets.samples import SPLITS
from automl_datasets.sources._split_words import MEANT, split_word

_ENDING = re.compile(rf"(?:(.*)[_\-. ])?({MEANT})", re.IGNORECASE | re.DOTALL)


class SplitFiles(NamedTuple):
    """The files of a data set.

    Attributes:
        files: Each with the split that its name declares, `None` where it stands alone.
        notes: One sentence each.
    """

    files: tuple[tuple[str | None, Path], ...]
    notes: tuple[str, ...] = ()


def split_of(path: Path) -> tuple[str, str] | None:
    """Return the data set's name, in lower case, and the split, or `None`.

    Example:
        >>> split_of(Path("ECG200_TRAIN.ts")), split_of(Path("test.csv"))
        (('ecg200', 'train'), ('', 'test'))
        >>> split_of(Path("latest.csv")) is None
        True
    """
    match = _ENDING.fullmatch(path.stem)
    split = split_word(match[2]) if match else None
    return ((match[1] or "").lower(), split) if match and split else None


def split_files(path: Path) -> SplitFiles:
    """Return the files of the data set that a file is part of.

    Files belong together when their names differ in the split alone, and train and
    test (or validation) are both there; upper and lower case are the same.
    """
    named = split_of(path)
    together = _beside(path, named[0]) if named else {}
    if named is None or "train" not in together or len(together) < 2:
        return SplitFiles(((None, path),))
    together[named[1]] = path
    files = tuple((split, together[split]) for split in SPLITS if split in together)
    others = [shown(file.name) for _, file in files if file != path]
    note = (
        f"Splits kept as given by {shown(path.name)} and {', '.join(others)} beside it."
    )
    return SplitFiles(files, (note,))


def other_splits(path: Path) -> list[Path]:
    """Return the other files of the data set that a file is part of.

    A folder holds all of its data set.
    """
    if path.is_dir():
        return []
    return [file for _, file in split_files(path).files if file != path]


def first_file(folder: Path, suffixes: frozenset[str]) -> Path | None:
    """Return a file of a folder that holds a data set: for training, or the only one.

    Raises:
        DataError: If it holds several data sets of these endings.
    """
    visible = entries(folder)
    found: dict[str, Path] = {}
    for path, (name, split) in _named(visible, suffixes):
        if split == "train":
            found.setdefault(name, path)
    if len(found) > 1:
        names = ", ".join(shown(path.name) for path in found.values())
        raise DataError(
            f"{folder} holds {len(found)} data sets ({names}); give the path of one."
        )
    return next(iter(found.values()), None) or _only_file(visible, suffixes)


def candidate_file(folder: Path, suffixes: frozenset[str]) -> Path | None:
    """Return what `first_file` does, or one of several data sets."""
    visible = entries(folder)
    for path, (_, split) in _named(visible, suffixes):
        if split == "train":
            return path
    return _only_file(visible, suffixes)


def _only_file(
    visible: Sequence[os.DirEntry[str]], suffixes: frozenset[str]
) -> Path | None:
    """Return the only file of these endings in a folder that holds no folders.

    Beside folders, it is as likely something about the data as the data.
    """
    ending = (entry for entry in visible if suffix_of(entry.name) in suffixes)
    found = [Path(entry.path) for entry in ending if is_regular(entry)]
    alone = len(found) == 1 and not any(is_folder(entry) for entry in visible)
    return found[0] if alone else None


def _beside(path: Path, name: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    alike = frozenset({path.suffix.lower()})
    for other, (its_name, split) in _named(entries(path.parent), alike):
        if its_name == name:
            found.setdefault(split, other)
    return found


def _named(
    visible: Iterable[os.DirEntry[str]], suffixes: frozenset[str]
) -> Iterator[tuple[Path, tuple[str, str]]]:
    for entry in visible:
        if suffix_of(entry.name) not in suffixes:
            continue
        path = Path(entry.path)
        named = split_of(path)
        if named is not None and entry.is_file():
            yield path, named
