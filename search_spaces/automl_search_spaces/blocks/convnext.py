"""A depthwise convolution and a perceptron at each position, with a shortcut."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.residual import shortcut_products
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.ranks import convolve_depthwise

_EXPANSION = 4

#: What a branch starts with; the paper has 1e-6 for its 18 units and more.
#: Source: Touvron et al. (2021), arXiv:2103.17239: 0.1 for up to 18 units.
_SCALE = 0.1


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` units; the paper's are 7 wide with `layer` and `gelu`.

    Each has one normalisation and one activation.

    Source: Liu et al. (2022), arXiv:2201.03545.
    """
    x = stage.shortcut(x, (1,) * len(stage.strides))
    for unit in range(stage.repeats):
        branch = stage.normalize(stage.convolve_depthwise(x, use_bias=True))
        branch = stage.convolve(branch, _EXPANSION * stage.filters, 1, use_bias=True)
        branch = stage.activate(branch)
        branch = stage.convolve(branch, stage.filters, 1, use_bias=True)
        x = stage.join(x, _scaled(branch, f"{stage.index}_{unit}"), unit)
    return stage.normalize(x) if stage.is_last else x


def _scaled(x: Any, place: str) -> Any:
    """Scale each channel: a depthwise convolution that sees one position.

    By its name it is left out of weight decay.
    """
    start = keras.initializers.Constant(_SCALE)
    options = {"depthwise_initializer": start, "name": f"layer_scale_{place}"}
    return convolve_depthwise(x, 1, use_bias=False, **options)


def _products(layout: Layout) -> float:
    filters, taps = layout.filters, layout.depthwise_taps
    unit = filters * (2 * _EXPANSION * filters + taps + 1)
    return shortcut_products(layout.channels, filters) + layout.repeats * unit


BLOCK = Block(
    "convnext",
    apply,
    _products,
    relative_cost=3.0,
    supports=("stochastic_depth",),
    kinds=("image", "series", "audio", "volume", "video"),
    min_size=16,
    needs_stem=True,
    strides=False,
)
