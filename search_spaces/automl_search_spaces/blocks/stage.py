"""What every block is told, and what it tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from automl_search_spaces.bounds import Bounds, Strides
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.ranks import (
    activate,
    convolve,
    initializer,
    normalize,
)


@dataclass(frozen=True)
class Stage:
    """One stage: blocks of equal width between two reductions of the resolution.

    Attributes:
        index: Place of the stage in the network, from 0.
        filters: Channels of its output.
        repeats: How often the block's unit is repeated.
        kernel_size: Side of its kernels.
        strides: Strides of its first convolution along each axis.
        normalization: `batch`, `layer` or `none`.
        activation: Name of the activation.
        options: Every value of the trial; a block reads its own from it.
        masks: By length, `(batch, length, 1)` with 0 where a position is padding;
            empty where there is none. `convolve` sees to it.
    """

    index: int
    filters: int
    repeats: int
    kernel_size: int
    strides: Strides
    normalization: str
    activation: str
    options: Mapping[str, Any]
    masks: Mapping[int, Any] = field(default_factory=dict)

    def convolve(self, x: Any, filters: int, kernel_size: int, **options: Any) -> Any:
        """Convolve without a bias where the normalisation after it has one.

        Padding of samples is zero to a convolution, like the positions beyond.
        """
        if kernel_size > 1:
            x = masked(x, self.masks)
        options.setdefault("use_bias", self.normalization == "none")
        options.setdefault("kernel_initializer", initializer(self.activation))
        return convolve(x, filters, kernel_size, **options)

    def normalize(self, x: Any, **options: Any) -> Any:
        """Normalise as the stage says."""
        return normalize(x, self.normalization, **options)

    def activate(self, x: Any) -> Any:
        """Activate as the stage says."""
        return activate(x, self.activation)


def masked(x: Any, masks: Mapping[int, Any]) -> Any:
    """Return `x` with zeros at the padding, where a mask of its length says so."""
    mask = masks.get(x.shape[1])
    return x if mask is None else keras.ops.multiply(x, mask)


def declare_nothing(declaration: Declaration, bounds: Bounds) -> None:
    """Declare no hyperparameter: most blocks have none of their own."""


@dataclass(frozen=True)
class Block:
    """A kind of block and what it needs.

    Attributes:
        name: Its value of the hyperparameter `block`.
        apply: `(x, stage) -> x`, the whole stage, at any rank; divides the spatial
            size by `stage.strides` and returns `stage.filters` channels.
        relative_cost: Multiply-accumulates of one repetition, in convolutions of
            the stage's kernel from and to the stage's width; used for estimates.
        declare: Declares hyperparameters of this block alone; called where they
            are active with this block only.
        ranks: Ranks of data it can work on.
        min_size: The longest axis of the data has at least this many positions.
        needs_stem: Whether a convolution to the stage's width comes before the
            first stage.
    """

    name: str
    apply: Callable[[Any, Stage], Any]
    relative_cost: float
    declare: Callable[[Declaration, Bounds], None] = declare_nothing
    ranks: tuple[int, ...] = (1, 2, 3)
    min_size: int = 1
    needs_stem: bool = False

    def admits(self, shape: tuple[int, ...]) -> bool:
        """Whether samples of `shape`, `(*space, channels)`, suit this block."""
        return len(shape) - 1 in self.ranks and max(shape[:-1]) >= self.min_size
