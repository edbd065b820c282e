"""Every hyperparameter of the space, conditional where it is conditional.

Every hyperparameter that is active changes the model or its training; a dimension
of which data, budget or user leave one value only is not declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras_tuner

from automl_datasets.spec import DataSpec
from automl_search_spaces.dimensions.architecture import Ranges, declare_architecture
from automl_search_spaces.dimensions.declaration import Declaration, Narrowing
from automl_search_spaces.dimensions.training import declare_training

Values = Mapping[str, Any]

#: What holds where a dimension has no meaning, as growth of a single stage.
_NEUTRAL: Values = {"growth": 1.0, "pooling": "max", "augmentation": "none"}


def declare(
    hp: keras_tuner.HyperParameters,
    spec: DataSpec,
    ranges: Ranges,
    *,
    balanced: bool = False,
    narrowing: Narrowing | None = None,
) -> dict[str, Any]:
    """Declare every hyperparameter and return the value of every dimension.

    Args:
        hp: Container; values it holds already are kept.
        spec: The data.
        ranges: The ranges.
        balanced: Whether class weights are usual where classes are unequal.
        narrowing: What is left of which dimension.
    """
    declaration = Declaration(hp, narrowing)
    declare_architecture(declaration, spec, ranges)
    declare_training(declaration, spec, balanced=balanced)
    known = {**declaration.fixed, **active_values(hp)}
    suffix = f"_{known['representation']}"
    return {**_NEUTRAL, **{name.removesuffix(suffix): known[name] for name in known}}


def active_values(hp: keras_tuner.HyperParameters) -> dict[str, Any]:
    """Return the values of the active hyperparameters, in order of declaration."""
    return {h.name: hp.values[h.name] for h in hp.space if hp.is_active(h)}
