"""Densely connected layers: each sees the outputs of all before it."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.stage import Stage


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


def _products(layout: Layout) -> float:
    added, layers = max(layout.filters // 2, 1), 2 * layout.repeats
    seen = sum(layout.channels + place * added for place in range(layers))
    last = layout.channels + layers * added
    return float(layout.taps * seen * added + last * layout.filters)


BLOCK = Block("dense", apply, _products, relative_cost=2.7, needs_stem=True)
