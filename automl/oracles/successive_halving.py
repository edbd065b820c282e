"""Asynchronous successive halving: many short trainings, few long ones."""

from __future__ import annotations

from typing import Any

import keras_tuner

from automl.oracles._mended import SKIPPED, MendedOracle

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


class SuccessiveHalvingOracle(MendedOracle):
    """Promote the best third of each rung as soon as it is known, else try anew.

    A promoted trial carries `tuner/trial_id`, the trial it goes on from, and
    `tuner/initial_epoch` and `tuner/epochs`, as KerasTuner's Hyperband does. A failed
    trial counts as the worst of its rung, so that nothing waits for it.

    Source:
        Li et al. (2020), A System for Massively Parallel Hyperparameter Tuning
        (ASHA), MLSys, arXiv:1810.05934.
    """

    def __init__(self, *, max_epochs: int, seed: int, **options: Any) -> None:
        """Set the epochs of a full training; see `MendedOracle` for the rest."""
        super().__init__(seed=seed, **options)
        self.rungs = rung_budgets(max_epochs)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the next promotion, or new values for the lowest rung."""
        for rung in range(len(self.rungs) - 2, -1, -1):
            trial = self._promotable(rung)
            if trial is not None:
                return {"status": "RUNNING", "values": self._promoted(trial, rung)}
        values = self._random_values()
        if values is None:
            return {"status": "IDLE" if self.ongoing_trials else "STOPPED"}
        first = {
            "tuner/epochs": self.rungs[0],
            "tuner/initial_epoch": 0,
            "tuner/round": 0,
        }
        return {"status": "RUNNING", "values": {**values, **first}}

    def _promoted(
        self, trial: keras_tuner.engine.trial.Trial, rung: int
    ) -> dict[str, Any]:
        return {
            **trial.hyperparameters.values,
            "tuner/trial_id": trial.trial_id,
            "tuner/epochs": self.rungs[rung + 1],
            "tuner/initial_epoch": self.rungs[rung],
            "tuner/round": rung + 1,
        }

    def _promotable(self, rung: int) -> keras_tuner.engine.trial.Trial | None:
        ended = [
            trial
            for trial in self.trials.values()
            if trial.hyperparameters.values.get("tuner/round") == rung
            and trial.status in ("COMPLETED", "FAILED")
            and trial.message != SKIPPED
        ]
        scored = sorted(
            (trial for trial in ended if trial.status == "COMPLETED"),
            key=lambda trial: trial.score,
            reverse=self.objective.direction == "max",
        )
        promoted = {
            trial.hyperparameters.values.get("tuner/trial_id")
            for trial in self.trials.values()
        }
        best = scored[: len(ended) // FACTOR]
        return next((t for t in best if t.trial_id not in promoted), None)

    def _compute_values_hash(self, values: dict[str, Any]) -> str:
        searched = {k: v for k, v in values.items() if not k.startswith("tuner/")}
        digest: str = super()._compute_values_hash(searched)
        return digest
