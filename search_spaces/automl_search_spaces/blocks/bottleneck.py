"""Residual units whose middle convolution sees a quarter of the channels."""

from __future__ import annotations

import math
from functools import partial

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.residual import (
    Convolution,
    residual,
    shortcut_products,
)
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.bounds import Strides

_EXPANSION = 4
_MIN_INNER = 4


def _branch(stage: Stage, unit: int, strides: Strides) -> list[Convolution]:
    """Return a 1-wide convolution to fewer channels, a wide one, and one back.

    Source: He et al. (2016), arXiv:1512.03385, figure 5; the stride is in the wide
        convolution, as Goyal et al. (2017), arXiv:1706.02677, have it.
    """
    inner = _inner(stage.filters)
    return [
        partial(stage.convolve, filters=inner, kernel_size=1),
        partial(
            stage.convolve,
            filters=inner,
            kernel_size=stage.kernel_size,
            strides=strides,
        ),
        partial(stage.convolve, filters=stage.filters, kernel_size=1),
    ]


def _inner(filters: int) -> int:
    return max(math.ceil(filters / _EXPANSION), _MIN_INNER)


def _products(layout: Layout) -> float:
    inner = _inner(layout.filters)
    return layout.over_units(
        lambda channels, filters: (
            inner * (channels + layout.taps * inner + filters)
            + shortcut_products(channels, filters)
        )
    )


BLOCK = Block(
    "bottleneck",
    partial(residual, branch=_branch),
    _products,
    relative_cost=3.5,
    supports=("preactivation", "squeeze_excitation", "stochastic_depth"),
    kinds=("image", "series", "audio", "volume", "video"),
    min_size=12,
    needs_stem=True,
)
