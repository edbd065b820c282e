"""Small SVG primitives: elements, scales with ticks, axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from automl_reports.figures import GAP

# Elements of HTML that never hold anything and must not be closed.
_VOID = {"img", "input"}
# Ticks below the first and from the second on have an exponent.
_SMALL, _LARGE = 1e-4, 1e6
# A difference of less than this share of a number is noise of its last bits.
_FINEST = 1e-6


def element(name: str, /, *children: str, **attributes: object) -> Markup:
    """Return one element; names, attributes and plain text are escaped.

    `class_` becomes `class`, `stroke_width` becomes `stroke-width`, and an
    attribute that is `None` is left out.

    Example:
        >>> str(element("text", "a<b", x=1.25, class_="t"))
        '<text x="1.25" class="t">a&lt;b</text>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_attribute(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    body = "".join(escape(child) for child in children)
    # Every part is escaped above: the markup is ours.
    return Markup(f"<{name}{written}>{body}</{name}>")


def _attribute(value: object) -> str:
    return (
        f"{value:.2f}".rstrip("0").rstrip(".")
        if isinstance(value, float)
        else str(value)
    )


def join(parts: Iterable[str]) -> Markup:
    """Return parts one after the other, plain text escaped."""
    return Markup("").join(parts)


def points(pairs: Iterable[tuple[float, float]]) -> str:
    """Return coordinates as `polyline` wants them.

    Example:
        >>> points([(1, 2.04), (3.5, 4)])
        '1.0,2.0 3.5,4.0'
    """
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def picture(label: str, width: float, height: float, *children: str) -> Markup:
    """Return a drawing that scales with the page and names itself to a reader."""
    return element(
        "svg",
        *children,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=label,
    )


@dataclass(frozen=True)
class Scale:
    """Where a number lies on an axis.

    Attributes:
        low: Number at `start`.
        high: Number at `end`; above `low`.
        start: Position of `low`, in drawing units.
        end: Position of `high`, in drawing units.
        log: Whether equal ratios, rather than differences, are equal distances.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the position of `value`."""
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def clamp(self, value: float) -> float:
        """Return the position of `value`, at the edge when it lies outside."""
        return self(min(max(value, self.low), self.high))

    def ticks(self, most: int = 6) -> list[float]:
        """Return round numbers inside the axis, at most about `most`."""
        if self.log:
            return _log_ticks(self.low, self.high, most)
        return _linear_ticks(self.low, self.high, most)


def _linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten.

    Example:
        >>> _linear_ticks(0.72, 0.96, 6)
        [0.75, 0.8, 0.85, 0.9, 0.95]
        >>> _linear_ticks(1e-14, 3e-14, 2)
        [1e-14, 2e-14, 3e-14]
    """
    rough = (high - low) / most
    exponent = math.floor(math.log10(rough))
    power = 10.0**exponent
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(n * step, -exponent) for n in range(first, last + 1)]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return 1, 2 and 5 times powers of ten, or the powers alone when many.

    Example:
        >>> _log_ticks(0.3, 12, 6)
        [0.5, 1.0, 2.0, 5.0, 10.0]
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for multiples in ((1, 2, 5), (1,)):
        ticks = [m * 10.0**d for d in decades for m in multiples]
        inside = [t for t in ticks if low <= t <= high]
        if len(inside) <= most + 1:
            break
    every = math.ceil(len(inside) / (most + 1))
    return inside[::every] if len(inside) > 1 else _linear_ticks(low, high, most)


def tick_text(ticks: Sequence[float]) -> Callable[[float], str]:
    """Return how ticks are written: all to the digit by which the closest differ.

    Example:
        >>> def written(*ticks):
        ...     return [tick_text(ticks)(tick).replace(GAP, " ") for tick in ticks]
        >>> written(0.8, 0.85, 0.9), written(15200.0, 15250.0)
        (['0.80', '0.85', '0.90'], ['15 200', '15 250'])
        >>> written(0.0, 5e-6, 1e-5), written(1e6, 1.5e6)
        (['0', '5.0e-6', '1.0e-5'], ['1.0e6', '1.5e6'])
    """
    size = max(map(abs, ticks), default=0.0) or 1.0
    closest = min((b - a for a, b in pairwise(ticks)), default=size)
    last = _exponent(max(closest, _FINEST * size))
    decimals, digits = max(0, -last), max(0, _exponent(size) - last)

    def grouped(tick: float) -> str:
        return f"{tick:,.{decimals}f}".replace(",", GAP)

    def scientific(tick: float) -> str:
        mantissa, _, power = f"{tick:.{digits}e}".partition("e")
        return f"{mantissa}e{int(power)}" if tick else "0"

    return grouped if _SMALL <= size < _LARGE else scientific


def _exponent(number: float) -> int:
    """Return the power of ten of the first digit; a step may fall a bit short of it.

    Example:
        >>> _exponent(0.05), _exponent(0.9 - 0.8), _exponent(1530.0)
        (-2, -1, 3)
    """
    return math.floor(math.log10(number) + 1e-9)


def axes(
    x: Scale, y: Scale, *, x_label: str, y_label: str, x_text: Callable[[float], str]
) -> Markup:
    """Return grid lines, ticks and labels of a chart.

    Args:
        x: Horizontal scale.
        y: Vertical scale; its `start` is the bottom.
        x_label: What `x` shows, with its unit.
        y_label: What `y` shows.
        x_text: How a tick of `x` is written.
    """
    parts = [*_rows(x, y), *_ticks(x, y, x_text)]
    middle = (y.start + y.end) / 2
    parts.append(
        element(
            "text", x_label, x=(x.start + x.end) / 2, y=y.start + 34, class_="axis mid"
        )
    )
    parts.append(
        element(
            "text",
            y_label,
            x=12,
            y=middle,
            transform=f"rotate(-90 12 {middle:g})",
            class_="axis mid",
        )
    )
    return element("g", *parts, class_="axes")


def _rows(x: Scale, y: Scale) -> Iterator[Markup]:
    values = y.ticks()
    write = tick_text(values)
    for value in values:
        at = y(value)
        yield element("line", x1=x.start, x2=x.end, y1=at, y2=at, class_="grid")
        text = write(value)
        yield element("text", text, x=x.start - 6, y=at + 4, class_="tick end")


def _ticks(x: Scale, y: Scale, x_text: Callable[[float], str]) -> Iterator[Markup]:
    for value in x.ticks():
        text = x_text(value)
        yield element("text", text, x=x(value), y=y.start + 16, class_="tick mid")
