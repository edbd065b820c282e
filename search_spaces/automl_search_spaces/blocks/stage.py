"""What every block is told, and the layers it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from automl_search_spaces.blocks.stochastic_depth import StochasticDepth
from automl_search_spaces.bounds import Strides
from automl_search_spaces.ranks import (
    activate,
    average_where,
    convolve,
    convolve_depthwise,
    initializer,
    normalize,
    pool_globally,
)

#: Channels are squeezed to this share of the stage's width, but not to fewer.
#: Source: Tan & Le (2019), arXiv:1905.11946; Hu et al. (2018) have a sixteenth.
_SQUEEZE, _MIN_SQUEEZED = 4, 4


@dataclass(frozen=True)
class Stage:
    """One stage: blocks of equal width between two reductions of the resolution.

    Attributes:
        index: Place of the stage in the network, from 0.
        filters: Channels of its output.
        repeats: How often the block's unit is repeated.
        kernel_size: Side of its kernels.
        strides: Strides of its first convolution along each axis.
        normalization: `batch`, `layer`, `group` or `none`.
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

    @property
    def is_last(self) -> bool:
        """Whether the head comes next."""
        return bool(self.index == self.options["stages"] - 1)

    def convolve(
        self, x: Any, filters: int, kernel_size: int | Strides, **options: Any
    ) -> Any:
        """Convolve without a bias where the normalisation after it has one.

        Padding of samples is zero to a convolution, like the positions beyond.
        """
        options.setdefault("use_bias", self.normalization == "none")
        options.setdefault("kernel_initializer", initializer(self.activation))
        return convolve(self._masked(x, kernel_size), filters, kernel_size, **options)

    def convolve_depthwise(self, x: Any, **options: Any) -> Any:
        """Convolve each channel by itself, with the stage's kernel."""
        options.setdefault("use_bias", self.normalization == "none")
        masked_x = self._masked(x, self.kernel_size)
        return convolve_depthwise(masked_x, self.kernel_size, **options)

    def normalize(self, x: Any, **options: Any) -> Any:
        """Normalise as the stage says."""
        return normalize(x, self.normalization, **options)

    def activate(self, x: Any) -> Any:
        """Activate as the stage says."""
        return activate(x, self.activation)

    def shortcut(self, x: Any, strides: Strides) -> Any:
        """Return `x`, projected by a 1-wide convolution where its shape changes."""
        if max(strides) == 1 and x.shape[-1] == self.filters:
            return x
        return self.normalize(self.convolve(x, self.filters, 1, strides=strides))

    def end_branch(self, layer: Callable[..., Any], x: Any) -> Any:
        """Return the normalised last layer of a branch, zero at the start.

        A unit then starts as its shortcut, so that deep and unnormalised networks
        train from the first step.

        Source: Goyal et al. (2017), arXiv:1706.02677; Zhang et al. (2019),
            arXiv:1901.09321.
        """
        if self.normalization == "none":
            return layer(x, kernel_initializer="zeros")
        return self.normalize(layer(x), gamma_initializer="zeros")

    def join(self, shortcut: Any, branch: Any, unit: int) -> Any:
        """Return the sum of both, without the branch for some samples in training.

        Branches are left out the more often the deeper they are.

        Args:
            shortcut: Keras tensor.
            branch: Keras tensor of the same shape.
            unit: Place of the unit in the stage, from 0.
        """
        rate = self.options.get("stochastic_depth", 0.0)
        if rate > 0:
            units = self.options["stages"] * self.repeats
            place = self.index * self.repeats + unit + 1
            branch = StochasticDepth(rate * place / units)(branch)
        return keras.layers.Add()([shortcut, branch])

    def excite(self, x: Any) -> Any:
        """Weigh the channels by what their averages say, where the trial says so.

        Source: Hu et al. (2018), arXiv:1709.01507.
        """
        if not self.options.get("squeeze_excitation", False):
            return x
        units = max(self.filters // _SQUEEZE, _MIN_SQUEEZED)
        kernel = initializer(self.activation)
        mask = self.masks.get(x.shape[1])
        squeezed = pool_globally(x) if mask is None else average_where(x, mask)
        squeezed = keras.layers.Dense(units, kernel_initializer=kernel)(squeezed)
        channels = x.shape[-1]
        weights = keras.layers.Dense(channels, activation="sigmoid")(
            self.activate(squeezed)
        )
        shape = (1,) * (len(x.shape) - 2) + (channels,)
        return keras.layers.Multiply()([x, keras.layers.Reshape(shape)(weights)])

    def _masked(self, x: Any, kernel_size: int | Strides) -> Any:
        """Return `x` with zeros at the padding, where a kernel could see it."""
        widest = kernel_size if isinstance(kernel_size, int) else max(kernel_size)
        return masked(x, self.masks) if widest > 1 else x


def masked(x: Any, masks: Mapping[int, Any]) -> Any:
    """Return `x` with zeros at the padding, where a mask of its length says so."""
    mask = masks.get(x.shape[1])
    return x if mask is None else keras.ops.multiply(x, mask)
