"""What can be compared across trials, one axis each: choices, costs and the score."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from automl_reports.figures import is_number, metric_name
from automl_reports.leaderboard import ordered
from automl_reports.rows import RunReport, TrialRow

MOST_HYPERPARAMETERS = 8
MOST_CATEGORIES = 12
LOG_FROM = 50.0
UNUSED = "not used"

Read: TypeAlias = Callable[[TrialRow], Any]


@dataclass(frozen=True)
class Dimension:
    """One axis of the parallel coordinates.

    Attributes:
        name: Its title.
        values: One a trial, in the order of the leaderboard: a number, the place of a
            category, or `None` where the trial has none.
        categories: Names of the categories; empty for numbers.
        log: Whether equal ratios are equal distances.
        gaps: Whether a trial with a score has no value here.
    """

    name: str
    values: tuple[float | None, ...]
    categories: tuple[str, ...] = ()
    log: bool = False
    gaps: bool = False

    @property
    def low(self) -> float:
        """The smallest number, or 0 for categories."""
        return 0.0 if self.categories else min(self._numbers)

    @property
    def high(self) -> float:
        """The largest number, above `low`; or the place of the last category."""
        if self.categories:
            return max(1.0, len(self.categories) - 1)
        high = max(self._numbers)
        return high if high > self.low else self.low + 1

    @property
    def _numbers(self) -> list[float]:
        return [value for value in self.values if value is not None]


def dimensions(report: RunReport) -> list[Dimension]:
    """Return what differs between trials that have a score; the score comes last.

    It is that on the one validation split, of cross-validated trials too.

    Returns:
        At most eight hyperparameters, the most important or else the most used first;
        empty while fewer than two trials have a score.
    """
    rows = ordered(report.trials)
    if sum(is_number(row.search_score) for row in rows) < 2:
        return []
    chosen = [
        found
        for name in hyperparameter_order(report)
        if (found := _dimension(name, rows, hyperparameter(name)))
    ]
    costs: dict[str, Read] = {
        "params": lambda row: row.params,
        "latency ms": lambda row: row.latency_ms,
        metric_name(report.objective, report.task): lambda row: row.search_score,
    }
    told = [_dimension(name, rows, read) for name, read in costs.items()]
    return chosen[:MOST_HYPERPARAMETERS] + [found for found in told if found]


def hyperparameter(name: str) -> Read:
    """Return what reads one hyperparameter of a trial."""
    if name in ("optimizer", "learning_rate"):
        return lambda row: getattr(row, name) or None
    return lambda row: row.hyperparameters.get(name)


def hyperparameter_order(report: RunReport) -> list[str]:
    """Return names of hyperparameters: the important first, then the most used."""
    important = report.importance.drops if report.importance else ()
    used: dict[str, int] = {}
    for row in report.trials:
        for name in row.hyperparameters:
            used[name] = used.get(name, 0) + is_number(row.search_score)
    # A rate that only one optimizer has is shown as the learning rate of the trial.
    names = [name for name in used if not name.startswith("learning_rate")]
    names.sort(key=lambda name: -used[name])
    first = [name for name, _, _ in important]
    return list(dict.fromkeys([*first, "learning_rate", "optimizer", *names]))


def _dimension(name: str, rows: Sequence[TrialRow], read: Read) -> Dimension | None:
    """Return one axis, or `None` where nothing differs or too much does."""
    values = [read(row) for row in rows]
    measured = [is_number(row.search_score) for row in rows]
    scored = [value for value, known in zip(values, measured, strict=True) if known]
    given = [value for value in scored if value is not None]
    if len(set(map(str, given))) < 2:
        return None
    if all(map(is_number, given)):
        return _numbers(name, values, given, gaps=len(given) < len(scored))
    return _categories(name, values, measured)


def _numbers(
    name: str, values: Sequence[Any], scored: Sequence[float], *, gaps: bool
) -> Dimension | None:
    low, high = min(scored), max(scored)
    if low == high:
        return None
    log = low > 0 and high / low >= LOG_FROM
    # A trial without a score is not drawn, so that it must not stretch the axis.
    kept = (v if is_number(v) and low <= v <= high else None for v in values)
    numbers = tuple(None if v is None else float(f"{v:.6g}") for v in kept)
    return Dimension(name, numbers, log=log, gaps=gaps)


def _categories(
    name: str, values: Sequence[Any], measured: Sequence[bool]
) -> Dimension | None:
    texts = [UNUSED if value is None else str(value) for value in values]
    seen = {text for text, known in zip(texts, measured, strict=True) if known}
    names = sorted(seen, key=lambda text: (text == UNUSED, text))
    if len(names) > MOST_CATEGORIES:
        return None
    places = {text: float(place) for place, text in enumerate(names)}
    return Dimension(name, tuple(map(places.get, texts)), tuple(names))


def share(dimension: Dimension, value: float) -> float:
    """Return where a value lies between `low` (0) and `high` (1)."""
    low, high = dimension.low, dimension.high
    if dimension.log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)
