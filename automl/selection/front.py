"""The trials that none beats in everything that was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np

from automl.oracles.pareto import cost_merits, pareto_front, pareto_order
from automl.run.trial import COMPLETED, STOPPED, TrialRecord


def front_of(
    records: Iterable[TrialRecord],
    direction: str,
    costs: Sequence[str],
    *,
    by_folds: bool = False,
) -> list[TrialRecord]:
    """Return the Pareto front of score and costs.

    Args:
        records: Any trials; those without a score or a cost are left out.
        direction: Whether a large or a small score is good.
        costs: Fields of a record that are to be small, such as `latency_ms`.
        by_folds: Whether the score is the mean over folds, rather than that on the
            one validation split; the two are not to be compared.

    Returns:
        The best score first, then whatever lies farthest from those before it, so
        that the first few stand for all.
    """
    read = partial(_figures, direction=direction, costs=costs, by_folds=by_folds)
    known = [record for record in records if math.isfinite(sum(read(record)))]
    if not known:
        return []
    figures = np.array([read(record) for record in known])
    scores = figures[:, :1] if direction == "max" else -figures[:, :1]
    prices = cost_merits(figures[:, 1:], ["min"] * len(costs))
    merits = np.column_stack([scores, prices])
    best = pareto_front(merits)
    return [known[place] for place in pareto_order(merits) if best[place]]


def _figures(
    record: TrialRecord, direction: str, costs: Sequence[str], *, by_folds: bool
) -> tuple[float, ...]:
    training = record.validated_training(direction)
    on_split = training.val_score if training else None
    score = record.fold_score if by_folds else on_split
    trained = record.status in (COMPLETED, STOPPED)
    found = (score if trained else None, *(getattr(record, name) for name in costs))
    return tuple(math.nan if figure is None else float(figure) for figure in found)
