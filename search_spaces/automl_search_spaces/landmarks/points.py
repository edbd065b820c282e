"""From wanted values to a point of a space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras_tuner


def nearest_values(
    declare: Callable[[keras_tuner.HyperParameters], object], wanted: Mapping[str, Any]
) -> dict[str, Any]:
    """Return complete active values, as near to the wanted as ranges allow.

    Args:
        declare: Declares the dimensions of the space.
        wanted: Values of some dimensions, in their ranges or not.
    """
    hp = keras_tuner.HyperParameters()
    hp.values = dict(wanted)
    declare(hp)
    # Conditions hang on values, which must be of their ranges first.
    hp.values.update(
        {
            h.name: _nearest(h, hp.values[h.name])
            for h in hp.space
            if h.name in hp.values
        }
    )
    return {h.name: hp.values[h.name] for h in hp.space if hp.is_active(h)}


def _nearest(hyperparameter: Any, value: Any) -> Any:
    """Return the value of a hyperparameter's range that is nearest to `value`."""
    if hasattr(hyperparameter, "min_value"):
        return min(max(value, hyperparameter.min_value), hyperparameter.max_value)
    if value in hyperparameter.values:
        return value
    if isinstance(value, str):
        return hyperparameter.default
    return min(hyperparameter.values, key=lambda option: abs(option - value))
