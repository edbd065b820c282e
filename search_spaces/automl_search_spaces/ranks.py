"""Keras layers by rank, so that every block is written once for 1D, 2D and 3D."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from automl_search_spaces.bounds import Strides

#: Kernel initialisers that keep the variance of the signal, by activation.
#: Source: He et al. (2015), arXiv:1502.01852; Glorot & Bengio (2010).
_INITIALIZERS: Mapping[str, str] = {"tanh": "glorot_uniform"}

_POOLING: Mapping[str, str] = {"max": "MaxPooling", "average": "AveragePooling"}


def initializer(activation: str) -> str:
    """Return the kernel initialiser that suits a layer before `activation`."""
    return _INITIALIZERS.get(activation, "he_normal")


def convolve(x: Any, filters: int, kernel_size: int | Strides, **options: Any) -> Any:
    """Convolve `x` of shape `(batch, *space, channels)` by the layer of its rank.

    Args:
        x: Keras tensor.
        filters: Number of output channels.
        kernel_size: Side of the kernel along every axis, or along each.
        **options: Passed to `Conv1D`, `Conv2D` or `Conv3D`; `padding` is `same`
            unless given.
    """
    options.setdefault("padding", "same")
    layer = getattr(keras.layers, f"Conv{rank_of(x)}D")
    return layer(filters, kernel_size, **options)(x)


def convolve_depthwise(x: Any, kernel_size: int, **options: Any) -> Any:
    """Convolve each channel by itself, padded, at any rank.

    Keras has no such layer of rank 3, and exporters take no convolution in groups.
    There, planes are convolved first, then the lines across them, both by the layer
    of rank 2.

    Args:
        x: Keras tensor `(batch, *space, channels)`.
        kernel_size: Side of the kernel along every axis.
        **options: Passed to the layers.
    """
    options.setdefault("padding", "same")
    # Each kernel sees one channel, which the usual initialisers do not know.
    kernel = keras.initializers.VarianceScaling(1.0, "fan_out")
    options.setdefault("depthwise_initializer", kernel)
    if rank_of(x) < 3:
        layer = getattr(keras.layers, f"DepthwiseConv{rank_of(x)}D")
        return layer(kernel_size, **options)(x)
    if kernel_size > 1:
        x = _in_planes(x, kernel_size, {**options, "use_bias": False})
    return _along_depth(x, kernel_size, options)


def _in_planes(x: Any, side: int, options: Mapping[str, Any]) -> Any:
    """Convolve every plane, all of them stacked with zeros in between."""
    depth, height, width, channels = x.shape[1:]
    gap = side // 2
    x = keras.layers.ZeroPadding3D(((0, 0), (0, gap), (0, 0)))(x)
    x = keras.layers.Reshape((depth * (height + gap), width, channels))(x)
    x = keras.layers.DepthwiseConv2D(side, **options)(x)
    x = keras.layers.Reshape((depth, height + gap, width, channels))(x)
    return keras.layers.Cropping3D(((0, 0), (0, gap), (0, 0)))(x)


def _along_depth(x: Any, side: int, options: Mapping[str, Any]) -> Any:
    """Convolve along the first axis, at every position of the others."""
    depth, height, width, channels = x.shape[1:]
    x = keras.layers.Reshape((depth, height * width, channels))(x)
    x = keras.layers.DepthwiseConv2D((side, 1), **options)(x)
    return keras.layers.Reshape((depth, height, width, channels))(x)


def pool(x: Any, kind: str, strides: Strides) -> Any:
    """Pool `x` by `max` or `average` over windows as large as the strides."""
    if max(strides) == 1:
        return x
    layer = getattr(keras.layers, f"{_POOLING[kind]}{rank_of(x)}D")
    return layer(strides)(x)


def pool_within(x: Any, kind: str, window: int) -> Any:
    """Pool `x` by padded windows of one side, at stride 1."""
    layer = getattr(keras.layers, f"{_POOLING[kind]}{rank_of(x)}D")
    return layer(window, strides=1, padding="same")(x)


def pool_globally(x: Any, kind: str = "gap") -> Any:
    """Return the average (`gap`) or the largest (`gmp`) of all positions.

    Args:
        x: Keras tensor `(batch, *space, channels)`.
        kind: `gap` or `gmp`.

    Returns:
        A Keras tensor `(batch, channels)`.
    """
    word = "Max" if kind == "gmp" else "Average"
    return getattr(keras.layers, f"Global{word}Pooling{rank_of(x)}D")()(x)


def average_where(x: Any, mask: Any) -> Any:
    """Return the average of each channel over real positions; 0 if there is none.

    Args:
        x: Keras tensor `(batch, length, channels)`.
        mask: `(batch, length, 1)` with 0 for padding and else 1.

    Returns:
        A Keras tensor `(batch, channels)`.
    """
    total = keras.ops.sum(keras.ops.multiply(x, mask), axis=1)
    count = keras.ops.maximum(keras.ops.sum(mask, axis=1), 1.0)
    return keras.ops.divide(total, count)


def normalize(x: Any, kind: str, **options: Any) -> Any:
    """Normalise `x` by `batch`, `layer` or `group`, or return it for `none`.

    Batch statistics move with momentum 0.9: trials are short, and with Keras's 0.99
    a network of some hundred steps is validated on statistics that still hold the
    initial ones.
    """
    if kind == "batch":
        return keras.layers.BatchNormalization(momentum=0.9, **options)(x)
    if kind == "layer":
        return keras.layers.LayerNormalization(**options)(x)
    if kind == "group":
        groups = groups_of(x.shape[-1])
        return keras.layers.GroupNormalization(groups, **options)(x)
    return x


def groups_of(channels: int) -> int:
    """Return the most groups, up to 8, that divide channels into fours or more.

    Smaller groups would leave nothing of a sample of one position.

    Source: Wu & He (2018), arXiv:1803.08494, who have 16 channels a group and more.

    Example:
        >>> [groups_of(channels) for channels in (3, 6, 16, 36, 64)]
        [1, 1, 4, 4, 8]
    """
    fitting = (n for n in (8, 4, 2) if channels % n == 0 and channels >= 4 * n)
    return next(fitting, 1)


def activate(x: Any, kind: str) -> Any:
    """Apply an activation; `gelu` in its tanh form, which every exporter knows."""
    if kind == "gelu":
        return keras.ops.gelu(x, approximate=True)
    return keras.layers.Activation(kind)(x)


def rank_of(x: Any) -> int:
    """Return the number of spatial dimensions of `(batch, *space, channels)`."""
    return len(x.shape) - 2
