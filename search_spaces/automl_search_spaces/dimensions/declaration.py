"""Declaring dimensions on KerasTuner's hyperparameters, narrowed as a user asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras_tuner

from automl_search_spaces.errors import SpaceError


@dataclass(frozen=True)
class Span:
    """The part of a numeric range that is left; ends are included."""

    low: float
    high: float


#: By dimension, the values or the part of the range that are left of it.
Narrowing = Mapping[str, "tuple[Any, ...] | Span"]


class Declaration:
    """Dimensions as they are declared.

    A dimension with one value left is not declared: its value is `fixed`. What is
    declared under a condition that can't hold is left out.

    Example:
        >>> hp = keras_tuner.HyperParameters()
        >>> declaration = Declaration(hp, {"optimizer": ("adam",)})
        >>> declaration.choice("optimizer", ["sgd", "adam"], "sgd")
        >>> with declaration.when("optimizer", ["sgd"]):
        ...     declaration.number("momentum", 0.8, 0.99, 0.9)
        >>> declaration.integer("stages", 2, 4, 3)
        >>> declaration.fixed, [h.name for h in hp.space]
        ({'optimizer': 'adam'}, ['stages'])
    """

    def __init__(
        self, hp: keras_tuner.HyperParameters, narrowing: Narrowing | None = None
    ) -> None:
        """Declare on `hp`, whose values are kept where it holds some already.

        Args:
            hp: The container.
            narrowing: What is left of which dimension; all of it where none is named.
        """
        self.fixed: dict[str, Any] = {}
        self._hp: Any = hp
        self._narrowing = narrowing or {}
        self._options: dict[str, tuple[Any, ...] | None] = {}
        self._impossible = 0

    def choice(
        self,
        name: str,
        options: Sequence[Any],
        default: Any,
        *,
        dimension: str | None = None,
    ) -> None:
        """Declare one of some values.

        Args:
            name: Name of the hyperparameter.
            options: The values.
            default: The usual one; if it is not left, the middle one is.
            dimension: What the narrowing calls it, if not `name`.

        Raises:
            SpaceError: If the narrowing leaves none of the values.
        """
        left = self._left(dimension or name, options)
        if self._impossible or self._is_fixed(name, left):
            return
        known = default if default in left else left[len(left) // 2]
        self._options[name] = tuple(left)
        self._hp.Choice(name, list(left), default=known)

    def flag(self, name: str, default: bool) -> None:
        """Declare yes or no."""
        left = self._left(name, (True, False))
        if not self._impossible and not self._is_fixed(name, left):
            self._options[name] = (True, False)
            self._hp.Boolean(name, default=default)

    def integer(
        self,
        name: str,
        low: int,
        high: int,
        default: int,
        *,
        dimension: str | None = None,
    ) -> None:
        """Declare a whole number from `low` to `high`.

        Raises:
            SpaceError: If the narrowing leaves no number.
        """
        narrowed = self._narrowing.get(dimension or name)
        if isinstance(narrowed, tuple):
            self.choice(name, range(low, high + 1), default, dimension=dimension)
            return
        if narrowed is not None:
            low, high = map(int, _inside(name, narrowed, low, high))
        if self._impossible or self._is_fixed(name, range(low, high + 1)):
            return
        self._options[name] = None
        self._hp.Int(name, low, high, default=min(max(default, low), high))

    def number(
        self,
        name: str,
        low: float,
        high: float,
        default: float,
        *,
        step: float | None = None,
        logarithmic: bool = False,
    ) -> None:
        """Declare a number from `low` to `high`.

        Raises:
            SpaceError: If the narrowing leaves no number.
        """
        narrowed = self._narrowing.get(name)
        if isinstance(narrowed, tuple):
            inside = [value for value in narrowed if low <= value <= high]
            self.choice(name, inside or [low], default)
            return
        if narrowed is not None:
            low, high = _inside(name, narrowed, low, high)
        if self._impossible or (low == high and self._is_fixed(name, [low])):
            return
        self._options[name] = None
        self._hp.Float(
            name,
            low,
            high,
            step=step,
            sampling="log" if logarithmic else "linear",
            default=min(max(default, low), high),
        )

    @contextmanager
    def when(self, parent: str, values: Sequence[Any]) -> Iterator[None]:
        """Declare what is inside only where `parent` has one of `values`."""
        met = self._met(parent, values)
        if self._impossible or not met:
            self._impossible += 1
            try:
                yield
            finally:
                self._impossible -= 1
        elif parent in self.fixed:
            yield
        else:
            with self._hp.conditional_scope(parent, met):
                yield

    def _met(self, parent: str, values: Sequence[Any]) -> list[Any]:
        """Return those of the values that `parent` can have."""
        if parent in self.fixed:
            return [value for value in values if value == self.fixed[parent]]
        if parent not in self._options:
            return []
        options = self._options[parent]
        return [value for value in values if options is None or value in options]

    def _left(self, dimension: str, options: Sequence[Any]) -> Sequence[Any]:
        narrowed = self._narrowing.get(dimension)
        if narrowed is None:
            return options
        if isinstance(narrowed, Span):
            left = [o for o in options if narrowed.low <= o <= narrowed.high]
        else:
            left = [option for option in options if option in narrowed]
        if not left and not self._impossible:
            raise SpaceError(
                f"{dimension} has none of the values asked for; choose from: "
                f"{', '.join(map(str, options))}."
            )
        return left or options

    def _is_fixed(self, name: str, left: Sequence[Any]) -> bool:
        """Keep the value if it is the only one, and return whether it is."""
        if len(left) == 1:
            self.fixed[name] = left[0]
        return len(left) == 1


def _inside(name: str, span: Span, low: float, high: float) -> tuple[float, float]:
    """Return what is left of a range."""
    if span.low > high or span.high < low or span.low > span.high:
        raise SpaceError(
            f"{name} from {span.low} to {span.high} is not within {low} to {high}."
        )
    return max(low, span.low), min(high, span.high)
