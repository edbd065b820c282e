"""Residual units whose convolutions see space first, then time, for videos."""

from __future__ import annotations

from functools import partial
from typing import Any

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.residual import (
    Convolution,
    residual,
    shortcut_products,
)
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.bounds import Strides


def _branch(stage: Stage, unit: int, strides: Strides) -> list[Convolution]:
    layer = partial(_convolve, stage=stage)
    return [layer, layer]


def _convolve(x: Any, *, stage: Stage, **options: Any) -> Any:
    """Return a convolution of planes, then one along the first axis.

    Source: Tran et al. (2018), arXiv:1711.11248; between the two there are as many
        channels as after them, as in Xie et al. (2018), arXiv:1712.04851.
    """
    side = stage.kernel_size
    x = stage.convolve(x, stage.filters, (1, side, side))
    x = stage.activate(stage.normalize(x))
    return stage.convolve(x, stage.filters, (side, 1, 1), **options)


def _products(layout: Layout) -> float:
    plane, line = layout.kernel_size**2, layout.kernel_size
    return layout.over_units(
        lambda channels, filters: (
            filters * (plane * (channels + filters) + 2 * line * filters)
            + shortcut_products(channels, filters)
        )
    )


BLOCK = Block(
    "factorized",
    partial(residual, branch=_branch),
    _products,
    relative_cost=3.5,
    supports=("preactivation", "squeeze_excitation", "stochastic_depth"),
    ranks=(3,),
    needs_stem=True,
    strides=False,
)
