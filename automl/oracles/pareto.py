"""Several objectives at once: what nothing beats.

Merits are float64 `(points, objectives)`, larger is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def cost_merits(costs: np.ndarray, directions: Sequence[str]) -> np.ndarray:
    """Return the merits of costs; of those to be made small, ratios count.

    Half the parameters are as much of a gain for a small network as for a large one.

    Args:
        costs: float64 `(points, costs)`, as measured; NaN where unknown.
        directions: `min` or `max` of each.
    """
    merits = costs.astype(np.float64)
    for place, direction in enumerate(directions):
        column = merits[:, place]
        if direction == "min":
            known = column[np.isfinite(column)]
            merits[:, place] = -(np.log(column) if (known > 0).all() else column)
    return merits


def trial_merits(
    trials: Sequence[Any], *, maximize: bool, directions: Sequence[str]
) -> np.ndarray:
    """Return the merits of completed trials: of the score, then of their costs."""
    scores = np.array([trial.score for trial in trials], dtype=np.float64)
    costs = [trial.costs for trial in trials] if directions else []
    table = np.array(costs, dtype=np.float64).reshape(len(trials), len(directions))
    merits = cost_merits(table, directions)
    return np.column_stack([scores if maximize else -scores, merits])


def pareto_front(merits: np.ndarray) -> np.ndarray:
    """Return which points no other beats in all objectives, bool `(points,)`.

    Example:
        >>> pareto_front(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])).tolist()
        [True, True, False]
    """
    return np.asarray(~_dominance(merits).any(axis=0))


def pareto_order(merits: np.ndarray) -> list[int]:
    """Return the places of all points, the most worth keeping first.

    The front comes first, then the front of the rest, and so on. Within a front the
    best of the first objective leads, then whatever is farthest from those before it.

    Source:
        Schmucker et al. (2021), Multi-objective Asynchronous Successive Halving,
        arXiv:2106.12639, the epsilon-net.
    """
    dominance = _dominance(merits)
    left = np.ones(len(merits), bool)
    order: list[int] = []
    while left.any():
        front = np.flatnonzero(left & ~dominance[left].any(axis=0))
        order += [int(index) for index in front[_spread_order(merits[front])]]
        left[front] = False
    return order


def _dominance(merits: np.ndarray) -> np.ndarray:
    """Return whether the point of the row beats that of the column, bool."""
    shape = (len(merits), len(merits))
    as_good, better = np.ones(shape, bool), np.zeros(shape, bool)
    for column in merits.T:
        as_good &= column[:, None] >= column[None, :]
        better |= column[:, None] > column[None, :]
    return as_good & better


def _spread_order(merits: np.ndarray) -> list[int]:
    """Return the places of a front's points, each far from all before it."""
    width = np.ptp(merits, axis=0)
    scaled = merits / np.where(width > 0, width, 1.0)
    order = [int(np.argmax(scaled[:, 0]))]
    distance = np.full(len(merits), np.inf)
    while len(order) < len(merits):
        gaps = np.linalg.norm(scaled - scaled[order[-1]], axis=1)
        distance = np.minimum(distance, gaps)
        distance[order] = -1.0  # equal points are not taken twice
        order.append(int(np.argmax(distance)))
    return order
