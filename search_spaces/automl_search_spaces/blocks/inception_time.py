"""Short, middle and long kernels side by side behind a bottleneck, for series."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.residual import shortcut_products
from automl_search_spaces.blocks.stage import Stage, masked
from automl_search_spaces.ranks import pool_within

#: A kernel of the three is this much longer than the shortest.
_FACTORS = (4, 2, 1)


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` modules of three kernels and a pooling, and a shortcut.

    With `kernel_size` 11 kernels are 44, 22 and 11 long, about the authors' 40, 20
    and 10. The authors put a shortcut around three modules; here it is around a
    stage.

    Source: Ismail Fawaz et al. (2020), arXiv:1909.04939.
    """
    start = x
    for _ in range(stage.repeats):
        x = _module(x, stage)
    if start.shape[-1] != stage.filters:
        start = stage.normalize(stage.convolve(start, stage.filters, 1))
    return stage.activate(keras.layers.Add()([start, x]))


def _module(x: Any, stage: Stage) -> Any:
    """Return four branches, concatenated to the stage's width."""
    quarters = [(stage.filters + rest) // 4 for rest in range(4)]
    narrow = stage.convolve(x, max(quarters), 1) if x.shape[-1] > quarters[-1] else x
    branches = [
        stage.convolve(narrow, filters, min(factor * stage.kernel_size, x.shape[1]))
        for factor, filters in zip(_FACTORS, quarters[1:], strict=True)
    ]
    pooled = pool_within(masked(x, stage.masks), "max", 3)
    branches.append(stage.convolve(pooled, quarters[0], 1))
    x = keras.layers.Concatenate()(branches)
    return stage.activate(stage.normalize(x))


def _products(layout: Layout) -> float:
    quarter, length = layout.filters / 4, max(layout.size)
    taps = sum(min(factor * layout.kernel_size, length) for factor in _FACTORS)
    wide = taps * quarter**2
    shortcut = shortcut_products(layout.channels, layout.filters)
    return shortcut + layout.over_units(
        lambda channels, filters: 2 * channels * quarter + wide
    )


BLOCK = Block(
    "inception_time",
    apply,
    _products,
    relative_cost=2.0,
    ranks=(1,),
    min_size=16,
    strides=False,
)
