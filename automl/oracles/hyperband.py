"""KerasTuner's Hyperband, mended where failed trials stop its promotions."""

from __future__ import annotations

import sys
from typing import Any

import keras_tuner

from automl.oracles.mended import MendedOracle
from automl.oracles.rungs import parent_of

_PLACE = ("bracket", "round")
_WORST_SCORE = sys.float_info.max  # finite, because it is written as JSON


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

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return what KerasTuner does; on a used-up space, the best are trained out.

        KerasTuner stops where new values run out, before anybody of an unfilled round
        is promoted.
        """
        answer: dict[str, Any] = super().populate_space(trial_id)
        if answer["status"] != "STOPPED":
            return answer
        if self.ongoing_trials:
            return {"status": "IDLE"}
        best = None if self.promotes_only else self._best_to_train_out()
        if best is None:
            return answer
        bracket, rung = (
            best.hyperparameters.values[f"tuner/{name}"] for name in _PLACE
        )
        values = {
            **best.hyperparameters.values,
            "tuner/trial_id": best.trial_id,
            "tuner/initial_epoch": self._get_epochs(bracket, rung),
            "tuner/epochs": self._get_epochs(bracket, rung + 1),
            "tuner/round": rung + 1,
        }
        return {"status": "RUNNING", "values": values}

    def _random_values(self) -> dict[str, Any] | None:
        """Return a landmark or a random draw, unless nothing new is wanted."""
        return None if self.promotes_only else super()._random_values()

    def _best_to_train_out(self) -> Any | None:
        """Return the best trial of the longest trained that may be trained further."""
        promoted = {parent_of(trial) for trial in self.trials.values()}
        sign = 1 if self.objective.direction == "max" else -1
        left = [
            trial
            for trial in self.trials.values()
            if trial.status == "COMPLETED"
            and abs(trial.score) < _WORST_SCORE
            and trial.trial_id not in promoted
            and trial.hyperparameters.values["tuner/epochs"] < self.max_epochs
        ]
        return max(
            left,
            key=lambda t: (t.hyperparameters.values["tuner/epochs"], sign * t.score),
            default=None,
        )

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
