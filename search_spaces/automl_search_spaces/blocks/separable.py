"""Depthwise separable convolutions with a shortcut."""

from __future__ import annotations

from functools import partial
from typing import Any

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.residual import shortcut_products
from automl_search_spaces.blocks.stage import Stage


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` units of two separable convolutions and a shortcut.

    Activations come before the convolutions; the network ends in one.

    Source: Chollet (2017), arXiv:1610.02357.
    """
    separable = partial(_separable, stage=stage)
    for unit in range(stage.repeats):
        shortcut = stage.shortcut(x, (1,) * len(stage.strides))
        branch = stage.normalize(separable(stage.activate(x)))
        branch = stage.end_branch(separable, stage.activate(branch))
        x = stage.join(shortcut, stage.excite(branch), unit)
    return stage.activate(x) if stage.is_last else x


def _separable(x: Any, *, stage: Stage, **options: Any) -> Any:
    """Convolve each channel by itself, then mix them at each position."""
    x = stage.convolve_depthwise(x, use_bias=False)
    return stage.convolve(x, stage.filters, 1, **options)


def _products(layout: Layout) -> float:
    taps = layout.depthwise_taps
    return layout.over_units(
        lambda channels, filters: (
            (channels + filters) * (taps + filters)
            + shortcut_products(channels, filters)
        )
    )


BLOCK = Block(
    "separable",
    apply,
    _products,
    relative_cost=3.5,
    supports=("squeeze_excitation", "stochastic_depth"),
    min_size=12,
    needs_stem=True,
    strides=False,
)
