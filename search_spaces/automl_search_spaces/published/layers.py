"""Pieces that several published networks share, at any rank."""

from __future__ import annotations

import math
from typing import Any

import keras

from automl_search_spaces.ranks import (
    convolve,
    convolve_depthwise,
    normalize,
    rank_of,
)

#: Local response normalisation: Krizhevsky et al. (2012), section 3.3.
_WINDOW, _OFFSET, _ALPHA, _BETA = 5, 2.0, 1e-4, 0.75


def convolved(x: Any, filters: int, kernel: int, **options: Any) -> Any:
    """Convolve with bias and rectify, as before batch normalisation was known."""
    return keras.layers.ReLU()(convolve(x, filters, kernel, **options))


def normalized(x: Any, filters: int, kernel: int, **options: Any) -> Any:
    """Convolve without bias and normalise the batch; activate unless told not to."""
    activation = options.pop("activation", "relu")
    x = convolve(x, filters, kernel, use_bias=False, **options)
    x = normalize(x, "batch")
    return keras.layers.Activation(activation)(x) if activation else x


def depthwise(x: Any, kernel: int, **options: Any) -> Any:
    """Convolve each channel by itself.

    Keras has no such layer of rank 3: there planes are convolved, then the lines across
    them, and positions are left out after that.
    """
    options.setdefault("padding", "same")
    rank = rank_of(x)
    if rank < 3:
        return getattr(keras.layers, f"DepthwiseConv{rank}D")(kernel, **options)(x)
    strides = options.pop("strides", (1, 1, 1))
    x = convolve_depthwise(x, kernel, **options)
    return x if max(strides) == 1 else keras.layers.MaxPooling3D(1, strides)(x)


def pooled(x: Any, kind: str, window: int, strides: tuple[int, ...]) -> Any:
    """Pool by overlapping windows, `max` or `average`; nothing where nothing strides.

    At stride 1 along every axis the pooling was there to reduce, so it goes with it.
    """
    if max(strides) == 1:
        return x
    return windowed(x, kind, window, strides)


def windowed(x: Any, kind: str, window: int, strides: tuple[int, ...]) -> Any:
    """Pool by windows of one side, padded, at any strides."""
    name = {"max": "MaxPooling", "average": "AveragePooling"}[kind]
    layer = getattr(keras.layers, f"{name}{rank_of(x)}D")
    return layer(window, strides=strides, padding="same")(x)


def averaged(x: Any) -> Any:
    """Average over all positions."""
    return getattr(keras.layers, f"GlobalAveragePooling{rank_of(x)}D")()(x)


def flattened(x: Any, positions: int) -> Any:
    """Flatten, after averaging down to at most the published number of positions.

    A dense layer behind the flattened features of a long series or a large volume
    would otherwise grow without bound.
    """
    rank = rank_of(x)
    side = max(1, int(positions ** (1 / rank) + 1e-9))
    windows = tuple(math.ceil(n / side) for n in x.shape[1:-1])
    if math.prod(x.shape[1:-1]) > positions:
        x = getattr(keras.layers, f"AveragePooling{rank}D")(windows)(x)
    return keras.layers.Flatten()(x)


def response_normalized(x: Any) -> Any:
    """Divide each number by the strength of its neighbours among the channels."""
    half = _WINDOW // 2
    channels = x.shape[-1]
    squares = keras.ops.square(x)
    padded = keras.ops.pad(squares, [(0, 0)] * (len(x.shape) - 1) + [(half, half)])
    total = sum(padded[..., i : i + channels] for i in range(_WINDOW))
    return x / keras.ops.power(_OFFSET + _ALPHA * total, _BETA)


def squeezed_and_excited(x: Any, units: int, activation: str) -> Any:
    """Weigh the channels by what their averages say.

    Source:
        Hu, Shen & Sun (2018), arXiv:1709.01507.
    """
    channels = x.shape[-1]
    weights = averaged(x)
    weights = keras.layers.Dense(units, activation=activation)(weights)
    weights = keras.layers.Dense(channels, activation="sigmoid")(weights)
    weights = keras.layers.Reshape((1,) * rank_of(x) + (channels,))(weights)
    return keras.layers.Multiply()([x, weights])


def dropped_path(x: Any, rate: float) -> Any:
    """Leave out a whole branch for some samples, in training only.

    Source:
        Huang et al. (2016), arXiv:1603.09382.
    """
    if rate == 0:
        return x
    noise = (None,) + (1,) * (len(x.shape) - 1)
    return keras.layers.Dropout(rate, noise_shape=noise)(x)
