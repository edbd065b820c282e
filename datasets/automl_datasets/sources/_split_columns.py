"""Columns that declare splits: which one does, and the split of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from automl_datasets.sources._split_words import split_word
from automl_datasets.usual_names import SPLIT_NAMES


class RowSplit(NamedTuple):
    """What a table says of the split of a row.

    Attributes:
        split: `train`, `val` or `test`, or `None` where it says nothing.
        refusal: Why the row cannot be used, or `None`.
    """

    split: str | None
    refusal: str | None = None


def split_column(columns: Mapping[str, Sequence[str]]) -> str | None:
    """Return the column that declares splits, the likeliest name first, or `None`.

    Args:
        columns: Cells by the name of their column.

    Example:
        >>> split_column({"fold": ["train"], "Split": ["test"], "set": ["a"]})
        'Split'
    """
    usual = {name.strip().lower(): name for name in reversed(list(columns))}
    found = [usual[key] for key in SPLIT_NAMES if key in usual]
    return next((n for n in found if any(map(split_word, {*columns[n]}))), None)


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
