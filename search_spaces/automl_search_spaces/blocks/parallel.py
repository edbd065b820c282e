"""Kernels of three widths side by side, as in sentence classification."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.blocks.stage import Block, Stage

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


BLOCK = Block("parallel", apply, relative_cost=1.33, ranks=(1,), min_size=5)
