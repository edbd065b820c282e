"""KerasTuner's oracle, mended for a search that outlives failures and crashes."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import keras_tuner
import numpy as np
from keras_tuner.src.engine import metrics_tracking
from keras_tuner.src.engine import oracle as _engine

from automl.oracles.encoding import Encoding
from automl.seeds import derive_seed

SKIPPED = "skipped"
MAX_REDRAWS = 60
_MAX_COLLISIONS = 300

Objectives: TypeAlias = "keras_tuner.Objective | Sequence[keras_tuner.Objective]"


def objectives_of(objective: Objectives) -> list[keras_tuner.Objective]:
    """Return the objectives in a list, KerasTuner's `MultiObjective` taken apart."""
    several = getattr(objective, "objectives", objective)
    return list(several) if isinstance(several, Sequence) else [several]


def fits_always(values: Mapping[str, Any]) -> bool:
    """Return that they do: there are no limits."""
    return True


class SharedSpace(keras_tuner.HyperParameters):
    """A space that its copies share; only their values are their own.

    KerasTuner copies the space for every trial, condition by condition, which takes
    longer than drawing the values. No trial ever changes it.
    """

    @classmethod
    def of(cls, space: keras_tuner.HyperParameters) -> SharedSpace:
        """Return a space as one that is shared."""
        shared = cls()
        shared.__dict__.update(vars(space))
        return shared

    def copy(self) -> SharedSpace:
        """Return one with values of its own."""
        twin = copy.copy(self)
        twin.values = dict(self.values)
        return twin


class MendedOracle(keras_tuner.Oracle):
    """Base of every strategy here; mixes into KerasTuner's own oracles.

    It proposes landmarks before anything else, draws every trial from a stream of its
    own, knows failed from skipped trials, never ends a search because trials fail,
    writes no files (its state is `snapshot`), and gives its lock back after an error.
    """

    hyperparameters: keras_tuner.HyperParameters

    def __init__(
        self,
        *,
        objective: Objectives,
        seed: int,
        landmarks: Sequence[Mapping[str, Any]] = (),
        fits: Callable[[Mapping[str, Any]], bool] = fits_always,
        **options: Any,
    ) -> None:
        """Take KerasTuner's own options as well.

        Args:
            objective: What to make large or small; the first of several is the score
                of a trial, the others are `costs`.
            seed: Any integer, zero included.
            landmarks: Sets of values to be tried first, in order, what is missing at
                its default; those that don't fit are left out.
            fits: Whether values keep to the limits of the search. Others are drawn
                anew, up to a bound, and proposed after all beyond it.
            **options: What KerasTuner's oracle of this kind takes.
        """
        score, *costs = objectives_of(objective)
        super().__init__(objective=score, seed=1, **options)
        # KerasTuner takes 0 for "any seed", so it is not asked.
        self.seed = self._seed_state = seed + 1
        self.costs = tuple(costs)
        self.landmarks = [dict(values) for values in landmarks]
        self.fits = fits
        self.promotes_only = False
        self._num_landmarks_tried = 0
        self._num_landmarks_proposed = 0
        self.verbose = 0
        self.hyperparameters = SharedSpace.of(self.hyperparameters)

    @property
    def cost_directions(self) -> tuple[str, ...]:
        """`min` or `max` of every objective but the first."""
        return tuple(cost.direction for cost in self.costs)

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
        while self._num_landmarks_tried < len(self.landmarks):
            landmark = self.landmarks[self._num_landmarks_tried]
            values = Encoding(self.hyperparameters).completed(landmark)
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
        digest: str = super()._compute_values_hash(searched_values(values))
        return digest

    def create_trial(self, tuner_id: str) -> keras_tuner.engine.trial.Trial:
        """Return the next trial for a worker; see `keras_tuner.Oracle`."""
        return releasing_lock(self, super().create_trial, tuner_id)

    def update_trial(
        self, trial_id: str, metrics: Mapping[str, float], step: int = 0
    ) -> Any:
        """Record a score; see `keras_tuner.Oracle`."""
        tracker = self.trials[trial_id].metrics
        for cost in self.costs:
            if not tracker.exists(cost.name):
                tracker.register(cost.name, cost.direction)
        return releasing_lock(self, super().update_trial, trial_id, metrics, step)

    def end_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """End a trial; one whose score is no number has failed."""
        if trial.status == "COMPLETED" and not self._has_sound_score(trial):
            trial.status = "FAILED"
            trial.message = "its score is no finite number"
        releasing_lock(self, super().end_trial, trial)

    def _has_sound_score(self, trial: keras_tuner.engine.trial.Trial) -> bool:
        metrics = self.trials[trial.trial_id].metrics
        names = [self.objective.name, *(cost.name for cost in self.costs)]
        return all(_is_sound(metrics, name) for name in names if metrics.exists(name))

    def score_trial(self, trial: keras_tuner.engine.trial.Trial) -> None:
        """Take the score and the costs out of a trial's metrics."""
        super().score_trial(trial)
        found = {c.name: trial.metrics.get_best_value(c.name) for c in self.costs}
        unknown = [name for name, value in found.items() if value is None]
        if unknown:
            raise ValueError(f"Trial {trial.trial_id} has no {unknown[0]}.")
        trial.costs = tuple(float(value) for value in found.values())

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

    def complete_trial(
        self,
        trial_id: str,
        score: float,
        *,
        epochs: int,
        costs: Mapping[str, float] | None = None,
    ) -> None:
        """Tell that a trial was trained to its planned epochs.

        A score or a cost that is not finite is a failure.

        Args:
            trial_id: The trial.
            score: Value of the first objective.
            epochs: Epochs that it was trained in all.
            costs: Values of the other objectives, by name.
        """
        metrics = {self.objective.name: score, **(costs or {})}
        for name, value in metrics.items():
            if not math.isfinite(value):
                self.fail_trial(trial_id, f"its {name} is {value}")
                return
        self.update_trial(trial_id, metrics, step=epochs)
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

    def _check_consecutive_failures(self) -> None:
        """Let a search go on; KerasTuner would also count from its first trial."""

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
        self.hyperparameters = SharedSpace.of(self.hyperparameters)
        self._num_landmarks_tried = state["landmarks_tried"]
        self._num_landmarks_proposed = state["landmarks_proposed"]


def searched_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return hyperparameters, without what tells the rung of a trial."""
    return {k: v for k, v in values.items() if not k.startswith("tuner/")}


def _is_sound(metrics: metrics_tracking.MetricsTracker, name: str) -> bool:
    seen = [v for step in metrics.get_history(name) for v in step.value]
    if not seen or np.isnan(seen).all():
        return not seen  # what was not reported is KerasTuner's to refuse
    return bool(np.isfinite(metrics.get_best_value(name)))


def releasing_lock(oracle: keras_tuner.Oracle, call: Any, *arguments: Any) -> Any:
    """Call, and give back KerasTuner's lock where the call leaves it taken."""
    try:
        return call(*arguments)
    except BaseException:
        _engine.THREADS[oracle] = None
        if _engine.LOCKS[oracle].locked():
            _engine.LOCKS[oracle].release()
        raise


def forget(oracle: Any) -> None:
    """Let go of an oracle whose search has ended.

    KerasTuner keeps a lock for every oracle there ever was, and with it the oracle, its
    space and all networks that the space has built.
    """
    for known in (oracle, getattr(oracle, "oracle", None)):  # a user's own is wrapped
        _engine.LOCKS.pop(known, None)
        _engine.THREADS.pop(known, None)
