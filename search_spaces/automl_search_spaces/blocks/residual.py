"""Basic residual blocks of two convolutions and a shortcut."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.blocks.stage import Block, Stage
from automl_search_spaces.bounds import Strides


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` basic residual blocks; the first one changes size and width.

    The last layer of each branch starts at zero, so that a block starts as its
    shortcut: deep and unnormalised networks then train from the first step.

    Source: He et al. (2016), arXiv:1512.03385; zero start: Goyal et al. (2017),
        arXiv:1706.02677, and Zhang et al. (2019), arXiv:1901.09321.
    """
    strides = stage.strides
    for _ in range(stage.repeats):
        shortcut = _shortcut(x, stage, strides)
        branch = stage.convolve(x, stage.filters, stage.kernel_size, strides=strides)
        branch = stage.activate(stage.normalize(branch))
        branch = _last_convolution(branch, stage)
        x = stage.activate(keras.layers.Add()([shortcut, branch]))
        strides = (1,) * len(strides)
    return x


def _shortcut(x: Any, stage: Stage, strides: Strides) -> Any:
    """Return `x`, projected by a 1-wide convolution where its shape must change."""
    if max(strides) == 1 and x.shape[-1] == stage.filters:
        return x
    projected = stage.convolve(x, stage.filters, 1, strides=strides)
    return stage.normalize(projected)


def _last_convolution(x: Any, stage: Stage) -> Any:
    """Return the convolution that ends a branch, zero at the start."""
    if stage.normalization == "none":
        return stage.convolve(
            x, stage.filters, stage.kernel_size, kernel_initializer="zeros"
        )
    x = stage.convolve(x, stage.filters, stage.kernel_size)
    return stage.normalize(x, gamma_initializer="zeros")


BLOCK = Block("residual", apply, relative_cost=2.6, needs_stem=True)
