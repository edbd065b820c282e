"""What a space or a user leaves of the ranges, before the budget is looked at."""

from __future__ import annotations

from dataclasses import replace

from automl_search_spaces.bounds import Bounds
from automl_search_spaces.dimensions.declaration import (
    DimensionError,
    Narrowing,
    Span,
    left_of,
)


def restrict(bounds: Bounds, narrowing: Narrowing) -> Bounds:
    """Return the part of the ranges that a narrowing leaves.

    Raises:
        DimensionError: If it leaves nothing of one of them.
    """
    stages = range(bounds.min_stages, bounds.max_stages + 1)
    repeats = range(bounds.min_repeats, bounds.max_repeats + 1)
    left_stages = left_of("stages", stages, narrowing)
    left_repeats = left_of("repeats", repeats, narrowing)
    pooling = bounds.pooling
    if len(pooling) > 1:  # else there is nothing to reduce
        pooling = left_of("pooling", pooling, narrowing)
    widths = left_of("filters", bounds.widths, narrowing)
    usual = [w for w in widths if w <= bounds.default_width]
    return replace(
        bounds,
        blocks=left_of("block", bounds.blocks, narrowing),
        min_stages=min(left_stages),
        max_stages=max(left_stages),
        min_repeats=min(left_repeats),
        max_repeats=max(left_repeats),
        widths=widths,
        default_width=usual[-1] if usual else widths[0],
        kernels=left_of("kernel_size", bounds.kernels, narrowing),
        pooling=pooling,
    )


def unbounded(narrowing: Narrowing) -> Narrowing:
    """Return what `restrict` does not see to, as it does not to gaps in a range."""
    seen_to = ("representation", "block", "filters", "kernel_size", "pooling")
    return {name: left for name, left in narrowing.items() if name not in seen_to}


def combine(first: Narrowing, second: Narrowing) -> Narrowing:
    """Return what two narrowings leave together.

    Raises:
        DimensionError: If they leave nothing of a dimension.

    Example:
        >>> combine({"block": ("plain", "residual")}, {"block": ("residual",)})
        {'block': ('residual',)}
    """
    shared = {name: _both(name, first, second) for name in first if name in second}
    return {**first, **second, **shared}


def _both(
    dimension: str, first: Narrowing, second: Narrowing
) -> tuple[object, ...] | Span:
    """Return what two narrowings leave of one dimension."""
    one, other = first[dimension], second[dimension]
    if isinstance(one, tuple):
        return left_of(dimension, one, second)
    if isinstance(other, tuple):
        return left_of(dimension, other, first)
    low, high = max(one.low, other.low), min(one.high, other.high)
    if low > high:
        raise DimensionError(
            dimension,
            f"{dimension} can't be {other.low} to {other.high} here; choose from "
            f"{one.low} to {one.high}.",
        )
    return Span(low, high)
