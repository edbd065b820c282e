"""What the columns of a table look like, and what they may be for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from automl_datasets.missing import is_missing
from automl_datasets.sources._csv_form import number

ROW_NAMES = ("", "index", "unnamed: 0", "row", "uid", "key")
_ID = re.compile(r"\s*(?=\D*\d)[\w-]+\s*", re.ASCII)  # addresses have dots
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TIME = (
    r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
    r"\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_WRITTEN = re.compile(  # dates and times of day, and nothing more
    rf"""(?:[a-z]{{3,9}},?[ ])?
    (?: \d{{1,4}}([-/.])\d{{1,2}}\1\d{{1,4}} | {_MONTH}[ ](?:\d{{1,2}},?[ ])?\d{{4}}
      | \d{{1,2}}\.?[ -]{_MONTH}[ -]\d{{2,4}} )
    (?:[ T,]+{_TIME})? | \d{{4}}-\d{{2}} | {_TIME}""",
    re.IGNORECASE | re.VERBOSE,
)
FEWEST_WORDS = 2.5  # on average, in a column of texts
_FEWEST_CHARACTERS = 16
_FEWEST_DISTINCT = 0.3
_LISTS_TRIED = 40
MOST_SPOILT = 0.05  # share of cells of a column of numbers that are none


class Roles(NamedTuple):
    """What the columns of a table are for, by their names.

    Attributes:
        form: `text`, `wide` (a series a row), `pixels` (an image a row), `cells` (an
            image a cell) or `long` (a step a row).
        values: Columns of the values by channel; of texts and cells, their one column.
        targets: Columns of the labels.
        series: Column that tells series apart; long tables only.
        time: Column that orders the steps of a series; long tables only.
        split: Column of declared splits.
        group: Column of groups, where one was asked for.
        notes: One sentence each.
    """

    form: str
    values: tuple[tuple[str, ...], ...]
    targets: tuple[str, ...]
    series: str | None = None
    time: str | None = None
    split: str | None = None
    group: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column as the first rows show it."""

    name: str
    cells: tuple[str, ...]
    decimal: str

    @property
    def key(self) -> str:
        """The name as usual names are compared with it."""
        return self.name.strip().lower()

    @cached_property
    def present(self) -> list[str]:
        """The cells that are not missing."""
        return [cell for cell in self.cells if not is_missing(cell)]

    @cached_property
    def numeric(self) -> bool:
        """Whether it holds numbers; a few cells may be spoilt."""
        values = [number(cell, self.decimal) for cell in self.present]
        return bool(values) and values.count(None) <= MOST_SPOILT * len(values)

    @cached_property
    def whole(self) -> bool:
        """Whether it holds whole numbers, and nothing else."""
        values = [number(cell, self.decimal) for cell in self.present]
        return all(value is not None and value.is_integer() for value in values)

    @cached_property
    def distinct(self) -> int:
        """Number of different values."""
        return len(set(self.present))

    @cached_property
    def length(self) -> float:
        """Characters a cell, on average."""
        return sum(map(len, self.present)) / max(1, len(self.present))

    @cached_property
    def words(self) -> float:
        """Words a cell, on average."""
        return sum(len(c.split()) for c in self.present) / max(1, len(self.present))

    @cached_property
    def lists(self) -> list[list[float]]:
        """The numbers in the first cells, where they hold several between blanks."""
        cells = self.present[:_LISTS_TRIED]
        found = [values for values in map(_several_numbers, cells) if values]
        return found if len(cells) - len(found) <= MOST_SPOILT * len(cells) else []

    @cached_property
    def is_text(self) -> bool:
        """Whether it holds sentences, rather than a few names."""
        if self.numeric or self.lists or not self.present:
            return False
        varied = self.distinct >= _FEWEST_DISTINCT * len(self.present)
        long = self.words >= FEWEST_WORDS or self.length >= _FEWEST_CHARACTERS
        return varied and long and not all(map(_is_dated, self.present[:20]))

    @cached_property
    def is_id(self) -> bool:
        """Whether it names each row: one word with a digit in it, never the same."""
        cells = self.present
        return self.distinct == len(cells) and all(map(_ID.fullmatch, cells))


def _several_numbers(cell: str) -> list[float]:
    """Return the numbers between blanks in a cell; none where it holds others."""
    values = [number(part) for part in cell.split()]
    told = [value for value in values if value is not None]
    return told if len(told) == len(values) > 1 else []


def _is_dated(cell: str) -> bool:
    """Return whether a cell is a date or a time of day, however it is written.

    Example:
        >>> [_is_dated(c) for c in ("Jan 1 2000", "1/31/2015 04:00", "12-May-1999")]
        [True, True, True]
        >>> [_is_dated(c) for c in ("May 1999", "May I come in", "1/2/2020 9:33 boot")]
        [True, False, False]
    """
    return _WRITTEN.fullmatch(cell.strip()) is not None


def column_called(columns: Sequence[Column], key: str) -> Column | None:
    """Return the column of a usual name, in whatever case it is written."""
    return next((column for column in columns if column.key == key), None)
