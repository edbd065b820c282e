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


class DimensionError(SpaceError):
    """A dimension can't be narrowed as asked.

    Attributes:
        dimension: Its name.
    """

    def __init__(self, dimension: str, message: str) -> None:
        """Say what is wrong with which dimension."""
        super().__init__(dimension, message)
        self.dimension = dimension

    def __str__(self) -> str:
        """Return the message."""
        return str(self.args[1])


def left_of(
    dimension: str, options: Sequence[Any], narrowing: Narrowing
) -> tuple[Any, ...]:
    """Return those of some values that a narrowing leaves, in the same order.

    Raises:
        DimensionError: If it leaves none of them.

    Example:
        >>> left_of("filters", (6, 8, 12, 16), {"filters": Span(8, 12)})
        (8, 12)
    """
    narrowed = narrowing.get(dimension)
    if narrowed is None:
        return tuple(options)
    if isinstance(narrowed, Span):
        if any(isinstance(option, str | bool) for option in options):
            raise DimensionError(
                dimension, f"{dimension} has no range; choose from: {_words(options)}."
            )
        left = [o for o in options if narrowed.low <= o <= narrowed.high]
    else:
        left = [option for option in options if option in narrowed]
    if not left:
        raise DimensionError(
            dimension,
            f"{dimension} can't be {_wanted(narrowed)} here; "
            f"choose from: {_words(options)}.",
        )
    return tuple(left)


def _words(options: Sequence[Any]) -> str:
    return ", ".join(str(option) for option in options)


def _wanted(narrowed: tuple[Any, ...] | Span) -> str:
    if isinstance(narrowed, Span):
        return f"{narrowed.low} to {narrowed.high}"
    return " or ".join(str(value) for value in narrowed)


class Declaration:
    """Dimensions as they are declared.

    A dimension with one value left is not declared: its value is `fixed`. What is
    declared under a condition that can't hold is left out.

    Attributes:
        fixed: Values of the dimensions with one value left.

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
            default: The usual one; if it is not left, the nearest one is.
            dimension: What the narrowing calls it, if not `name`.

        Raises:
            DimensionError: If the narrowing leaves none of the values.
        """
        left = self._left(dimension or name, options)
        if self._impossible or self._is_fixed(name, left):
            return
        known = default if default in left else _nearest(left, default)
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
            DimensionError: If the narrowing leaves no number.
        """
        dimension = dimension or name
        if isinstance(self._narrowing.get(dimension), tuple):
            self.choice(name, range(low, high + 1), default, dimension=dimension)
            return
        left = self._left(dimension, range(low, high + 1))
        if self._impossible or self._is_fixed(name, left):
            return
        low, high = left[0], left[-1]
        self._options[name] = tuple(left)
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
            DimensionError: If the narrowing leaves no number.
        """
        narrowed = self._narrowing.get(name)
        if isinstance(narrowed, tuple):
            self._one_of(name, narrowed, Span(low, high), default)
            return
        if narrowed is not None and not self._impossible:
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

    def _one_of(
        self, name: str, wanted: tuple[Any, ...], span: Span, default: float
    ) -> None:
        """Declare one of some numbers of a range."""
        numbers = [value for value in wanted if _is_number(value)]
        inside = [value for value in numbers if span.low <= value <= span.high]
        if inside:
            self.choice(name, inside, default)
        elif not self._impossible:
            raise DimensionError(
                name,
                f"{name} can't be {_wanted(wanted)} here; choose numbers from "
                f"{span.low} to {span.high}.",
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

    def _left(self, dimension: str, options: Sequence[Any]) -> tuple[Any, ...]:
        """Return what is left; of what is never declared, it does not matter."""
        if self._impossible:
            return tuple(options)
        return left_of(dimension, options, self._narrowing)

    def _is_fixed(self, name: str, left: Sequence[Any]) -> bool:
        """Keep the value if it is the only one, and return whether it is."""
        if len(left) == 1:
            self.fixed[name] = left[0]
        return len(left) == 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _nearest(options: Sequence[Any], wanted: Any) -> Any:
    """Return the number nearest to the wanted one, or the first of words."""
    if isinstance(wanted, str):
        return options[0]
    return min(options, key=lambda option: abs(option - wanted))


def _inside(name: str, span: Span, low: float, high: float) -> tuple[float, float]:
    """Return what is left of a range."""
    if span.low > high or span.high < low or span.low > span.high:
        raise DimensionError(
            name,
            f"{name} can't be {span.low} to {span.high} here; choose from "
            f"{low} to {high}.",
        )
    return max(low, span.low), min(high, span.high)
