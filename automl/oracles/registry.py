"""The strategies by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras_tuner

from automl.oracles._mended import MendedOracle
from automl.oracles.bayesian import BayesianOracle
from automl.oracles.hyperband import HyperbandOracle
from automl.oracles.random_search import RandomSearchOracle
from automl.oracles.successive_halving import SuccessiveHalvingOracle

ORACLES: dict[str, Callable[..., MendedOracle]] = {
    "auto": SuccessiveHalvingOracle,
    "random": RandomSearchOracle,
    "bayesian": BayesianOracle,
    "hyperband": HyperbandOracle,
}
_WITH_RUNGS = {"auto", "hyperband"}


def make_oracle(
    strategy: str,
    hyperparameters: keras_tuner.HyperParameters,
    objective: keras_tuner.Objective,
    *,
    max_epochs: int,
    seed: int,
    landmarks: Sequence[Mapping[str, Any]] = (),
) -> MendedOracle:
    """Return a strategy, ready to be asked.

    Args:
        strategy: A key of `ORACLES`.
        hyperparameters: The space, every conditional part of it known.
        objective: What to make large or small.
        max_epochs: Epochs of a full training.
        seed: Seed of every draw.
        landmarks: Complete sets of values to try first.

    Raises:
        KeyError: If there is no such strategy.
    """
    rungs = {"max_epochs": max_epochs} if strategy in _WITH_RUNGS else {}
    return ORACLES[strategy](
        objective=objective,
        hyperparameters=hyperparameters,
        seed=seed,
        landmarks=landmarks,
        **rungs,
    )
