"""A list that tells the split of each sample by a flag, as `train_test_split.txt`.

Its lines are `id 1`, where 1 is the split that its name has first, and 0 the other;
another list beside it, such as `images.txt`, tells the path of each id. Paths may stand
in place of ids, and the names of splits in place of flags.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from automl_datasets.naming import counted, shown
from automl_datasets.sources._listed_names import KnownNames, lines_of
from automl_datasets.sources._split_lists import KNOWN, SplitLists, files_beside
from automl_datasets.sources._split_words import divided, words_of

_FIRST_FIELD = re.compile(r"(\S+?)[\s,;]+(.+)")
_LAST_FIELD = re.compile(r"(.+?)[\s,;]+([^\s,;]+)")
_TRIED = 20  # lines, none of which names a sample, tell that a list has no paths


class _Flags(NamedTuple):
    """A list of flags.

    Attributes:
        file: The list.
        meant: The split that each flag means.
        splits: The split of each id, or path.
    """

    file: Path
    meant: Mapping[str, str]
    splits: Mapping[str, str]


def split_flags(
    path: Path, top: Path, names: Collection[str], classes: Collection[str]
) -> SplitLists | None:
    """Return what such a list in a folder says of its samples, or `None`.

    Args:
        path: The folder that was given.
        top: The folder that all samples lie in or below: `path`, or one in it.
        names: The samples: their paths below `path`.
        classes: Names of the folders in `top` that hold samples and no lists.
    """
    for files in files_beside(path, top, names, classes):
        for file in files:
            if (flags := _flags(file)) is None:
                continue
            known = KnownNames(names, os.path.relpath(top, path))
            for ids in _ids(flags, [other for other in files if other != file]):
                splits = _located(flags, ids, known)
                if len(splits) >= KNOWN * len(flags.splits):
                    return _followed(flags, ids, splits, path, len(names))
    return None


def _ids(flags: _Flags, others: Sequence[Path]) -> list[Path | None]:
    """Return the lists that may tell the path of each id; `None`: ids are paths.

    Numbers may be the names of other samples as well, so that lists come first.
    """
    numbers = all(map(str.isdecimal, flags.splits))
    return [*others, None] if numbers else [None, *others]


def _flags(file: Path) -> _Flags | None:
    meant = _meaning(file.stem)
    if meant is None:
        return None
    matches = [_LAST_FIELD.fullmatch(line) for line in lines_of(file)]
    told = [(match[1], meant.get(match[2].lower())) for match in matches if match]
    splits = {key: split for key, split in told if split is not None}
    whole = len(splits) >= len(matches) - 1  # the first line may be a header
    return (
        _Flags(file, meant, splits) if whole and len({*splits.values()}) > 1 else None
    )


def _meaning(stem: str) -> dict[str, str] | None:
    """Return what flags mean in a list of a name with two splits, or `None`.

    A list such as `train_val` rather holds the samples of both, perhaps with labels,
    which may be 0 and 1 as well.

    Example:
        >>> _meaning("train_test_split")
        {'1': 'train', '0': 'test', 'train': 'train', 'test': 'test'}
        >>> _meaning("test_split") is _meaning("train_val") is None
        True
    """
    others, splits = divided(words_of(stem))
    two = len(splits) == 2 and splits[0] == "train" != splits[1]
    if not two or "split" not in others:
        return None
    return {"1": "train", "0": splits[1], **{split: split for split in splits}}


def _located(flags: _Flags, ids: Path | None, known: KnownNames) -> dict[str, str]:
    """Return the split of each sample that is named by its path, or by its id."""
    paths = {key: key for key in flags.splits} if ids is None else _paths(ids, known)
    found = {
        known.find(paths[key].replace("\\", "/")): split
        for key, split in flags.splits.items()
        if key in paths
    }
    return {name: split for name, split in found.items() if name is not None}


def _paths(ids: Path, known: KnownNames) -> dict[str, str]:
    """Return what stands after each id of a list; nothing if it names no samples."""
    begun = [match[2] for match in _pairs(ids, _TRIED) if match]
    if not any(known.find(path.replace("\\", "/")) for path in begun):
        return {}
    return {match[1]: match[2] for match in _pairs(ids, None) if match}


def _pairs(file: Path, most: int | None) -> list[re.Match[str] | None]:
    return [_FIRST_FIELD.fullmatch(line) for line in islice(lines_of(file), most)]


def _followed(
    flags: _Flags,
    ids: Path | None,
    splits: Mapping[str, str],
    path: Path,
    count: int,
) -> SplitLists:
    files = [flags.file] if ids is None else [flags.file, ids]
    listed = [shown(str(file.relative_to(path))) for file in files]
    told = f"1 is train and 0 is {flags.meant['0']}"
    through = "" if ids is None else f"; {listed[1]} tells which samples are meant"
    notes = [f"Splits kept as given by {listed[0]}, where {told}{through}."]
    if left := count - len(splits):
        notes.append(f"Left out {counted(left, 'sample')} that no list names.")
    return SplitLists(splits, None, frozenset(listed), frozenset(), tuple(notes))
