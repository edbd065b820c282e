"""Hyperparameters as points of a unit cube, and the neighbours of a point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras_tuner
import numpy as np

# A range with more steps than this is walked like a continuous one.
_MOST_LEVELS = 12
_MUTATION_SPREAD = 0.15
_NEXT_LEVEL_SHARE = 0.7
_MOST_REDRAWS = 8


@dataclass(frozen=True)
class Dimension:
    """One hyperparameter as an axis.

    Attributes:
        parameter: KerasTuner's description of it.
        levels: Its values, in order where they have one; empty for a range.
        categorical: Whether its values have no order.
    """

    parameter: Any
    levels: tuple[Any, ...]
    categorical: bool

    @property
    def name(self) -> str:
        """Name of the hyperparameter."""
        return str(self.parameter.name)

    @property
    def is_constant(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.levels) == 1

    def is_active(self, values: Mapping[str, Any]) -> bool:
        """Return whether every condition holds for `values`."""
        return all(c.is_active(values) for c in self.parameter.conditions)

    def position(self, value: Any) -> float:
        """Return where a value lies: in [0, 1], or its index if categorical."""
        if self.levels:
            index = self._level(value)
            return float(index if self.categorical else index / self._last_level)
        return min(1.0, max(0.0, _share_of_range(self.parameter, value)))

    def value_at(self, share: float) -> Any:
        """Return the value below which a share of all draws lies."""
        if self.levels:
            return self.levels[min(int(share * len(self.levels)), self._last_level)]
        return self.parameter.prob_to_value(min(share, 1.0 - 1e-9))

    def mutated(self, value: Any, generator: np.random.Generator) -> Any:
        """Return another value, a near one where values have an order."""
        if self.levels:
            return self.levels[self._other_level(self._level(value), generator)]
        other = value
        for _ in range(_MOST_REDRAWS):
            step = _MUTATION_SPREAD * generator.standard_normal()
            other = self.value_at(min(1.0, max(0.0, self.position(value) + step)))
            if other != value:
                break
        return other

    @property
    def _last_level(self) -> int:
        return max(1, len(self.levels) - 1)

    def _level(self, value: Any) -> int:
        if value in self.levels:
            return self.levels.index(value)
        if self.categorical:
            raise ValueError(
                f"Hyperparameter {self.name!r} must be one of {list(self.levels)}, "
                f"but is {value!r}."
            )
        return min(
            range(len(self.levels)), key=lambda index: abs(self.levels[index] - value)
        )

    def _other_level(self, index: int, generator: np.random.Generator) -> int:
        others = [other for other in range(len(self.levels)) if other != index]
        near = [other for other in others if abs(other - index) == 1]
        if not self.categorical and generator.random() < _NEXT_LEVEL_SHARE:
            others = near
        return others[int(generator.integers(len(others)))]


class Encoding:
    """A space as the unit cube: one coordinate a hyperparameter.

    A hyperparameter that is not active lies at its default; one more coordinate for
    each set of conditions tells whether they hold.

    Attributes:
        dimensions: Every hyperparameter, parents before their children.
        categorical: bool `(coordinates,)`: where only equal or not equal counts.
    """

    def __init__(self, hyperparameters: keras_tuner.HyperParameters) -> None:
        """Encode the space of `hyperparameters`; its values don't matter."""
        self.dimensions = tuple(_dimension(hp) for hp in hyperparameters.space)
        self._searched = [d for d in self.dimensions if not d.is_constant]
        self._defaults = [d.position(d.parameter.default) for d in self._searched]
        self._conditional: list[Dimension] = []
        for dimension in self._searched:
            conditions = dimension.parameter.conditions
            known = [other.parameter.conditions for other in self._conditional]
            if conditions and conditions not in known:
                self._conditional.append(dimension)
        flags = [d.categorical for d in self._searched]
        self.categorical = np.array(flags + [False] * len(self._conditional), bool)

    def row(self, values: Mapping[str, Any]) -> np.ndarray:
        """Return the point of `values`, float64 `(coordinates,)`.

        Raises:
            ValueError: If a categorical value is unknown.
        """
        positions = [
            dimension.position(values[dimension.name])
            if dimension.is_active(values)
            else default
            for dimension, default in zip(self._searched, self._defaults, strict=True)
        ]
        activity = [float(d.is_active(values)) for d in self._conditional]
        return np.array(positions + activity, dtype=np.float64)

    def rows(self, many: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Return the points of several sets of values, `(sets, coordinates)`."""
        return np.array([self.row(values) for values in many]).reshape(
            len(many), len(self.categorical)
        )

    def values_at(self, shares: np.ndarray) -> dict[str, Any]:
        """Return the active values for shares in [0, 1), one for each dimension."""
        values: dict[str, Any] = {}
        for dimension, share in zip(self.dimensions, shares, strict=True):
            if dimension.is_active(values):
                values[dimension.name] = dimension.value_at(float(share))
        return values

    def completed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the active of `values`, with defaults for those that are missing.

        Raises:
            ValueError: If a categorical value is unknown.
        """
        result: dict[str, Any] = {}
        for dimension in self.dimensions:
            if dimension.is_active(result):
                value = values.get(dimension.name, dimension.parameter.default)
                dimension.position(value)
                result[dimension.name] = value
        return result

    def random(self, generator: np.random.Generator) -> dict[str, Any]:
        """Return values drawn as the space says."""
        return self.values_at(generator.random(len(self.dimensions)))

    def mutated(
        self, values: Mapping[str, Any], generator: np.random.Generator, *, changes: int
    ) -> dict[str, Any]:
        """Return `values` with some changed; what becomes active is drawn anew."""
        eligible = [
            index
            for index, dimension in enumerate(self.dimensions)
            if dimension.is_active(values) and not dimension.is_constant
        ]
        changes = min(changes, len(eligible))
        changed = set(generator.choice(eligible, changes, replace=False).tolist())
        result: dict[str, Any] = {}
        for index, dimension in enumerate(self.dimensions):
            if not dimension.is_active(result):
                continue
            if index in changed:
                value = dimension.mutated(values[dimension.name], generator)
            elif dimension.is_active(values):
                value = values[dimension.name]
            else:
                value = dimension.value_at(float(generator.random()))
            result[dimension.name] = value
        return result


def latin_hypercube(
    number: int, dimensions: int, generator: np.random.Generator
) -> np.ndarray:
    """Return points of which each has a slice of every axis to itself.

    Source:
        McKay, Beckman, Conover (1979), Technometrics 21(2).

    Returns:
        float64 `(number, dimensions)` in [0, 1).
    """
    slices = generator.permuted(
        np.tile(np.arange(number)[:, None], (1, dimensions)), axis=0
    )
    return (slices + generator.random((number, dimensions))) / number


def _dimension(parameter: Any) -> Dimension:
    kind = type(parameter).__name__
    if kind in ("Choice", "Boolean", "Fixed"):
        ordered = getattr(parameter, "ordered", False)
        levels = tuple(parameter.values)
        return Dimension(
            parameter, tuple(sorted(levels)) if ordered else levels, not ordered
        )
    return Dimension(parameter, _steps(parameter), categorical=False)


def _steps(parameter: Any) -> tuple[Any, ...]:
    """Return the values of a range with few steps; KerasTuner loses the last of some.

    It takes `0.5 // 0.1` for the number of steps, which is 4.
    """
    low, high, step = parameter.min_value, parameter.max_value, parameter.step
    if low == high:
        return (low,)
    if step is None:
        return ()
    if parameter.sampling == "linear":
        number = (high - low) / step
        steps = [low + step * index for index in range(_count(number))]
    else:
        number = math.log(high / low, step)
        steps = [low * step**index for index in range(_count(number))]
    if parameter.sampling == "reverse_log":
        steps = [high + low - value for value in reversed(steps)]
    if len(steps) > _MOST_LEVELS:
        return ()
    kind = type(low)
    return tuple(kind(float(f"{value:.12g}")) for value in steps)


def _count(steps: float) -> int:
    return min(_MOST_LEVELS, math.floor(steps + 1e-8)) + 1


def _share_of_range(parameter: Any, value: float) -> float:
    low, high = parameter.min_value, parameter.max_value
    if parameter.sampling == "linear":
        return float((value - low) / (high - low))
    if parameter.sampling == "log":
        return math.log(value / low) / math.log(high / low)
    return 1.0 - math.log((high + low - value) / low) / math.log(high / low)
