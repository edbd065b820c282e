"""Narrowing the ranges so that what is drawn can be trained within the budget."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from automl_search_spaces.blocks.block import Block, Layout, reduction_products
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.bounds import (
    DENSE_UNITS,
    GROWTHS,
    MAX_FLAT_POSITIONS,
    Bounds,
    Strides,
    bounds_behind,
    halving,
    pooled,
)

_MAX_WIDTH = 512
_DRAWS = 256
_SHARE_WITHIN = 0.55  # aimed at; a little above what is promised, one half

#: Blocks up to this relative cost are left where the budget is small.
_QUICK = 2.8

_SMALLEST_SIDE = 16  # of which half still holds two stages


def stem_kernel(strides: Strides) -> int:
    """Return the side of the stem's kernel, a little more than its stride."""
    return max(3, max(strides) + 1)


def width(filters: int, growth: float, stage: int) -> int:
    """Return the channels of a stage, in fours where they grow.

    Example:
        >>> [width(6, 2.7, stage) for stage in range(3)]
        [6, 16, 44]
    """
    if stage == 0 or growth == 1.0:
        return filters
    most = max(_MAX_WIDTH, 3 * filters)  # wide ones may grow as well
    return min(4 * round(filters * growth**stage / 4), most)


def default_stages(bounds: Bounds) -> int:
    """Return the usual number of stages: three, or one for text."""
    return max(
        bounds.min_stages, min(3 if bounds.min_stages > 1 else 1, bounds.max_stages)
    )


class Draw(NamedTuple):
    """What the cost of a network hangs on."""

    block: Block
    filters: int
    growth: float
    stages: int
    repeats: int
    kernel: int
    pooling: str
    dense_units: int  # of the head, 0 for global pooling
    options: Mapping[str, Any] = {}  # of the block, where they are known


def narrow(bounds: Bounds, max_macs: int) -> Bounds:
    """Return ranges of which most draws cost at most `max_macs`.

    What is dear is given up first, from the richest ranges down.

    Args:
        bounds: What the data allows.
        max_macs: Multiply-accumulates of one forward pass of one sample.
    """
    while share_within(bounds, max_macs) < _SHARE_WITHIN:
        poorer = _poorer(bounds)
        if poorer is None:
            break
        bounds = poorer
    return replace(bounds, default_width=_default_width(bounds, max_macs))


def share_within(bounds: Bounds, max_macs: int) -> float:
    """Return the share of a fixed set of draws that is estimated within the limit."""
    generator = random.Random(0)
    draws = [_draw(bounds, generator) for _ in range(_DRAWS)]
    return sum(estimate_macs(bounds, draw) <= max_macs for draw in draws) / _DRAWS


def estimate_macs(bounds: Bounds, draw: Draw) -> float:
    """Return about how many multiply-accumulates stem and stages take."""
    size, channels, total = bounds.working_size, bounds.channels, 0.0
    if max(bounds.stem) > 1 or draw.block.needs_stem:
        taps = stem_kernel(bounds.stem) ** len(size)
        total = taps * channels * draw.filters * math.prod(size)
        channels = draw.filters
    for stage in range(draw.stages):
        steps = (1,) * len(size)
        if stage > 0 and draw.pooling != "none":
            steps = halving(size)
            size = pooled(size, steps)
        total += _stage_products(draw, stage, channels, size, steps) * math.prod(size)
        channels = width(draw.filters, draw.growth, stage)
    if draw.pooling in ("max", "average"):  # the head reduces once more
        size = pooled(size, halving(size, 2))
    flat = min(math.prod(size), MAX_FLAT_POSITIONS)
    return total + flat * channels * draw.dense_units


def _stage_products(
    draw: Draw, stage: int, channels: int, size: Strides, steps: Strides
) -> float:
    """Return the products of a stage at each position that it works on."""
    filters = width(draw.filters, draw.growth, stage)
    layout = Layout(channels, filters, draw.repeats, draw.kernel, size, draw.options)
    if draw.block.strides or draw.pooling != "stride" or max(steps) == 1:
        return draw.block.products(layout)
    reduction = reduction_products(layout, steps)
    return reduction + draw.block.products(replace(layout, channels=filters))


def _draw(bounds: Bounds, generator: random.Random) -> Draw:
    """Return one random network of the ranges."""
    return Draw(
        block=BLOCKS[generator.choice(bounds.blocks)],
        filters=generator.choice(bounds.widths),
        growth=generator.choice(GROWTHS),
        stages=generator.randint(bounds.min_stages, bounds.max_stages),
        repeats=generator.randint(bounds.min_repeats, bounds.max_repeats),
        kernel=generator.choice(bounds.kernels),
        pooling=generator.choice(bounds.pooling),
        dense_units=generator.choice((0, 1)) * generator.choice(DENSE_UNITS),
    )


def _default_width(bounds: Bounds, max_macs: int) -> int:
    """Return the greatest width up to the usual one at which the defaults fit."""
    default = Draw(
        block=BLOCKS[bounds.blocks[0]],
        filters=bounds.default_width,
        growth=2.0,
        stages=default_stages(bounds),
        repeats=min(2, bounds.max_repeats),
        kernel=3,
        pooling=bounds.pooling[0],
        dense_units=0,
    )
    widths = [w for w in bounds.widths if w <= bounds.default_width]
    costs = {w: estimate_macs(bounds, default._replace(filters=w)) for w in widths}
    return max((w for w in widths if costs[w] <= max_macs), default=widths[0])


def _poorer(bounds: Bounds) -> Bounds | None:
    """Return the ranges without what is dearest, or `None` if nothing is left."""
    tried = (step(bounds) for step in _STEPS)
    return next((poorer for poorer in tried if poorer is not None), None)


def _always_reduced(bounds: Bounds) -> Bounds | None:
    """Give up networks that keep their resolution."""
    if bounds.max_stages == 1 or "none" not in bounds.pooling:
        return None
    kept = tuple(kind for kind in bounds.pooling if kind != "none")
    return replace(bounds, pooling=kept) if kept else None


def _shorter(bounds: Bounds) -> Bounds | None:
    """Give up the longest kernel, but leave LeNet-5 its 5 on images.

    In three dimensions a side of 5 is nearly five times as dear as one of 3, and would
    be paid for with half the resolution.
    """
    if len(bounds.kernels) <= (1 if len(bounds.size) == 3 else 2):
        return None
    return replace(bounds, kernels=bounds.kernels[:-1])


def _narrower(bounds: Bounds, *, down_to: int) -> Bounds | None:
    """Give up the widest first stage."""
    if bounds.widths[-1] <= down_to or len(bounds.widths) == 1:
        return None
    return replace(bounds, widths=bounds.widths[:-1])


def _shallower(bounds: Bounds, *, down_to: int) -> Bounds | None:
    """Give up a repetition."""
    if bounds.max_repeats <= max(down_to, bounds.min_repeats):
        return None
    return replace(bounds, max_repeats=bounds.max_repeats - 1)


def _smaller(bounds: Bounds, *, min_positions: int) -> Bounds | None:
    """Give up half the resolution, by averaging instead of a convolution."""
    working = bounds.working_size
    steps = halving(working)
    if (
        max(working) < _SMALLEST_SIDE
        or math.prod(pooled(working, steps)) < min_positions
    ):
        return None
    strides = zip(bounds.shrink, bounds.stem, steps, strict=True)
    shrink = tuple(math.prod(axis) for axis in strides)
    coarser = bounds_behind(shrink, bounds.size, bounds.channels, bounds.blocks)
    if coarser.max_stages < bounds.min_stages:
        return None
    return replace(
        coarser,
        min_stages=bounds.min_stages,
        max_stages=min(bounds.max_stages, coarser.max_stages),
        widths=bounds.widths,
        default_width=bounds.default_width,
        min_repeats=bounds.min_repeats,
        max_repeats=bounds.max_repeats,
        kernels=bounds.kernels[:2],
        masked=bounds.masked,
        resolutions=tuple(r for r in coarser.resolutions if r in bounds.resolutions),
        pooling=tuple(kind for kind in coarser.pooling if kind in bounds.pooling),
    )


def _quicker(bounds: Bounds) -> Bounds | None:
    """Give up the blocks that take long to train, if there are others."""
    quick = tuple(b for b in bounds.blocks if BLOCKS[b].relative_cost <= _QUICK)
    if not quick or quick == bounds.blocks:
        return None
    return replace(bounds, blocks=quick)


def _simpler(bounds: Bounds) -> Bounds | None:
    """Give up the dearest kind of block."""
    if len(bounds.blocks) == 1:
        return None
    dearest = max(bounds.blocks, key=lambda name: BLOCKS[name].relative_cost)
    return replace(bounds, blocks=tuple(b for b in bounds.blocks if b != dearest))


#: What is given up, in this order; each as often as it can be. Repetitions outlast
#: width: at equal cost two convolutions of 16 channels a stage learn CIFAR-10 faster
#: than one of 32.
_STEPS: tuple[Callable[[Bounds], Bounds | None], ...] = (
    _quicker,
    _always_reduced,
    _shorter,
    partial(_narrower, down_to=48),
    partial(_shallower, down_to=2),
    partial(_narrower, down_to=16),
    partial(_shallower, down_to=1),
    partial(_smaller, min_positions=256),
    partial(_narrower, down_to=8),
    partial(_smaller, min_positions=1),
    _simpler,
)
