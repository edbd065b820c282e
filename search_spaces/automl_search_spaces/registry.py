"""The search spaces by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras_tuner

from automl_datasets.spec import DataSpec
from automl_search_spaces.catalog import Catalog
from automl_search_spaces.space import SearchSpace


@dataclass(frozen=True)
class Space:
    """A search space that can be asked for.

    Attributes:
        name: What it is called.
        summary: What it holds, in one sentence.
        create: Makes the space: `(spec, *, max_epochs, max_macs=None)`.
    """

    name: str
    summary: str
    create: Callable[..., SearchSpace]


SPACES: Catalog[Space] = Catalog(
    "search space",
    Space(
        "auto",
        "Plain, residual, densely connected and, for series and texts, parallel "
        "networks with their training, bounded by the data and the budget.",
        SearchSpace,
    ),
)


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


def get_space(name: str) -> Callable[..., SearchSpace]:
    """Return what makes the space called `name`.

    Raises:
        SpaceError: If there is no such space.
    """
    return SPACES[name].create


def describe(name: str, spec: DataSpec) -> tuple[Dimension, ...]:
    """Return the dimensions that the space called `name` has for the data.

    Raises:
        SpaceError: If there is no such space.
    """
    hp = keras_tuner.HyperParameters()
    get_space(name)(spec, max_epochs=1).declare_hyperparameters(hp)
    return tuple(
        Dimension(h.name, _range(h), h.default, _condition(h)) for h in hp.space
    )


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
