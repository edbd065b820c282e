"""Plain convolutions one after the other, as in LeNet and VGG."""

from __future__ import annotations

from typing import Any

from automl_search_spaces.blocks.block import Block, Layout
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.bounds import Bounds
from automl_search_spaces.dimensions.declaration import Declaration

#: LeNet-5 was made for this side; smaller samples are padded up by the first
#: convolution, as its authors padded the 28 of MNIST.
_UNPADDED_SIDE = 32

#: From this side on, unpadded convolutions leave something for the next stage.
_MIN_SIDE = 28


def apply(x: Any, stage: Stage) -> Any:
    """Return `repeats` times convolution, normalisation, activation.

    Source: LeCun et al. (1998); Simonyan & Zisserman (2014), arXiv:1409.1556.
    """
    strides = stage.strides
    for repeat in range(stage.repeats):
        first = stage.index == repeat == 0
        padding = _padding(x, stage, first)
        x = stage.convolve(
            x, stage.filters, stage.kernel_size, strides=strides, padding=padding
        )
        x = stage.activate(stage.normalize(x))
        strides = (1,) * len(strides)
    return x


def _padding(x: Any, stage: Stage, first: bool) -> str:
    """Return `valid` where it is wanted and leaves at least 4 positions an axis."""
    side = min(x.shape[1:-1])
    too_small = side < _UNPADDED_SIDE if first else side - stage.kernel_size < 3
    return "same" if too_small else str(stage.options.get("padding", "same"))


def declare(declaration: Declaration, bounds: Bounds) -> None:
    """Declare `padding` where the data leaves a choice.

    Convolutions with `valid` padding see real positions only, as in LeNet-5. They
    lead to lengths of which there is no mask, see `Stage.masks`.
    """
    if bounds.masked:
        return
    if min(bounds.working_size) >= _MIN_SIDE and bounds.max_stages > 1:
        declaration.choice("padding", ["same", "valid"], "same")


def _products(layout: Layout) -> float:
    return layout.over_units(lambda channels, filters: layout.taps * channels * filters)


BLOCK = Block("plain", apply, _products, relative_cost=1.0, declare=declare)
