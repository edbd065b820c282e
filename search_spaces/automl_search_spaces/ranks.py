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


def convolve(x: Any, filters: int, kernel_size: int, **options: Any) -> Any:
    """Convolve `x` of shape `(batch, *space, channels)` by the layer of its rank.

    Args:
        x: Keras tensor.
        filters: Number of output channels.
        kernel_size: Side of the kernel along every axis.
        **options: Passed to `Conv1D`, `Conv2D` or `Conv3D`; `padding` is `same`
            unless given.
    """
    options.setdefault("padding", "same")
    layer = getattr(keras.layers, f"Conv{rank_of(x)}D")
    return layer(filters, kernel_size, **options)(x)


def pool(x: Any, kind: str, strides: Strides) -> Any:
    """Pool `x` by `max` or `average` over windows as large as the strides."""
    if max(strides) == 1:
        return x
    layer = getattr(keras.layers, f"{_POOLING[kind]}{rank_of(x)}D")
    return layer(strides)(x)


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


def normalize(x: Any, kind: str, **options: Any) -> Any:
    """Normalise `x` by `batch` or `layer`, or return it for `none`.

    Batch statistics move with momentum 0.9: trials are short, and with Keras's 0.99
    a network of some hundred steps is validated on statistics that still hold the
    initial ones.
    """
    if kind == "batch":
        return keras.layers.BatchNormalization(momentum=0.9, **options)(x)
    if kind == "layer":
        return keras.layers.LayerNormalization(**options)(x)
    return x


def activate(x: Any, kind: str) -> Any:
    """Apply an activation; `gelu` in its tanh form, which every exporter knows."""
    if kind == "gelu":
        return keras.ops.gelu(x, approximate=True)
    return keras.layers.Activation(kind)(x)


def rank_of(x: Any) -> int:
    """Return the number of spatial dimensions of `(batch, *space, channels)`."""
    return len(x.shape) - 2
