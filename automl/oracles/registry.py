"""The strategies by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras_tuner

from automl.oracles._mended import MendedOracle
from automl.oracles.bayesian import BayesianOracle
from automl.oracles.evolution import EvolutionOracle
from automl.oracles.grid import GridOracle
from automl.oracles.hyperband import HyperbandOracle
from automl.oracles.multi_fidelity import MultiFidelityOracle
from automl.oracles.random_search import RandomSearchOracle

ORACLES: dict[str, Callable[..., MendedOracle]] = {
    "auto": MultiFidelityOracle,
    "random": RandomSearchOracle,
    "grid": GridOracle,
    "bayesian": BayesianOracle,
    "hyperband": HyperbandOracle,
    "evolution": EvolutionOracle,
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
    fits: Callable[[Mapping[str, Any]], bool] | None = None,
) -> MendedOracle:
    """Return a strategy, ready to be asked.

    Args:
        strategy: A key of `ORACLES`.
        hyperparameters: The space, every conditional part of it known.
        objective: What to make large or small.
        max_epochs: Epochs of a full training.
        seed: Seed of every draw.
        landmarks: Complete sets of values to try first.
        fits: Whether values keep to the limits of the search; see `MendedOracle`.

    Raises:
        KeyError: If there is no such strategy.
    """
    options: dict[str, Any] = (
        {"max_epochs": max_epochs} if strategy in _WITH_RUNGS else {}
    )
    if fits is not None:
        options["fits"] = fits
    return ORACLES[strategy](
        objective=objective,
        hyperparameters=hyperparameters,
        seed=seed,
        landmarks=landmarks,
        **options,
    )
