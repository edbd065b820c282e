"""What the leaderboard table shows besides the plain rows."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from automl_reports.figures import DASH, GAP, figure, is_number, metric_name
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import Scale, element

PAGED_ABOVE = 200
BAR_WIDTH = 60

Bar = Callable[[TrialRow, str], Markup]


@dataclass(frozen=True)
class Column:
    """One sortable column.

    Attributes:
        title: Its head, with the unit.
        numeric: Whether it sorts by number rather than by letter.
        descending: Whether the first click puts the largest first.
        kind: Classes of the head, for example `hp`.
    """

    title: str
    numeric: bool = True
    descending: bool = False
    kind: str = ""


def columns(report: RunReport) -> list[Column]:
    """Return the columns in order; hyperparameters last."""
    name = metric_name(report.objective, report.task)
    descending = report.direction == "max"
    return [
        Column("Rank"),
        Column("Trial", numeric=False),
        Column("Architecture", numeric=False),
        Column(
            f"Test {name} (95{GAP}%{GAP}interval)", descending=descending, kind="long"
        ),
        Column(f"Val. {name}", descending=descending),
        Column("Params"),
        Column("MACs"),
        Column("MB"),
        Column("p50 ms"),
        Column("Train s"),
        Column("Epochs (best)"),
        Column("Status", numeric=False),
        Column("Origin", numeric=False, kind="hp"),
        Column("Optimizer", numeric=False, kind="hp"),
        Column("Learning rate", kind="hp"),
        *(
            Column(key, numeric=_all_numbers(report, key), kind="hp")
            for key in hyperparameter_names(report)
        ),
    ]


def hyperparameter_names(report: RunReport) -> list[str]:
    """Return every hyperparameter that some trial has, in order of appearance."""
    names = dict.fromkeys(name for row in report.trials for name in row.hyperparameters)
    return [name for name in names if name not in ("optimizer", "learning_rate")]


def hyperparameter_cells(row: TrialRow, names: list[str]) -> list[str]:
    """Return the texts of one row's hyperparameters, a dash for inactive ones."""
    return [hyperparameter(row.hyperparameters, name) for name in names]


def hyperparameter(values: Mapping[str, Any], name: str) -> str:
    """Return the text of one hyperparameter.

    Example:
        >>> hyperparameter({"rate": 0.00012345, "skip": True}, "rate")
        '0.000123'
        >>> hyperparameter({}, "rate") == DASH
        True
    """
    if name not in values or values[name] is None:
        return DASH
    value = values[name]
    return figure(value) if isinstance(value, float) else str(value)


def _all_numbers(report: RunReport, name: str) -> bool:
    values = [row.hyperparameters.get(name) for row in report.trials]
    return all(value is None or is_number(value) for value in values)


def interval_bars(report: RunReport) -> Bar:
    """Return what draws a score and its interval on one common scale.

    Where some trials were cross-validated, only they have bars for validation.
    """
    comparable = {row.trial for row in report.comparable}

    def bounds_of(row: TrialRow, split: str) -> tuple[float, float] | None:
        if split == "test":
            return row.test_interval
        return row.val_interval if row.trial in comparable else None

    known = [
        bounds
        for row in report.trials
        for split in ("test", "val")
        if (bounds := bounds_of(row, split)) and all(map(is_number, bounds))
    ]
    if not known:
        return lambda row, split: Markup("")
    low, high = _readable_range(known, report.direction)
    scale = Scale(low, high, 1, BAR_WIDTH - 1)

    def bar(row: TrialRow, split: str) -> Markup:
        value, bounds = getattr(row, f"{split}_score"), bounds_of(row, split)
        if bounds is None or not is_number(value) or not all(map(is_number, bounds)):
            return Markup("")
        if (row.rank or 0) > PAGED_ABOVE:  # the page stays small
            return Markup("")
        start, end, at = (
            scale.clamp(bounds[0]),
            scale.clamp(bounds[1]),
            scale.clamp(value),
        )
        return element(
            "svg",
            element("path", d=f"M0 6H{BAR_WIDTH}"),
            element("path", d=f"M{start:.1f} 6H{end:.1f}", class_="b"),
            element("path", d=f"M{at:.1f} 1v10", class_="m"),
            viewBox=f"0 0 {BAR_WIDTH} 12",
            class_="iv",
            aria_hidden="true",
        )

    return bar


def _readable_range(
    known: Sequence[tuple[float, float]], direction: str
) -> tuple[float, float]:
    """Return the range of the bars; the bad end is cut where few bars reach."""
    low, high = min(b[0] for b in known), max(b[1] for b in known)
    best = high if direction == "max" else low
    middle = statistics.median(sum(bounds) / 2 for bounds in known)
    widest = max(end - begin for begin, end in known)
    reach = 4 * max(abs(best - middle), widest)
    low, high = max(low, best - reach), min(high, best + reach)
    return (low, high) if high > low else (low - 0.01, high + 0.01)
