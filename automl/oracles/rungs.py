"""The rungs of successive halving, and who may climb."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from automl.oracles._mended import SKIPPED

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
    trials: Iterable[Any], *, num_rungs: int, maximize: bool
) -> Any | None:
    """Return a trial of the top third of what ended on its rung, not yet promoted.

    Higher rungs go first, then better scores. A failed trial counts as the worst of
    its rung, so that nothing waits for it; a skipped one is as if it never was.

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
        best = _best(on_rung, len(on_rung) // FACTOR, maximize=maximize)
        for trial in best:
            if trial.trial_id not in promoted:
                return trial
    return None


def _best(trials: Sequence[Any], number: int, *, maximize: bool) -> list[Any]:
    scored = [trial for trial in trials if trial.status == "COMPLETED"]
    return sorted(scored, key=lambda t: t.score, reverse=maximize)[:number]
