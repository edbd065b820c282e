"""The strategies by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras_tuner

from automl.oracles.adapted import AdaptedOracle
from automl.oracles.bayesian import BayesianOracle
from automl.oracles.evolution import EvolutionOracle
from automl.oracles.grid import GridOracle
from automl.oracles.hyperband import HyperbandOracle
from automl.oracles.mended import (
    MendedOracle,
    Objectives,
    fits_always,
    objectives_of,
)
from automl.oracles.multi_fidelity import MultiFidelityOracle
from automl.oracles.random_search import RandomSearchOracle
from automl.oracles.strategy import Strategy
from automl.oracles.user import UserStrategy

ORACLES: dict[str, Callable[..., MendedOracle]] = {
    "auto": MultiFidelityOracle,
    "random": RandomSearchOracle,
    "grid": GridOracle,
    "bayesian": BayesianOracle,
    "hyperband": HyperbandOracle,
    "evolution": EvolutionOracle,
}
_WITH_EPOCHS = {"auto", "bayesian", "hyperband"}


def make_oracle(
    strategy: str,
    hyperparameters: keras_tuner.HyperParameters,
    objective: Objectives,
    *,
    max_epochs: int,
    seed: int,
    landmarks: Sequence[Mapping[str, Any]] = (),
    fits: Callable[[Mapping[str, Any]], bool] = fits_always,
) -> Strategy:
    """Return a strategy, ready to be asked.

    Args:
        strategy: A key of `ORACLES`, or `FILE.py:NAME`, whose file is run.
        hyperparameters: The space, every conditional part of it known.
        objective: What to make large or small; of several, the first is the score,
            and the strategy looks for their Pareto front.
        max_epochs: Epochs of a full training.
        seed: Seed of every draw.
        landmarks: Complete sets of values to try first.
        fits: Whether values keep to the limits of the search; see `MendedOracle`.

    Raises:
        KeyError: If there is no such strategy.
        RequestError: If the file of a strategy is of no use.
        ValueError: If it can't do with several objectives.
    """
    common: dict[str, Any] = {"seed": seed, "landmarks": landmarks}
    if strategy in _WITH_EPOCHS or ":" in strategy:
        common["max_epochs"] = max_epochs
    if ":" in strategy:
        user = UserStrategy(strategy)
        oracle = user.make(hyperparameters, objective, **common)
        several = objectives_of(objective)
        return AdaptedOracle(oracle, several, fits=fits, call=user.call)
    return ORACLES[strategy](
        objective=objective, hyperparameters=hyperparameters, fits=fits, **common
    )
