"""Tables of a step a row: what tells series apart, and what the steps hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from automl_datasets.sources._csv_roles import ROW_NAMES, Column, Roles, column_called
from automl_datasets.target_columns import is_coordinate, usual_targets
from automl_datasets.usual_names import GROUP_NAMES, TARGET_NAMES, TIME_NAMES

NUMBERED_TARGET = re.compile(r"(?:label|target|class)[ _.-]?\w+|y[ _]?\d+")
_FEWEST_ROWS_EACH = 2  # of a series, on average, in a long table


def long_roles(free: Sequence[Column], *, labelled: bool) -> Roles | None:
    """Return the roles in a table of a step a row, if it is one.

    Args:
        free: Columns that have no other role yet.
        labelled: Whether the label is in none of these columns.
    """
    time = _first_named(free, TIME_NAMES)
    series = _series_column([c for c in free if c is not _by_name(free, time)], time)
    if series is None:
        return None
    labels = _labels(free, series, labelled=labelled)
    values = [
        column
        for column in free
        if column.numeric
        and column.name not in {time, series.name}
        and column.key not in {*ROW_NAMES, *GROUP_NAMES}
        and column not in labels
        and not (time is None and _is_constant_within(column, series))
    ]
    told = not labelled and any(column.key in TARGET_NAMES for column in labels)
    if len(values) > 1 and not told:
        values = [c for c in values if not _is_constant_within(c, series)]
    channels = tuple((column.name,) for column in values)
    return Roles("long", channels, (), series.name, time) if channels else None


def _labels(free: Sequence[Column], series: Column, *, labelled: bool) -> list[Column]:
    """Return the columns that are called like labels, and may be some.

    Where the label is elsewhere, or the name is that of a coordinate as well, what
    changes within a series is a value of its steps.
    """
    keys = [column.key for column in free]
    usual = usual_targets(keys)
    named = [c for c in free if c.key in usual or NUMBERED_TARGET.fullmatch(c.key)]
    return [
        column
        for column in named
        if not (labelled or is_coordinate(column.key, keys))
        or not _changes_within(column, series)
    ]


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
    names = [c for c in repeated if not c.numeric or c.whole]
    return names[0] if names else None


def _names_series(key: str) -> bool:
    words = re.split(r"[\s_\-.]+", key)
    known = {"id", "series", "sample", "case", "recording", "unit", "trial", "sequence"}
    return bool(known & set(words)) or key in ("sid", "uid", "seriesid", "sampleid")


def _changes_within(column: Column, series: Column) -> bool:
    """Return whether a column changes within half of the series or more."""
    found: dict[str, set[str]] = {}
    for name, cell in zip(series.cells, column.cells, strict=True):
        found.setdefault(name, set()).add(cell)
    changing = sum(len(cells) > 1 for cells in found.values())
    return 2 * changing >= len(found)


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


def _by_name(columns: Sequence[Column], name: str | None) -> Column | None:
    return next((column for column in columns if column.name == name), None)
