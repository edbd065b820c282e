"""KerasTuner's Hyperband, mended where failed trials stop its promotions."""

from __future__ import annotations

from typing import Any

import keras_tuner

from automl.oracles.mended import MendedOracle

# Finite, because it is written as JSON; no objective of a network comes near it.
_WORST_SCORE = 1e9


class HyperbandOracle(MendedOracle, keras_tuner.oracles.HyperbandOracle):
    """Hyperband over any number of iterations.

    KerasTuner counts only completed trials when it fills a round, so one failure in a
    bracket ends its promotions. Here a failed or skipped trial is told as completed
    with the worst score.

    Source:
        Li et al. (2018), Hyperband, JMLR 18(185).
    """

    def __init__(self, *, max_epochs: int, seed: int, **options: Any) -> None:
        """Set the epochs of a full training; see `MendedOracle` for the rest."""
        super().__init__(
            max_epochs=max_epochs, hyperband_iterations=None, seed=seed, **options
        )
        if self.costs:
            raise ValueError("Hyperband knows one objective only.")

    def end_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """End a trial; one that failed takes part as the worst of its round."""
        super().end_trial(trial)
        ended = self.trials[trial.trial_id]
        if ended.status == "FAILED":
            count_as_worst(ended, self.objective.direction)

    def get_state(self) -> dict[str, Any]:
        """Return the state; JSON has no infinity, so endless is null."""
        return {**super().get_state(), "hyperband_iterations": None}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        super().set_state({**state, "hyperband_iterations": float("inf")})


def count_as_worst(trial: keras_tuner.engine.trial.Trial, direction: str) -> None:
    """Make a failed trial one that Hyperband counts, and never promotes."""
    worst = -_WORST_SCORE if direction == "max" else _WORST_SCORE
    trial.status, trial.score = "COMPLETED", worst
