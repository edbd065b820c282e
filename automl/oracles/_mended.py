"""KerasTuner's oracle, mended for a search that outlives failures and crashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import keras_tuner
from keras_tuner.src.engine import oracle as _engine

SKIPPED = "skipped"
_NO_LIMIT = 10**9


def derive_seed(*parts: object) -> int:
    """Return a seed below 2^31 that differs wherever any part differs.

    KerasTuner counts its seed up by one for every value it draws, so that runs with
    neighbouring seeds share most of their configurations.

    Example:
        >>> derive_seed(0, "trial", 1) == derive_seed(0, "trial", 1)
        True
    """
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 2**31


class MendedOracle(keras_tuner.Oracle):
    """Base of every strategy here; mixes into KerasTuner's own oracles.

    It proposes landmarks before anything else, draws every trial from a stream of its
    own, knows failed from skipped trials, never ends a search because trials fail,
    writes no files (its state is `snapshot`), and gives its lock back after an error.
    """

    def __init__(
        self, *, seed: int, landmarks: Sequence[Mapping[str, Any]] = (), **options: Any
    ) -> None:
        """Take KerasTuner's own options as well.

        Args:
            seed: Any integer, zero included.
            landmarks: Complete sets of values to be tried first, in order.
            **options: What KerasTuner's oracle of this kind takes.
        """
        super().__init__(
            seed=seed + 1,  # KerasTuner takes 0 for "any seed"
            max_consecutive_failed_trials=_NO_LIMIT,
            **options,
        )
        self.landmarks = [dict(values) for values in landmarks]
        self._num_landmarks_tried = 0
        self.verbose = 0

    def _random_values(self) -> dict[str, Any] | None:
        if self._num_landmarks_tried < len(self.landmarks):
            values = self.landmarks[self._num_landmarks_tried]
            self._num_landmarks_tried += 1
            return dict(values)
        self._seed_state = derive_seed(self.seed, len(self.trials))
        values_drawn: dict[str, Any] | None = super()._random_values()
        return values_drawn

    def create_trial(self, tuner_id: str) -> keras_tuner.engine.trial.Trial:
        """Return the next trial for a worker; see `keras_tuner.Oracle`."""
        return _releasing_lock(self, super().create_trial, tuner_id)

    def update_trial(
        self, trial_id: str, metrics: Mapping[str, float], step: int = 0
    ) -> Any:
        """Record a score; see `keras_tuner.Oracle`."""
        return _releasing_lock(self, super().update_trial, trial_id, metrics, step)

    def end_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """End a trial; see `keras_tuner.Oracle`."""
        _releasing_lock(self, super().end_trial, trial)

    def complete_trial(self, trial_id: str, score: float, *, epochs: int) -> None:
        """Tell that a trial was trained to its planned epochs."""
        self.update_trial(trial_id, {self.objective.name: score}, step=epochs)
        trial = self.trials[trial_id]
        trial.status = "COMPLETED"
        self.end_trial(trial)

    def fail_trial(self, trial_id: str, reason: str) -> None:
        """Tell that a trial failed; it counts as worse than any score."""
        trial = self.trials[trial_id]
        trial.status, trial.message = "FAILED", reason
        self.end_trial(trial)

    def skip_trial(self, trial_id: str) -> None:
        """Tell that a trial was never trained; it says nothing of its values."""
        self.fail_trial(trial_id, SKIPPED)

    def save(self) -> None:
        """Write nothing: whoever runs the search keeps `snapshot`."""

    def _save_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """Write nothing, as above."""

    def get_state(self) -> dict[str, Any]:
        """Return the state, the landmarks already tried included."""
        return {**super().get_state(), "landmarks_tried": self._num_landmarks_tried}

    def set_state(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        super().set_state(state)
        self._num_landmarks_tried = state["landmarks_tried"]


def _releasing_lock(oracle: keras_tuner.Oracle, call: Any, *arguments: Any) -> Any:
    """Call, and give back KerasTuner's lock where the call leaves it taken."""
    try:
        return call(*arguments)
    except BaseException:
        _engine.THREADS[oracle] = None
        if _engine.LOCKS[oracle].locked():
            _engine.LOCKS[oracle].release()
        raise


def snapshot(oracle: keras_tuner.Oracle) -> dict[str, Any]:
    """Return everything an oracle knows, as JSON values."""
    trials = {name: trial.get_state() for name, trial in oracle.trials.items()}
    return {"trials": trials, "state": oracle.get_state()}


def restore(oracle: keras_tuner.Oracle, saved: Mapping[str, Any]) -> None:
    """Give an oracle what `snapshot` returned."""
    for name, state in saved["trials"].items():
        oracle.trials[name] = keras_tuner.engine.trial.Trial.from_state(state)
    oracle.set_state(dict(saved["state"]))
