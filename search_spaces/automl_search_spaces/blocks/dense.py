"""Densely connected layers: each sees the outputs of all before it."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.blocks.stage import Block, Stage


def apply(x: Any, stage: Stage) -> Any:
    """Return two dense layers a repetition, then a transition to `filters` channels.

    Each layer adds half of the stage's width, so that width means the same as in
    the other blocks. The first layer reduces the resolution where strides ask for
    it; what is concatenated is then the reduced input.

    Source: Huang et al. (2017), arXiv:1608.06993.
    """
    if max(stage.strides) > 1:
        x = _layer(x, stage, stage.filters, strides=stage.strides)
    added = max(stage.filters // 2, 1)
    for _ in range(2 * stage.repeats):
        x = keras.layers.Concatenate()([x, _layer(x, stage, added)])
    return stage.activate(stage.normalize(stage.convolve(x, stage.filters, 1)))


def _layer(x: Any, stage: Stage, filters: int, **options: Any) -> Any:
    """Return convolution, normalisation, activation."""
    x = stage.convolve(x, filters, stage.kernel_size, **options)
    return stage.activate(stage.normalize(x))


BLOCK = Block("dense", apply, relative_cost=1.7, needs_stem=True)
