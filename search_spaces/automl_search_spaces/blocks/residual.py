"""Residual units: a branch of convolutions beside a shortcut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.bounds import Strides

#: `(x, **options) -> x`, a convolution that takes Keras's options.
Convolution = Callable[..., Any]

#: `(stage, unit, strides) -> convolutions`: the branch of a unit of the stage.
Branch = Callable[[Stage, int, Strides], Sequence[Convolution]]


def residual(x: Any, stage: Stage, branch: Branch) -> Any:
    """Return `repeats` residual units; the first one changes size and width.

    Where the trial says `preactivation`, normalisation and activation come before
    each convolution instead of after it, and shortcuts stay as they are.

    Source: He et al. (2016), arXiv:1512.03385 and arXiv:1603.05027.
    """
    ahead = stage.options.get("preactivation", False)
    add = _add_preactivated if ahead else _add_postactivated
    strides = stage.strides
    for unit in range(stage.repeats):
        x = add(x, stage, branch(stage, unit, strides), unit=unit, strides=strides)
        strides = (1,) * len(strides)
    return stage.activate(stage.normalize(x)) if ahead and stage.is_last else x


def _add_postactivated(
    x: Any, stage: Stage, layers: Sequence[Convolution], *, unit: int, strides: Strides
) -> Any:
    branch = x
    for layer in layers[:-1]:
        branch = stage.activate(stage.normalize(layer(branch)))
    branch = stage.excite(stage.end_branch(layers[-1], branch))
    return stage.activate(stage.join(stage.shortcut(x, strides), branch, unit))


def _add_preactivated(
    x: Any, stage: Stage, layers: Sequence[Convolution], *, unit: int, strides: Strides
) -> Any:
    branch = x
    for layer in layers[:-1]:
        branch = layer(stage.activate(stage.normalize(branch)))
    last = stage.activate(stage.normalize(branch))
    branch = stage.excite(layers[-1](last, kernel_initializer="zeros"))
    return stage.join(stage.shortcut(x, strides), branch, unit)


def shortcut_products(channels: int, filters: int) -> float:
    """Return the products at one position of a shortcut."""
    return 0.0 if channels == filters else float(channels * filters)


def _branch(stage: Stage, unit: int, strides: Strides) -> list[Convolution]:
    """Return two convolutions."""
    filters, side = stage.filters, stage.kernel_size
    layer = partial(stage.convolve, filters=filters, kernel_size=side)
    return [partial(layer, strides=strides), layer]


def two_convolutions(layout: Layout) -> float:
    """Return the products of units of two convolutions and a shortcut."""
    return layout.over_units(
        lambda channels, filters: (
            layout.taps * (channels + filters) * filters
            + shortcut_products(channels, filters)
        )
    )


BLOCK = Block(
    "residual",
    partial(residual, branch=_branch),
    two_convolutions,
    relative_cost=2.5,
    supports=("preactivation", "squeeze_excitation", "stochastic_depth"),
    needs_stem=True,
)
