"""One position, a few, more, and the strongest of a few, seen side by side."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.stage import Stage, masked
from automl_search_spaces.ranks import pool_within

_POOL_SIDE = 3
_MIN_CHANNELS = 2


class Widths(NamedTuple):
    """Channels of the branches, and of the reductions before the wide ones."""

    one: int
    reduced: int
    few: int
    more_reduced: int
    more: int
    pooled: int


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` modules of four branches, concatenated to the stage's width.

    With `kernel_size` 3 kernels are 1, 3 and 5 wide, as the authors'.

    Source: Szegedy et al. (2015), arXiv:1409.4842; the branches share the width as
        those of its module 3a do.
    """
    for _ in range(stage.repeats):
        x = _module(x, stage)
    return x


def widths(filters: int) -> Widths:
    """Return the channels of a module; its branches add up to `filters`.

    Example:
        >>> widths(256)
        Widths(one=64, reduced=96, few=128, more_reduced=16, more=32, pooled=32)
    """
    more = pooled = max(filters // 8, 1)
    one = max(filters // 4, 1)
    return Widths(
        one,
        max(3 * filters // 8, _MIN_CHANNELS),
        filters - one - more - pooled,
        max(filters // 16, _MIN_CHANNELS),
        more,
        pooled,
    )


def _module(x: Any, stage: Stage) -> Any:
    sizes, side = widths(stage.filters), stage.kernel_size
    few = _convolve(_convolve(x, stage, sizes.reduced, 1), stage, sizes.few, side)
    more = _convolve(x, stage, sizes.more_reduced, 1)
    more = _convolve(more, stage, sizes.more, side + 2)
    strongest = pool_within(masked(x, stage.masks), "max", _POOL_SIDE)
    branches = [
        _convolve(x, stage, sizes.one, 1),
        few,
        more,
        _convolve(strongest, stage, sizes.pooled, 1),
    ]
    return keras.layers.Concatenate()(branches)


def _convolve(x: Any, stage: Stage, filters: int, kernel_size: int) -> Any:
    """Return convolution, normalisation, activation."""
    x = stage.convolve(x, filters, kernel_size)
    return stage.activate(stage.normalize(x))


def _products(layout: Layout) -> float:
    sizes = widths(layout.filters)
    wider = (layout.kernel_size + 2) ** len(layout.size)
    one_wide = sizes.one + sizes.reduced + sizes.more_reduced + sizes.pooled
    wide = layout.taps * sizes.reduced * sizes.few
    wide += wider * sizes.more_reduced * sizes.more
    return layout.over_units(lambda channels, filters: channels * one_wide + wide)


BLOCK = Block(
    "inception",
    apply,
    _products,
    relative_cost=5.0,
    kinds=("image", "series", "audio", "volume", "video"),
    min_size=12,
    needs_stem=True,
    strides=False,
)
