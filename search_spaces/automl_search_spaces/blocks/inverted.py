"""Inverted residuals: wide inside, narrow between units."""

from __future__ import annotations

from functools import partial
from typing import Any

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.bounds import Bounds
from automl_search_spaces.dimensions.declaration import Declaration

_EXPANSIONS, _USUAL_EXPANSION = (2, 4, 6), 4


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` units that expand, convolve each channel, and project.

    The projection has no activation. Units that keep their width have a shortcut.

    Source: Sandler et al. (2018), arXiv:1801.04381; with squeeze-and-excitation Tan &
        Le (2019), arXiv:1905.11946.
    """
    project = partial(stage.convolve, filters=stage.filters, kernel_size=1)
    for unit in range(stage.repeats):
        inner = stage.convolve(x, stage.options["expansion"] * x.shape[-1], 1)
        inner = stage.activate(stage.normalize(inner))
        inner = stage.activate(stage.normalize(stage.convolve_depthwise(inner)))
        inner = stage.excite(inner)
        if x.shape[-1] == stage.filters:
            x = stage.join(x, stage.end_branch(project, inner), unit)
        else:
            x = stage.normalize(project(inner))
    return x


def declare(declaration: Declaration, bounds: Bounds) -> None:
    """Declare `expansion`: how many times wider a unit is inside."""
    declaration.choice("expansion", _EXPANSIONS, _USUAL_EXPANSION)


def _products(layout: Layout) -> float:
    expansion = layout.options.get("expansion", _USUAL_EXPANSION)
    taps = layout.depthwise_taps
    return layout.over_units(
        lambda channels, filters: expansion * channels * (channels + taps + filters)
    )


BLOCK = Block(
    "inverted",
    apply,
    _products,
    relative_cost=4.0,
    declare=declare,
    supports=("squeeze_excitation", "stochastic_depth"),
    kinds=("image", "series", "audio", "volume", "video"),
    min_size=16,
    needs_stem=True,
    strides=False,
)
