"""The trials that none beats in everything that was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from automl.oracles.pareto import cost_merits, pareto_front, pareto_order
from automl.run.trial import COMPLETED, STOPPED, TrialRecord


def front_of(
    records: Iterable[TrialRecord], direction: str, costs: Sequence[str]
) -> list[TrialRecord]:
    """Return the Pareto front of score and costs.

    Args:
        records: Any trials; those without a score or a cost are left out.
        direction: Whether a large or a small score is good.
        costs: Fields of a record that are to be small, such as `latency_ms`.

    Returns:
        The best score first, then whatever lies farthest from those before it, so
        that the first few stand for all.
    """
    known = [r for r in records if math.isfinite(sum(_figures(r, direction, costs)))]
    if not known:
        return []
    figures = np.array([_figures(record, direction, costs) for record in known])
    scores = figures[:, :1] if direction == "max" else -figures[:, :1]
    prices = cost_merits(figures[:, 1:], ["min"] * len(costs))
    merits = np.column_stack([scores, prices])
    best = pareto_front(merits)
    return [known[place] for place in pareto_order(merits) if best[place]]


def _figures(
    record: TrialRecord, direction: str, costs: Sequence[str]
) -> tuple[float, ...]:
    training = record.best_training(direction)
    score = training.val_score if training else None
    trained = record.status in (COMPLETED, STOPPED)
    found = (score if trained else None, *(getattr(record, name) for name in costs))
    return tuple(math.nan if figure is None else float(figure) for figure in found)
