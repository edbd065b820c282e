"""How many points a conditional space has, exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

#: Values of the dimensions that conditions still to come hang on.
_State = frozenset[tuple[str, Any]]


def levels_of(hyperparameter: Any) -> tuple[Any, ...] | None:
    """Return the values of a hyperparameter, or `None` for a range without steps."""
    if not hasattr(hyperparameter, "min_value"):
        return tuple(hyperparameter.values)
    low, high = hyperparameter.min_value, hyperparameter.max_value
    step = hyperparameter.step
    if step is None:
        return (low,) if low == high else None
    if hyperparameter.sampling == "linear":
        number = math.floor((high - low) / step + 1e-8) + 1
        return tuple(low + step * index for index in range(number))
    number = math.floor(math.log(high / low, step) + 1e-8) + 1
    return tuple(low * step**index for index in range(number))


def count_points(hyperparameters: Sequence[Any]) -> int | None:
    """Return the number of different sets of active values, `None` if infinite.

    Counted from the last dimension to the first, for each set of values that
    conditions of later dimensions hang on.

    Args:
        hyperparameters: KerasTuner's, parents before their children.

    Example:
        >>> import keras_tuner
        >>> hp = keras_tuner.HyperParameters()
        >>> _ = hp.Choice("head", ["gap", "dense"])
        >>> with hp.conditional_scope("head", ["dense"]):
        ...     _ = hp.Int("units", 1, 3)
        >>> count_points(hp.space)
        4
    """
    levels = [levels_of(h) for h in hyperparameters]
    needed = _needed_after(hyperparameters)

    @cache
    def count(index: int, state: _State) -> float:
        if index == len(hyperparameters):
            return 1
        hyperparameter, values = hyperparameters[index], levels[index]
        if not _is_active(hyperparameter, dict(state)):
            return count(index + 1, _kept(state, needed[index]))
        if values is None:
            return math.inf
        if hyperparameter.name not in needed[index]:
            return len(values) * count(index + 1, _kept(state, needed[index]))
        return sum(
            count(
                index + 1, _kept(state | {(hyperparameter.name, value)}, needed[index])
            )
            for value in values
        )

    total = count(0, frozenset())
    return None if math.isinf(total) else int(total)


def _needed_after(hyperparameters: Sequence[Any]) -> list[frozenset[str]]:
    """Return, for each dimension, the names that conditions after it hang on."""
    needed: list[frozenset[str]] = []
    names: frozenset[str] = frozenset()
    for hyperparameter in reversed(hyperparameters):
        needed.append(names)
        names |= {condition.name for condition in hyperparameter.conditions}
    return needed[::-1]


def _kept(state: _State, names: frozenset[str]) -> _State:
    return frozenset(item for item in state if item[0] in names)


def _is_active(hyperparameter: Any, values: Mapping[str, Any]) -> bool:
    return all(condition.is_active(values) for condition in hyperparameter.conditions)
