"""Any KerasTuner oracle, as the search wants it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras_tuner

from automl.oracles.hyperband import count_as_worst
from automl.oracles.mended import (
    SKIPPED,
    fits_always,
    releasing_lock,
    searched_values,
)
from automl.oracles.rungs import parent_of

_MOST_REPEATS = 100


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


class AdaptedOracle:
    """A foreign oracle that outlives failures and crashes, and never repeats itself.

    KerasTuner's oracles end a search after three failures, keep their lock after an
    error, and write a folder of their own. What the oracle proposes a second time is
    answered with what is known of it; asked for more epochs, it goes on from there.

    Attributes:
        oracle: The oracle itself.
        objectives: What the search makes large or small, the score first.
        fits: Whether values keep to the limits of the search; the oracle is not told.
        promotes_only: Whether nothing new is wanted; the oracle is not told.
    """

    def __init__(
        self,
        oracle: keras_tuner.Oracle,
        objectives: Sequence[keras_tuner.Objective],
        *,
        fits: Callable[[Mapping[str, Any]], bool] = fits_always,
        call: Callable[..., Any] = _call,
    ) -> None:
        """Take a new oracle over.

        Args:
            oracle: See the attributes.
            objectives: See the attributes.
            fits: See the attributes.
            call: Calls a function of the oracle; it may turn errors into others.
        """
        self.oracle = oracle
        self.objectives = objectives
        self.fits = fits
        self.promotes_only = False
        self._call = call
        oracle._check_consecutive_failures = lambda: None  # failures end no search
        oracle.max_retries_per_trial = 0  # who runs the search says what failed
        oracle.verbose = 0
        oracle.save = lambda: None  # and keeps the state
        oracle._save_trial = lambda trial: None

    @property
    def trials(self) -> Any:
        """See `Strategy`."""
        return self.oracle.trials

    @property
    def end_order(self) -> Any:
        """See `Strategy`."""
        return self.oracle.end_order

    @property
    def hyperparameters(self) -> Any:
        """See `Strategy`."""
        return self.oracle.hyperparameters

    @property
    def ongoing_trials(self) -> Any:
        """See `Strategy`."""
        return self.oracle.ongoing_trials

    @ongoing_trials.setter
    def ongoing_trials(self, trials: dict[str, Any]) -> None:
        self.oracle.ongoing_trials = trials

    def create_trial(self, tuner_id: str) -> Any:
        """Return the next trial for a worker that is not known already."""
        for _ in range(_MOST_REPEATS):
            trial = self._locked(self.oracle.create_trial, tuner_id)
            if trial.status != "RUNNING" or self._is_worth_running(trial):
                return trial
        status = "IDLE" if self.ongoing_trials else "STOPPED"
        return keras_tuner.engine.trial.Trial(self.hyperparameters, status=status)

    def _is_worth_running(self, trial: Any) -> bool:
        """Tell the oracle what is known of its proposal, if that is all of it."""
        earlier = self._earlier(trial)
        if earlier is None or parent_of(trial) is not None:
            return True
        if earlier.status == "RUNNING":
            self.skip_trial(trial.trial_id)
        elif earlier.status != "COMPLETED":
            self.fail_trial(trial.trial_id, earlier.message or "")
        elif _epochs(trial) <= _epochs(earlier):
            known = {
                o.name: earlier.metrics.get_best_value(o.name) for o in self.objectives
            }
            self._complete(trial, known, earlier.best_step)
        else:
            values = trial.hyperparameters.values
            values["tuner/trial_id"] = earlier.trial_id
            values["tuner/initial_epoch"] = _epochs(earlier)
            return True
        return False

    def _earlier(self, trial: Any) -> Any | None:
        """Return the last trial of the same values, apart from epochs."""
        others = [t for t in reversed(self.trials.values()) if t is not trial]
        known = [searched_values(t.hyperparameters.values) for t in others]
        wanted = searched_values(trial.hyperparameters.values)
        return others[known.index(wanted)] if wanted in known else None

    def complete_trial(
        self,
        trial_id: str,
        score: float,
        *,
        epochs: int,
        costs: Mapping[str, float] | None = None,
    ) -> None:
        """See `MendedOracle`."""
        metrics = {self.objectives[0].name: score, **(costs or {})}
        for name, value in metrics.items():
            if not math.isfinite(value):
                self.fail_trial(trial_id, f"its {name} is {value}")
                return
        self._complete(self.trials[trial_id], metrics, epochs)

    def _complete(self, trial: Any, metrics: Mapping[str, float], epochs: int) -> None:
        for objective in self.objectives:
            if not trial.metrics.exists(objective.name):
                trial.metrics.register(objective.name, objective.direction)
        self._locked(self.oracle.update_trial, trial.trial_id, metrics, epochs)
        trial.status = "COMPLETED"
        self._locked(self.oracle.end_trial, trial)

    def fail_trial(self, trial_id: str, reason: str) -> None:
        """Tell that a trial failed."""
        trial = self.trials[trial_id]
        trial.status, trial.message = "FAILED", reason
        self._locked(self.oracle.end_trial, trial)
        if isinstance(self.oracle, keras_tuner.oracles.HyperbandOracle):
            count_as_worst(trial, self.oracle.objective.direction)

    def skip_trial(self, trial_id: str) -> None:
        """Tell that a trial was never trained."""
        self.fail_trial(trial_id, SKIPPED)

    def get_state(self) -> dict[str, str]:
        """Return the oracle's state, each entry as the text of its JSON."""
        return {
            k: self._call(_text, v)
            for k, v in self._call(self.oracle.get_state).items()
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take up a state."""
        known = {
            k: json.loads(v) if isinstance(v, str) else v for k, v in state.items()
        }
        self._call(self.oracle.set_state, known)

    def _compute_values_hash(self, values: dict[str, Any]) -> str:
        digest: str = self._call(self.oracle._compute_values_hash, values)
        return digest

    def _locked(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return self._call(releasing_lock, self.oracle, function, *arguments)


def _epochs(trial: Any) -> float:
    """Return how far a trial is trained; without `tuner/epochs` that is to the end."""
    epochs: float = trial.hyperparameters.values.get("tuner/epochs", math.inf)
    return epochs


def _text(value: Any) -> str:
    return json.dumps(value, default=lambda array: array.tolist())
