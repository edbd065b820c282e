"""What a search asks of a strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import keras_tuner


class Strategy(Protocol):
    """A KerasTuner oracle that outlives failures, crashes and restarts.

    Attributes:
        ongoing_trials: The trial of each worker.
        fits: Whether values keep to the limits of the search.
        promotes_only: Whether nothing new is to be proposed any more; a strategy of a
            user's may propose all the same.
    """

    ongoing_trials: dict[str, Any]
    fits: Callable[[Mapping[str, Any]], bool]
    promotes_only: bool

    @property
    def trials(self) -> dict[str, Any]:
        """Its trials by identity, in order of their start."""

    @property
    def end_order(self) -> list[str]:
        """Trials that ended, in order."""

    @property
    def hyperparameters(self) -> keras_tuner.HyperParameters:
        """The space."""

    def create_trial(self, tuner_id: str) -> Any:
        """Return the next trial for a worker, if its status is `RUNNING`."""

    def complete_trial(
        self,
        trial_id: str,
        score: float,
        *,
        epochs: int,
        costs: Mapping[str, float] | None = None,
    ) -> None:
        """Tell that a trial was trained to its planned epochs."""

    def fail_trial(self, trial_id: str, reason: str) -> None:
        """Tell that a trial failed."""

    def skip_trial(self, trial_id: str) -> None:
        """Tell that a trial was never trained."""

    def get_state(self) -> dict[str, Any]:
        """Return what it knows besides its trials, as JSON values."""

    def set_state(self, state: dict[str, Any]) -> None:
        """Take up a state."""

    def _compute_values_hash(self, values: dict[str, Any]) -> str:
        """Return what is equal for equal values."""
