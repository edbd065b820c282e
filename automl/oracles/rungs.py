"""The rungs of successive halving, and who may climb."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from automl.oracles.mended import SKIPPED
from automl.oracles.pareto import pareto_order, trial_merits

FACTOR = 3
NUM_RUNGS = 3


def rung_budgets(
    max_epochs: int, *, factor: int = FACTOR, num_rungs: int = NUM_RUNGS
) -> tuple[int, ...]:
    """Return the epochs of each rung, smallest first.

    Args:
        max_epochs: Epochs of the last rung; at least 1.
        factor: Growth from rung to rung; at least 2.
        num_rungs: Most rungs; fewer where the epochs would repeat.

    Returns:
        Epochs per rung, ending in `max_epochs`.

    Example:
        >>> rung_budgets(27)
        (3, 9, 27)
        >>> rung_budgets(2)
        (1, 2)
    """
    epochs = {max(1, round(max_epochs / factor**k)) for k in range(num_rungs)}
    return tuple(sorted(epochs))


def rung_of(trial: Any) -> int:
    """Return the rung that a trial is trained to, 0 for the lowest."""
    return int(trial.hyperparameters.values.get("tuner/round", 0))


def parent_of(trial: Any) -> str | None:
    """Return the trial that a promoted trial goes on from."""
    parent: str | None = trial.hyperparameters.values.get("tuner/trial_id")
    return parent


def find_promotable(
    trials: Iterable[Any],
    *,
    num_rungs: int,
    maximize: bool,
    directions: Sequence[str] = (),
    share: bool = True,
) -> Any | None:
    """Return a trial of the top third of what ended on its rung, not yet promoted.

    Higher rungs go first, then better scores; where there are costs as well, what
    `pareto_order` puts first. A failed trial counts as the worst of its rung, so that
    nothing waits for it; a skipped one is as if it never was.

    Args:
        trials: The oracle's.
        num_rungs: Rungs of the strategy.
        maximize: Whether a large score is good.
        directions: `min` or `max` of each cost.
        share: Whether only a third climbs; without new ones to try, all may.

    Source:
        Li et al. (2020), A System for Massively Parallel Hyperparameter Tuning
        (ASHA), MLSys, arXiv:1810.05934.
    """
    ended: list[list[Any]] = [[] for _ in range(num_rungs)]
    promoted = set()
    for trial in trials:
        promoted.add(parent_of(trial))
        if trial.status in ("COMPLETED", "FAILED") and trial.message != SKIPPED:
            ended[rung_of(trial)].append(trial)
    for on_rung in reversed(ended[:-1]):
        scored = [trial for trial in on_rung if trial.status == "COMPLETED"]
        best = _ordered(scored, maximize=maximize, directions=directions)
        for trial in best[: len(on_rung) // FACTOR] if share else best:
            if trial.trial_id not in promoted:
                return trial
    return None


def _ordered(
    trials: list[Any], *, maximize: bool, directions: Sequence[str]
) -> list[Any]:
    """Return completed trials, the most worth promoting first.

    Where there are costs, no network below the median score comes before the others:
    it may be on the front because it is tiny, and is of no use to anybody.
    """
    if not directions or not trials:
        return sorted(trials, key=lambda t: t.score, reverse=maximize)
    merits = trial_merits(trials, maximize=maximize, directions=directions)
    good = merits[:, 0] >= np.median(merits[:, 0])
    order = pareto_order(merits)
    return [trials[place] for place in sorted(order, key=lambda place: not good[place])]
