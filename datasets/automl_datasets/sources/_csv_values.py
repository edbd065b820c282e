"""What a table holds: texts, series a row, or series a step a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from automl_datasets.missing import is_missing
from automl_datasets.options import DataOptions
from automl_datasets.sources._csv_form import number
from automl_datasets.usual_names import GROUP_NAMES, TARGET_NAMES, TIME_NAMES

NUMBERED_TARGET = re.compile(r"(?:label|target|class)[ _.-]?\w+|y[ _]?\d+")
ROW_NAMES = ("", "index", "unnamed: 0", "row", "uid", "key")
_TEXT_NAMES = (
    "text", "sentence", "review", "content", "question", "tweet", "comment", "message",
    "body", "document",
)  # fmt: skip
_NUMBERED = re.compile(r"(.*?)[ _.\-]*(\d+(?:\.\d+)?)\D?", re.DOTALL)
_ID = re.compile(r"\s*(?=\D*\d)[\w-]+\s*", re.ASCII)  # addresses have dots
_DATED = re.compile(r"\d{4}-\d{2}(-\d{2}.*)?|\d{1,2}:\d{2}(:\d{2}.*)?")
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
_FEWEST_STEPS = 8
_FEWEST_WORDS = 2.5  # on average, in a column of texts
_FEWEST_CHARACTERS = 16
_FEWEST_ROWS_EACH = 2  # of a series, on average, in a long table
_FEWEST_DISTINCT = 0.3
_MOST_SPOILT = 0.05  # share of cells of a column of numbers that are none


class Roles(NamedTuple):
    """What the columns of a table are for, by their names.

    Attributes:
        form: `text`, `wide` (a series a row), `pixels` (an image a row) or `long` (a
            step a row).
        values: Columns of the values by channel; of a text, its one column.
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
        return bool(values) and values.count(None) <= _MOST_SPOILT * len(values)

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
    def is_text(self) -> bool:
        """Whether it holds sentences, rather than a few names."""
        if self.numeric or not self.present:
            return False
        varied = self.distinct >= _FEWEST_DISTINCT * len(self.present)
        long = self.words >= _FEWEST_WORDS or self.length >= _FEWEST_CHARACTERS
        return varied and long and not all(map(_is_dated, self.present[:20]))

    @cached_property
    def is_id(self) -> bool:
        """Whether it names each row: one word with a digit in it, never the same."""
        cells = self.present
        return self.distinct == len(cells) and all(map(_ID.fullmatch, cells))


def find_values(
    free: Sequence[Column], options: DataOptions, *, headed: bool
) -> Roles | None:
    """Return the form of the table and its columns of values.

    Args:
        free: Columns that have no other role yet.
        options: The kind that the user asks for.
        headed: Whether the columns have names of their own.
    """
    text = _text(free)
    if options.kind == "text":
        text = text or max(
            (c for c in free if not c.numeric), key=lambda c: c.length, default=None
        )
        return Roles("text", ((text.name,),), ()) if text else None
    runs = _runs(free, headed=headed, labelled=options.target is not None)
    if runs or text is None or options.kind == "series":
        if (long := _long(free)) is not None:
            return long
        if not runs and options.kind == "series":
            runs = _any_run(free)
        if runs:
            return Roles("wide", runs, ())
    return Roles("text", ((text.name,),), ()) if text else None


def _is_dated(cell: str) -> bool:
    """Return whether a cell is a date or a time of day, however it is written.

    Example:
        >>> [_is_dated(c) for c in ("Jan 1 2000", "1/31/2015 04:00", "12-May-1999")]
        [True, True, True]
        >>> [_is_dated(c) for c in ("May 1999", "May I come in", "1/2/2020 9:33 boot")]
        [True, False, False]
    """
    return _WRITTEN.fullmatch(cell.strip()) is not None


def _text(free: Sequence[Column]) -> Column | None:
    texts = [column for column in free if column.is_text]
    for name in _TEXT_NAMES:
        for column in texts:
            if column.key == name:
                return column
    # Of a title and what it stands above, the longer tells more; a web address is
    # long as well, but no sentence.
    return max(texts, key=lambda c: (c.words >= _FEWEST_WORDS, c.length), default=None)


def _runs(
    free: Sequence[Column], *, headed: bool, labelled: bool
) -> tuple[tuple[str, ...], ...]:
    """Return the columns that are steps of series, by channel.

    Their names count up: `t0, t1, …`, or dates or times of day. Several such runs of
    equal numbers are channels.

    Args:
        free: As `find_values` takes it.
        headed: As `find_values` takes it.
        labelled: Whether the label is in none of these columns.
    """
    numeric = [c for c in free if c.numeric and c.key not in TARGET_NAMES]
    if not headed:
        return _headless_run(free, labelled=labelled)
    runs: dict[str, list[tuple[float | str, str]]] = {}
    for column in numeric:
        prefix, place = _place(column.name)
        if place is not None:
            runs.setdefault(prefix, []).append((place, column.name))
    long = {p: run for p, run in runs.items() if len(run) >= _FEWEST_STEPS}
    rising = [run for run in long.values() if _rises([place for place, _ in run])]
    if not rising:
        return ()
    longest = max(rising, key=len)
    steps = [place for place, _ in longest]
    alike = [run for run in rising if [place for place, _ in run] == steps]
    return tuple(tuple(name for _, name in run) for run in alike)


def _place(name: str) -> tuple[str, float | str | None]:
    text = name.strip()
    if _DATED.fullmatch(text):
        return "date", text
    match = _NUMBERED.fullmatch(text)
    return (match[1], float(match[2])) if match else (text, None)


def _rises(places: Sequence[float | str]) -> bool:
    pairs = pairwise(places)
    return all(str(a) < str(b) if isinstance(a, str) else a < b for a, b in pairs)  # type: ignore[operator]


def _headless_run(
    free: Sequence[Column], *, labelled: bool
) -> tuple[tuple[str, ...], ...]:
    """Return the columns of values of a table without names: all but the label."""
    if not all(column.numeric or not column.present for column in free[1:-1]):
        return ()
    # Where it is elsewhere, values that are whole numbers may look like it as well.
    misleading = labelled and all(map(_whole, free[1:-1]))
    label = None if misleading else _end_label(free)
    names = tuple(
        c.name for c in free if c is not label and (c.numeric or not c.present)
    )
    return (names,) if len(names) >= _FEWEST_STEPS else ()


def _end_label(free: Sequence[Column]) -> Column:
    """Return the first or the last column, whichever looks like classes."""
    ends = [free[0], free[-1]]
    texts = [column for column in ends if not column.numeric]
    if texts:
        return texts[0]
    classes = [
        c for c in ends if _whole(c) and c.distinct <= max(2, len(c.present) / 2)
    ]
    besides = {free[0].name: free[1], free[-1].name: free[-2]}
    coded = [c for c in classes if _are_codes(c) and not _are_codes(besides[c.name])]
    if len(coded) == 1 and any(column.distinct == 1 for column in classes):
        return coded[0]  # the other is a value that never changes, as at a border
    return min(classes or ends, key=lambda column: column.distinct)


def _are_codes(column: Column) -> bool:
    """Whether the numbers of several classes are there, and none is left out."""
    codes = {number(cell, column.decimal) for cell in column.present}
    least = min((code for code in codes if code is not None), default=0.0)
    return len(codes) > 1 and codes == {least + i for i in range(len(codes))}


def _whole(column: Column) -> bool:
    values = [number(cell, column.decimal) for cell in column.present]
    return all(value is not None and value.is_integer() for value in values)


def _any_run(free: Sequence[Column]) -> tuple[tuple[str, ...], ...]:
    """Return all columns of numbers, where the user says that they are series."""
    reserved = {*TARGET_NAMES, *ROW_NAMES, *GROUP_NAMES, "id"}
    names = tuple(c.name for c in free if c.numeric and c.key not in reserved)
    return (names,) if len(names) >= 2 else ()


def _long(free: Sequence[Column]) -> Roles | None:
    """Return the roles in a table of a step a row, if it is one."""
    time = _first_named(free, TIME_NAMES)
    series = _series_column([c for c in free if c is not _by_name(free, time)], time)
    if series is None:
        return None
    taken = {time, series.name}
    values = [
        (column.name,)
        for column in free
        if column.numeric
        and column.name not in taken
        and column.key not in {*TARGET_NAMES, *ROW_NAMES, *GROUP_NAMES}
        and not NUMBERED_TARGET.fullmatch(column.key)
        and not (time is None and _is_constant_within(column, series))
    ]
    if len(values) > 1 and not any(c.key in TARGET_NAMES for c in free):
        values = [
            v for v in values if not _is_constant_within(_named(free, v[0]), series)
        ]
    return Roles("long", tuple(values), (), series.name, time) if values else None


def _series_column(free: Sequence[Column], time: str | None) -> Column | None:
    """Return the column whose values recur, row after row, within a series."""
    repeated = [
        column
        for column in free
        if column.distinct
        and len(column.present) >= _FEWEST_ROWS_EACH * column.distinct
        and column.key not in TARGET_NAMES
    ]
    named = [c for c in repeated if _names_series(c.key)]
    if named:
        return named[0]
    if time is None:
        return None
    names = [c for c in repeated if not c.numeric or _whole(c)]
    return names[0] if names else None


def _names_series(key: str) -> bool:
    words = re.split(r"[\s_\-.]+", key)
    known = {"id", "series", "sample", "case", "recording", "unit", "trial", "sequence"}
    return bool(known & set(words)) or key in ("sid", "uid", "seriesid", "sampleid")


def _is_constant_within(column: Column, series: Column) -> bool:
    pairs = set(zip(series.cells, column.cells, strict=True))
    return len(pairs) == len(set(series.cells))


def _first_named(columns: Sequence[Column], names: Sequence[str]) -> str | None:
    """Return the first column of a usual name that holds something, by the names."""
    for name in names:
        column = column_called(columns, name)
        if column is not None and column.present:
            return column.name
    return None


def column_called(columns: Sequence[Column], key: str) -> Column | None:
    """Return the column of a usual name, in whatever case it is written."""
    return next((column for column in columns if column.key == key), None)


def _by_name(columns: Sequence[Column], name: str | None) -> Column | None:
    return next((column for column in columns if column.name == name), None)


def _named(columns: Sequence[Column], name: str) -> Column:
    return next(column for column in columns if column.name == name)
