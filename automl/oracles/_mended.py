"""KerasTuner's oracle, mended for a search that outlives failures and crashes."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner.src.engine import metrics_tracking
from keras_tuner.src.engine import oracle as _engine

from automl.oracles.encoding import Encoding

SKIPPED = "skipped"
MAX_REDRAWS = 60
_NO_LIMIT = 10**9
_MAX_COLLISIONS = 300


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


def _fits_always(values: Mapping[str, Any]) -> bool:
    return True


class MendedOracle(keras_tuner.Oracle):
    """Base of every strategy here; mixes into KerasTuner's own oracles.

    It proposes landmarks before anything else, draws every trial from a stream of its
    own, knows failed from skipped trials, never ends a search because trials fail,
    writes no files (its state is `snapshot`), and gives its lock back after an error.
    """

    def __init__(
        self,
        *,
        seed: int,
        landmarks: Sequence[Mapping[str, Any]] = (),
        fits: Callable[[Mapping[str, Any]], bool] = _fits_always,
        **options: Any,
    ) -> None:
        """Take KerasTuner's own options as well.

        Args:
            seed: Any integer, zero included.
            landmarks: Sets of values to be tried first, in order, what is missing at
                its default; those that don't fit are left out.
            fits: Whether values keep to the limits of the search. Others are drawn
                anew, up to a bound, and proposed after all beyond it.
            **options: What KerasTuner's oracle of this kind takes.
        """
        super().__init__(
            seed=seed + 1,  # KerasTuner takes 0 for "any seed"
            max_consecutive_failed_trials=_NO_LIMIT,
            **options,
        )
        self.landmarks = [dict(values) for values in landmarks]
        self.fits = fits
        self._num_landmarks_tried = 0
        self._num_landmarks_proposed = 0
        self.verbose = 0

    def _random_values(self) -> dict[str, Any] | None:
        """Return a landmark or a random draw; KerasTuner's oracles ask for it."""
        landmark = self._next_landmark()
        if landmark is not None:
            return landmark
        return self._drawn_values(self._generator("draw", len(self.trials)))

    def _generator(self, *purpose: object) -> np.random.Generator:
        """Return a stream of its own for a purpose, the same whenever it is asked."""
        return np.random.default_rng(derive_seed(self.seed, *purpose))

    def _is_new(self, values: Mapping[str, Any]) -> bool:
        return not self._duplicate(values)

    def _next_landmark(self) -> dict[str, Any] | None:
        """Return the next landmark that is new and fits, if there is one."""
        encoding = Encoding(self.hyperparameters)
        while self._num_landmarks_tried < len(self.landmarks):
            values = encoding.completed(self.landmarks[self._num_landmarks_tried])
            self._num_landmarks_tried += 1
            if self._is_new(values) and self.fits(values):
                self._num_landmarks_proposed += 1
                return values
        return None

    def _drawn_values(self, generator: np.random.Generator) -> dict[str, Any] | None:
        """Return new random values, or None where the space seems used up."""
        encoding = Encoding(self.hyperparameters)
        drawn = (encoding.random(generator) for _ in range(_MAX_COLLISIONS))
        fresh = (values for values in drawn if self._is_new(values))
        first = next(fresh, None)
        if first is None or self.fits(first):
            return first
        return self._first_fitting(fresh) or first

    def _first_fitting(
        self, proposals: Iterable[dict[str, Any]]
    ) -> dict[str, Any] | None:
        """Return the first that fits, or None where none of many does."""
        some = itertools.islice(proposals, MAX_REDRAWS)
        return next((values for values in some if self.fits(values)), None)

    def _compute_values_hash(self, values: dict[str, Any]) -> str:
        searched = {k: v for k, v in values.items() if not k.startswith("tuner/")}
        digest: str = super()._compute_values_hash(searched)
        return digest

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

    def _retry(self, trial: keras_tuner.engine.trial.Trial) -> bool:
        """Queue a crashed trial, first come first served, and forget its scores."""
        if trial.status != "INVALID":
            return False
        if self._run_times[trial.trial_id] > self.max_retries_per_trial:
            trial.status = "FAILED"
            return False
        trial.metrics = metrics_tracking.MetricsTracker()
        self._retry_queue.insert(0, trial.trial_id)
        return True

    def complete_trial(self, trial_id: str, score: float, *, epochs: int) -> None:
        """Tell that a trial was trained to its planned epochs.

        A score that is not finite is a failure.
        """
        if not math.isfinite(score):
            self.fail_trial(trial_id, f"its {self.objective.name} is {score}")
            return
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
        return {
            **super().get_state(),
            "landmarks_tried": self._num_landmarks_tried,
            "landmarks_proposed": self._num_landmarks_proposed,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Take up a state."""
        super().set_state(state)
        self._num_landmarks_tried = state["landmarks_tried"]
        self._num_landmarks_proposed = state["landmarks_proposed"]


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
