"""What a space holds, for people: dimensions, number of networks, what they cost."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras_tuner

from automl_datasets.spec import DataSpec
from automl_search_spaces.cost import count_macs, count_parameters
from automl_search_spaces.counting import count_points
from automl_search_spaces.landmark_space import LandmarkSpace
from automl_search_spaces.published.catalog import PUBLISHED
from automl_search_spaces.published_parameters import PUBLISHED_PARAMETERS
from automl_search_spaces.space import SearchSpace

AnySpace = SearchSpace | LandmarkSpace

#: By the number of sides, the kind of `example_data`.
EXAMPLE_KINDS: Mapping[int, str] = {1: "series", 2: "image", 3: "volume"}

#: A draw that exceeds a limit is drawn anew at most this often.
_REDRAWS = 60


@dataclass(frozen=True)
class Dimension:
    """One hyperparameter as people see it.

    Attributes:
        name: Name of the hyperparameter.
        values: Its range.
        default: Its default.
        condition: When it is active; empty if always.
    """

    name: str
    values: str
    default: Any
    condition: str


@dataclass(frozen=True)
class NetworkCost:
    """What one network of a space costs.

    Attributes:
        architecture: Its notation.
        params: Its weights.
        macs: Its multiply-accumulates, of one forward pass of one sample.
    """

    architecture: str
    params: int
    macs: int


def example_data(shape: tuple[int, ...], *, num_train: int = 50_000) -> DataSpec:
    """Return data in ten classes to look at a space with.

    Args:
        shape: One to three sides and the channels.
        num_train: Samples to train on.
    """
    return DataSpec(
        kind=EXAMPLE_KINDS[len(shape) - 1],
        shape=shape,
        dtype="float32",
        task="classification",
        classes=tuple("0123456789"),
        num_train=num_train,
        num_val=num_train // 10,
        num_test=num_train // 10,
        mean=(0.0,) * shape[-1],
        std=(1.0,) * shape[-1],
    )


def describe(hyperparameters: keras_tuner.HyperParameters) -> tuple[Dimension, ...]:
    """Return the dimensions of a space as people see them."""
    return tuple(
        Dimension(h.name, _range(h), h.default, _condition(h))
        for h in hyperparameters.space
    )


def count_networks(space: AnySpace) -> int | None:
    """Return how many networks a space holds, training aside; `None` if infinite."""
    return count_points(space.architecture().space)


def count_trainings(space: AnySpace) -> int | None:
    """Return in how many ways one network is trained; `None` if infinitely many."""
    names = {h.name for h in space.architecture().space}
    others = [h for h in _declared(space).space if h.name not in names]
    return count_points(others)


def draw(space: AnySpace, generator: random.Random) -> dict[str, Any]:
    """Return random values of the active hyperparameters that fit the limits.

    Where none of many does, the last is returned.
    """
    declared = _declared(space)
    values: dict[str, Any] = {}
    for _ in range(_REDRAWS):
        values = {}
        for h in declared.space:
            if all(condition.is_active(values) for condition in h.conditions):
                values[h.name] = h.random_sample(generator.getrandbits(30))
        if space.fits(values):
            break
    return values


def sample_costs(space: AnySpace, draws: int, *, seed: int = 0) -> list[NetworkCost]:
    """Return what random networks of a space cost, the cheapest first."""
    generator = random.Random(seed)
    costs = [network_cost(space, draw(space, generator)) for _ in range(draws)]
    return sorted(costs, key=lambda cost: (cost.macs, cost.params))


def network_cost(space: AnySpace, values: Mapping[str, Any]) -> NetworkCost:
    """Return what the network of some values costs; its weights are not made."""
    model = space.network(values)
    return NetworkCost(
        space.notation(values), count_parameters(model), count_macs(model).total
    )


def published_networks() -> dict[str, int | None]:
    """Return the published networks with the parameters that their authors state."""
    return {name: PUBLISHED_PARAMETERS.get(name) for name in PUBLISHED.names}


def _declared(space: AnySpace) -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    space.declare_hyperparameters(hp)
    return hp


def _range(hyperparameter: Any) -> str:
    """Return the range of a hyperparameter in words."""
    if isinstance(hyperparameter, keras_tuner.engine.hyperparameters.Boolean):
        return "yes, no"
    if isinstance(hyperparameter, keras_tuner.engine.hyperparameters.Choice):
        return ", ".join(str(option) for option in hyperparameter.values)
    words = f"{hyperparameter.min_value} to {hyperparameter.max_value}"
    return f"{words} (log)" if hyperparameter.sampling == "log" else words


def _condition(hyperparameter: Any) -> str:
    """Return the conditions of a hyperparameter in words."""
    words = (
        f"{condition.name} is {' or '.join(str(v) for v in condition.values)}"
        for condition in hyperparameter.conditions
    )
    return " and ".join(words)
