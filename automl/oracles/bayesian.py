"""KerasTuner's Gaussian process, mended for parallel and resumed searches."""

from __future__ import annotations

import warnings
from typing import Any

import keras_tuner
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from automl.oracles._mended import MendedOracle, derive_seed
from automl.oracles.blas import one_thread

NUM_INITIAL_POINTS = 8


class BayesianOracle(MendedOracle, keras_tuner.oracles.BayesianOptimizationOracle):
    """Bayesian optimization with full trainings only.

    KerasTuner asks a model that was never fitted for the outlook of running trials,
    proposes the same values again and again on small spaces, and starts with three
    random trials a dimension. Here running trials count as the worst score seen (the
    constant liar), repeats give way to a random draw, and eight draws are the start.

    Source:
        Ginsbourger et al. (2010), Kriging is well-suited to parallelize optimization.
    """

    def __init__(self, *, seed: int, **options: Any) -> None:
        """See `MendedOracle`."""
        super().__init__(
            seed=seed, max_trials=None, num_initial_points=NUM_INITIAL_POINTS, **options
        )

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return values of a promising trial that is new and fits."""
        self._random_state = np.random.RandomState(
            derive_seed(self.seed, "acquisition", len(self.trials))
        )
        with one_thread(), warnings.catch_warnings():
            # A length scale at its bound is no news on a space with few dimensions.
            warnings.simplefilter("ignore", ConvergenceWarning)
            response: dict[str, Any] = super().populate_space(trial_id)
        values = response["values"] if response["status"] == "RUNNING" else None
        if values is not None and not (self._is_new(values) and self.fits(values)):
            response = self._random_populate_space()
        return response

    def _vectorize_trials(self) -> tuple[np.ndarray, np.ndarray]:
        """Return one row in the unit cube per trial, and its score to minimise."""
        sign = -1.0 if self.objective.direction == "max" else 1.0
        completed = [t for t in self.trials.values() if t.status == "COMPLETED"]
        running = [t for t in self.trials.values() if t.status == "RUNNING"]
        scores = [sign * trial.score for trial in completed]
        scores += [max(scores)] * len(running)
        rows = [self._unit_vector(trial) for trial in completed + running]
        return np.array(rows), np.array(scores)

    def _unit_vector(self, trial: keras_tuner.engine.trial.Trial) -> list[float]:
        values = trial.hyperparameters.values
        return [
            hp.value_to_prob(values.get(hp.name, hp.default))
            for hp in self._nonfixed_space()
        ]
