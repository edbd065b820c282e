"""Columns that declare splits: which one does, and the split of each row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from automl_datasets.sources._split_words import MEANT, split_word, words_of
from automl_datasets.target_columns import usual_targets
from automl_datasets.usual_names import SPLIT_NAMES

_FLAG = re.compile(rf"is[_\-. ]?({MEANT})(?:[_\-. ](?:img|image|sample|split|data))?")
_FLAGS = {"true": "1", "1": "1", "1.0": "1", "false": "0", "0": "0", "0.0": "0"}
_TELLING = frozenset(
    {"split", "set", "dataset", "subset", "partition", "phase", "usage"}
)
_NUMBERED = frozenset({"split", "partition", "subset"})  # a `set` may be of anything
_MOST_SPLITS = 5


class RowSplit(NamedTuple):
    """What a table says of the split of a row.

    Attributes:
        split: `train`, `val` or `test`, or `None` where it says nothing.
        refusal: Why the row cannot be used, or `None`.
    """

    split: str | None
    refusal: str | None = None


def split_column(
    columns: Mapping[str, Sequence[str]], target: str | None = None
) -> str | None:
    """Return the column that declares splits, the likeliest name first, or `None`.

    Whatever its name, one that holds the words of splits and nothing else does, where
    training is among them. So does a flag such as `is_valid`, where the label is told:
    without one, the flag may be the label.

    Args:
        columns: Cells by the name of their column.
        target: Columns that the user says are targets, separated by commas.

    Example:
        >>> split_column({"fold": ["train"], "Split": ["test"], "set": ["a"]})
        'Split'
        >>> split_column({"label": ["a", "b"], "is_valid": ["True", "False"]})
        'is_valid'
    """
    asked = {target, *(name.strip() for name in (target or "").split(","))}
    free = {name: {*cells} - {""} for name, cells in columns.items()}
    free = {name: cells for name, cells in free.items() if name not in asked}
    usual = {_key(name): name for name in reversed(list(free))}
    named = [usual[key] for key in SPLIT_NAMES if key in usual]
    found = [name for name in named if any(map(split_word, free[name]))]
    if target is not None or usual_targets(usual):
        found += [name for name, cells in free.items() if _are_flags(name, cells)]
    found += [name for name, cells in free.items() if _are_splits(name, cells)]
    return next(iter(found), None)


def _key(name: str) -> str:
    return name.strip().lower()


def _are_splits(name: str, cells: Collection[str]) -> bool:
    """Return whether cells name training and another split, and nothing else.

    Sorted rows may begin with those of training alone: then the name has to tell.
    """
    splits = {split_word(cell) for cell in cells}
    telling = not _TELLING.isdisjoint(words_of(name))
    return None not in splits and "train" in splits and (len(splits) > 1 or telling)


def _are_flags(name: str, cells: Collection[str]) -> bool:
    flagged = _FLAG.fullmatch(_key(name)) is not None
    return flagged and bool(cells) and {_key(cell) for cell in cells} <= _FLAGS.keys()


def as_split_words(name: str | None, cells: Sequence[str]) -> list[str]:
    """Return the cells of a column of splits as words; those of flags are put so.

    Example:
        >>> as_split_words("is_valid", ["True", "0", ""])
        ['val', 'train', '']
        >>> as_split_words("split", ["Test", "train"])
        ['Test', 'train']
    """
    match = None if name is None else _FLAG.fullmatch(_key(name))
    meant = match and split_word(match[1])
    if not meant:
        return list(cells)
    words = {"1": meant, "0": "test" if meant == "train" else "train"}
    return [words.get(_FLAGS.get(_key(cell), ""), cell) for cell in cells]


def split_notes(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what to say of columns that are called like splits and hold numbers.

    Args:
        columns: Cells of the columns that are not used, by their names.
    """
    notes = []
    for name, cells in columns.items():
        numbers = sorted({*cells} - {""})
        few = 1 < len(numbers) <= _MOST_SPLITS and all(map(str.isdecimal, numbers))
        if few and not _NUMBERED.isdisjoint(words_of(name)):
            notes.append(
                f"The column {name!r} is not used, since nothing says which splits its "
                f"numbers {', '.join(numbers)} mean; write train, val and test in "
                "their place to keep them."
            )
    return notes


def folder_splits(paths: Sequence[str]) -> list[str] | None:
    """Return the split that the folders of each path declare.

    Args:
        paths: Paths with forward slashes.

    Returns:
        A split for each; `None` where some have none, or all the same.

    Example:
        >>> folder_splits(["train/a.png", "images/test/b.png"])
        ['train', 'test']
        >>> folder_splits(["train/a.png", "b.png"]) is None
        True
    """
    found: list[str] = []
    for path in paths:
        splits = {*map(split_word, path.split("/")[:-1])} - {None}
        if len(splits) != 1:
            return None
        found += [split for split in splits if split]
    return found if "train" in found and len({*found}) > 1 else None


def row_splits(cells: Sequence[str], of_file: str | None) -> list[RowSplit]:
    """Return the split of each row.

    What is not said for training, validation or test is divided later. But where some
    rows are said to be for training, an empty cell leaves open what is meant.

    Args:
        cells: Cells of the column of splits; empty ones where there is none.
        of_file: The split that the file declares, which holds where a cell does not.

    Example:
        >>> row_splits(["test", ""], None)
        [RowSplit(split='test', refusal=None), RowSplit(split=None, refusal=None)]
        >>> row_splits(["train", ""], None)[1].refusal
        'has no split, though other rows have'
    """
    meant = {cell: split_word(cell) for cell in set(cells)}
    told = {cell: _told(cell, split or of_file) for cell, split in meant.items()}
    if of_file is None and "" in told and "train" in meant.values():
        told[""] = RowSplit(None, "has no split, though other rows have")
    return [told[cell] for cell in cells]


def _told(cell: str, split: str | None) -> RowSplit:
    if cell and split is None:
        return RowSplit(None, f"its split {cell!r} is none of train, val, test")
    return RowSplit(split)
