"""What the search has seen so far, as arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.oracles.mended import SKIPPED, searched_values
from automl.oracles.pareto import cost_merits
from automl.oracles.rungs import parent_of, rung_of

_FEWEST_PAIRS = 5
_SHRINKAGE = 0.3
_SLOPES = (0.2, 1.5)


@dataclass(frozen=True)
class History:
    """Configurations and their scores on every rung.

    Attributes:
        values: Searched values, one dict a configuration.
        scores: float64 `(configurations, rungs)`, larger is better; NaN where there
            is none.
        failed: bool `(configurations, rungs)`.
        pending: Values of configurations that run and have no score yet.
        costs: float64 `(configurations, costs)`, the merits of what else is to be
            made small or large; NaN where unknown.
    """

    values: list[dict[str, Any]]
    scores: np.ndarray
    failed: np.ndarray
    pending: list[dict[str, Any]]
    costs: np.ndarray

    def sound(self) -> np.ndarray:
        """Return which configurations have a score and never failed, bool."""
        scored = np.isfinite(self.scores).any(axis=1)
        return np.asarray(scored & ~self.failed.any(axis=1))


def gather(
    trials: Iterable[Any],
    *,
    num_rungs: int,
    maximize: bool,
    directions: Sequence[str] = (),
) -> History:
    """Return the history of a search, promoted trials joined with their parents.

    Args:
        trials: The oracle's, in order.
        num_rungs: Rungs of the strategy.
        maximize: Whether a large score is good.
        directions: `min` or `max` of each cost.
    """
    first: dict[str, str] = {}  # of a trial: the one on the lowest rung
    values: dict[str, dict[str, Any]] = {}
    scores: dict[str, np.ndarray] = {}
    pending: dict[str, dict[str, Any]] = {}
    costs: dict[str, Sequence[float]] = {}
    unknown = (math.nan,) * len(directions)
    for trial in trials:
        name = first.get(parent_of(trial) or "", trial.trial_id)
        first[trial.trial_id] = name
        if trial.message == SKIPPED:
            continue
        if trial.status == "RUNNING" and name not in scores:
            pending[name] = searched_values(trial.hyperparameters.values)
        if trial.status not in ("COMPLETED", "FAILED"):
            continue
        if name not in scores:
            values[name] = searched_values(trial.hyperparameters.values)
            scores[name] = np.full(num_rungs, np.nan)
            costs[name] = unknown
        scores[name][rung_of(trial)] = _score(trial, maximize=maximize)
        if directions and trial.status == "COMPLETED":
            costs[name] = trial.costs
    table = np.array(list(scores.values())).reshape(len(scores), num_rungs)
    failed = np.isneginf(table)
    table[failed] = np.nan
    merits = np.array(list(costs.values())).reshape(len(costs), len(directions))
    return History(
        values=list(values.values()),
        scores=table,
        failed=failed,
        pending=list(pending.values()),
        costs=cost_merits(merits, directions),
    )


def mapped_to_top(scores: np.ndarray) -> np.ndarray:
    """Return scores as the highest rung that was reached would show them.

    Each rung is mapped to the next by a regression over the configurations that have
    a score on both, its slope drawn towards one.

    Args:
        scores: As in `History`.

    Returns:
        float64, of the same shape.
    """
    mapped = scores.copy()
    slope, offset = 1.0, 0.0
    reached = np.flatnonzero(np.isfinite(scores).any(axis=0))
    for low, high in zip(reached[-2::-1], reached[:0:-1], strict=True):
        step, shift = _paired_regression(scores[:, low], scores[:, high])
        slope, offset = slope * step, slope * shift + offset
        mapped[:, low] = slope * scores[:, low] + offset
    return mapped


def _paired_regression(low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """Return slope and offset from the scores of a rung to those of the next."""
    both = np.isfinite(low) & np.isfinite(high)
    low, high = low[both], high[both]
    if not len(low):
        return 1.0, 0.0
    slope, variance = 1.0, low.var()
    if len(low) >= _FEWEST_PAIRS and variance > 0:
        covariance = ((low - low.mean()) * (high - high.mean())).mean()
        slope = (covariance / variance + _SHRINKAGE) / (1 + _SHRINKAGE)
        slope = float(np.clip(slope, *_SLOPES))
    return slope, float(high.mean() - slope * low.mean())


def _score(trial: Any, *, maximize: bool) -> float:
    if trial.status == "FAILED" or not np.isfinite(trial.score):
        return float("-inf")
    return float(trial.score if maximize else -trial.score)
