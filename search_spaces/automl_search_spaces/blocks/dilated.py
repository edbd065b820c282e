"""Causal convolutions whose reach doubles from one to the next, for series."""

from __future__ import annotations

from functools import partial
from typing import Any

from automl_search_spaces.blocks.block import Block
from automl_search_spaces.blocks.residual import (
    Convolution,
    residual,
    two_convolutions,
)
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.bounds import Strides


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` residual units of two causal dilated convolutions.

    The dilation doubles from unit to unit through the network. Where a kernel would
    reach beyond the length of its input, it begins again at 1.

    Source: Bai et al. (2018), arXiv:1803.01271.
    """
    return residual(x, stage, partial(_branch, length=int(x.shape[1])))


def _branch(
    stage: Stage, unit: int, strides: Strides, *, length: int
) -> list[Convolution]:
    place = stage.index * stage.repeats + unit
    layer: Convolution = partial(
        stage.convolve,
        filters=stage.filters,
        kernel_size=stage.kernel_size,
        padding="causal",
        dilation_rate=dilation(place, stage.kernel_size, length),
    )
    return [layer, layer]


def dilation(place: int, kernel_size: int, length: int) -> int:
    """Return the dilation of a unit of the network.

    Args:
        place: Place of the unit in the network, from 0.
        kernel_size: Taps of the kernel.
        length: Positions of its input.

    Example:
        >>> [dilation(place, 3, 16) for place in range(5)]
        [1, 2, 4, 1, 2]
    """
    furthest = (length - 1) // max(kernel_size - 1, 1)
    return int(2 ** (place % max(furthest.bit_length(), 1)))


BLOCK = Block(
    "dilated",
    apply,
    two_convolutions,
    relative_cost=2.5,
    supports=("stochastic_depth",),
    ranks=(1,),
    min_size=16,
    strides=False,
)
