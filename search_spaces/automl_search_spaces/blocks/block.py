"""What a block tells of itself: its layers, its needs and its cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.bounds import Bounds
from automl_search_spaces.dimensions.declaration import Declaration


@dataclass(frozen=True)
class Layout:
    """A stage before it is built, as far as its cost hangs on it.

    Attributes:
        channels: Channels of its input.
        filters: Channels of its output.
        repeats: How often the block's unit is repeated.
        kernel_size: Side of its kernels.
        size: Spatial size on which it works.
        options: Values of the block's own hyperparameters, where they are known.
    """

    channels: int
    filters: int
    repeats: int
    kernel_size: int
    size: tuple[int, ...]
    options: Mapping[str, Any]

    @property
    def taps(self) -> int:
        """Positions that one kernel sees."""
        return int(self.kernel_size ** len(self.size))

    @property
    def depthwise_taps(self) -> int:
        """Positions that a depthwise kernel sees; in 3D a plane, then a line."""
        if len(self.size) < 3:
            return self.taps
        return int(self.kernel_size**2 + self.kernel_size)

    def over_units(self, products: Callable[[int, int], float]) -> float:
        """Return the sum of `products(channels in, channels out)` over the units."""
        first = products(self.channels, self.filters)
        return first + (self.repeats - 1) * products(self.filters, self.filters)


def declare_nothing(declaration: Declaration, bounds: Bounds) -> None:
    """Declare no hyperparameter: most blocks have none of their own."""


@dataclass(frozen=True)
class Block:
    """A kind of block and what it needs.

    Attributes:
        name: Its value of the hyperparameter `block`.
        apply: `(x, stage) -> x`, the whole stage, at any rank; divides the spatial
            size by `stage.strides` and returns `stage.filters` channels.
        products: Multiply-accumulates of a whole stage at one position; used for
            estimates.
        relative_cost: Seconds of a short training, which is mostly spent on making
            its graph, in those of plain blocks of the same width; measured on two
            cores. What is dear is given up first where budgets are small.
        declare: Declares hyperparameters of this block alone; called where they
            are active with this block only.
        supports: Hyperparameters it shares with other blocks, by name: those of
            `preactivation`, `squeeze_excitation` and `stochastic_depth` that act.
        ranks: Ranks of data it can work on.
        kinds: Kinds of data it is meant for; all where it is empty.
        min_size: The longest axis of the data has at least this many positions.
        needs_stem: Whether a convolution to the stage's width comes before the
            first stage.
        strides: Whether `apply` reduces the resolution itself; otherwise a
            convolution as wide as its strides comes before a stage that is to be
            reduced by them.
    """

    name: str
    apply: Callable[[Any, Stage], Any]
    products: Callable[[Layout], float]
    relative_cost: float
    declare: Callable[[Declaration, Bounds], None] = declare_nothing
    supports: tuple[str, ...] = ()
    ranks: tuple[int, ...] = (1, 2, 3)
    kinds: tuple[str, ...] = ()
    min_size: int = 1
    needs_stem: bool = False
    strides: bool = True

    def admits(self, shape: tuple[int, ...], kind: str) -> bool:
        """Whether samples of `shape`, `(*space, channels)`, and `kind` suit it."""
        suits = len(shape) - 1 in self.ranks and kind in (self.kinds or (kind,))
        return suits and max(shape[:-1]) >= self.min_size


def reduction_products(layout: Layout, strides: tuple[int, ...]) -> float:
    """Return the products at one position of a convolution as wide as its strides."""
    return float(math.prod(strides) * layout.channels * layout.filters)
