"""KerasTuner's random search, without an end."""

from __future__ import annotations

from typing import Any

import keras_tuner

from automl.oracles.mended import MendedOracle


class RandomSearchOracle(MendedOracle, keras_tuner.oracles.RandomSearchOracle):
    """Full trainings of random values, never the same ones twice."""

    def __init__(self, *, seed: int, **options: Any) -> None:
        """See `MendedOracle`."""
        super().__init__(seed=seed, max_trials=None, **options)
