"""What a table holds: texts, series a row, or series a step a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from automl_datasets.options import DataOptions
from automl_datasets.sources._csv_form import number
from automl_datasets.sources._csv_long import long_roles
from automl_datasets.sources._csv_roles import (
    FEWEST_WORDS,
    ROW_NAMES,
    Column,
    Roles,
)
from automl_datasets.sources._pixel_cells import pixel_cells
from automl_datasets.target_columns import usual_targets
from automl_datasets.usual_names import GROUP_NAMES, TARGET_NAMES

_TEXT_NAMES = (
    "text", "sentence", "review", "content", "question", "tweet", "comment", "message",
    "body", "document",
)  # fmt: skip
_NUMBERED = re.compile(r"(.*?)[ _.\-]*(\d+(?:\.\d+)?)\D?", re.DOTALL)
_DATED = re.compile(r"\d{4}-\d{2}(-\d{2}.*)?|\d{1,2}:\d{2}(:\d{2}.*)?")
_FEWEST_STEPS = 8


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
        known = [column for column in free if column.name in options.columns]
        text = known[0] if len(known) == 1 else text
        text = text or max(
            (c for c in free if not c.numeric), key=lambda c: c.length, default=None
        )
        return Roles("text", ((text.name,),), ()) if text else None
    if (cells := pixel_cells(free)) is not None:
        return cells
    labelled = options.target is not None
    runs = _runs(free, headed=headed, labelled=labelled)
    if runs or text is None or options.kind == "series":
        if (long := long_roles(free, labelled=labelled)) is not None:
            return _as_known(long, free, options)
        if not runs and options.kind == "series":
            runs = _any_run(free, labelled=labelled)
        if runs:
            return Roles("wide", runs, ())
    return Roles("text", ((text.name,),), ()) if text else None


def _as_known(roles: Roles, free: Sequence[Column], options: DataOptions) -> Roles:
    """Return roles with the values of a model's own data, if all are there."""
    numeric = {column.name for column in free if column.numeric}
    known = options.columns
    if not known or not numeric.issuperset(known):
        return roles
    return roles._replace(values=tuple((name,) for name in known))


def _text(free: Sequence[Column]) -> Column | None:
    texts = [column for column in free if column.is_text]
    for name in _TEXT_NAMES:
        for column in texts:
            if column.key == name:
                return column
    # Of a title and what it stands above, the longer tells more; a web address is
    # long as well, but no sentence.
    return max(texts, key=lambda c: (c.words >= FEWEST_WORDS, c.length), default=None)


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
    misleading = labelled and all(column.whole for column in free[1:-1])
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
    classes = [c for c in ends if c.whole and c.distinct <= max(2, len(c.present) / 2)]
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


def _any_run(free: Sequence[Column], *, labelled: bool) -> tuple[tuple[str, ...], ...]:
    """Return all columns of numbers, where the user says that they are series."""
    reserved = {*usual_targets([c.key for c in free]), *ROW_NAMES, *GROUP_NAMES, "id"}
    if labelled:  # other names of labels may tell the answer once more
        reserved.discard("y")
    names = tuple(c.name for c in free if c.numeric and c.key not in reserved)
    return (names,) if len(names) >= 2 else ()
