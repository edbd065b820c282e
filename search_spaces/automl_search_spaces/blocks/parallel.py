"""Kernels of three widths side by side, as in sentence classification."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.stage import Stage

_NUM_WIDTHS = 3


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` times kernels `k`, `k + 1`, `k + 2` wide, concatenated.

    Each width gives a third of the channels.

    Source: Kim (2014), arXiv:1408.5882.
    """
    strides = stage.strides
    for _ in range(stage.repeats):
        branches = [
            stage.convolve(x, filters, stage.kernel_size + wider, strides=strides)
            for wider, filters in enumerate(_thirds(stage.filters))
        ]
        x = keras.layers.Concatenate()(branches)
        x = stage.activate(stage.normalize(x))
        strides = (1,) * len(strides)
    return x


def _thirds(filters: int) -> list[int]:
    """Return `filters` as a sum of three numbers that differ by one at most."""
    return [(filters + rest) // _NUM_WIDTHS for rest in range(_NUM_WIDTHS)]


def _products(layout: Layout) -> float:
    mean = layout.kernel_size + (_NUM_WIDTHS - 1) / 2
    return layout.over_units(lambda channels, filters: mean * channels * filters)


BLOCK = Block("parallel", apply, _products, relative_cost=1.5, ranks=(1,), min_size=5)
