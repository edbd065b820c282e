"""AlexNet, on one device and with the two groups of the original."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras

from automl_search_spaces.published.layers import (
    convolved,
    flattened,
    pooled,
    response_normalized,
)
from automl_search_spaces.published.network import UNNORMALIZED, PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import rank_of

_POSITIONS = 36


def body(x: Any, scale: Scale, *, groups: int) -> Any:
    """Five convolutions, three overlapping poolings, two dense layers of 4 096.

    Source:
        Krizhevsky, Sutskever & Hinton (2012), ImageNet classification with deep
        convolutional neural networks.
    """
    x = _stem(x, scale)
    x = _reduced(response_normalized(x), scale, 2)
    x = convolved(x, scale.filters(256), 5, groups=groups)
    x = _reduced(response_normalized(x), scale, 3)
    x = convolved(x, scale.filters(384), 3)
    x = convolved(x, scale.filters(384), 3, groups=groups)
    x = convolved(x, scale.filters(256), 3, groups=groups)
    x = flattened(_reduced(x, scale, 4), _POSITIONS)
    for _ in range(2):
        x = keras.layers.Dense(scale.units(4096), activation="relu")(x)
        x = keras.layers.Dropout(0.5)(x)
    return x


def _stem(x: Any, scale: Scale) -> Any:
    """Convolve by 11 at stride 4, or by less where the input is small."""
    if scale.published:
        return convolved(x, scale.filters(96), 11, strides=4, padding="valid")
    pairs = zip(scale.strides(0), scale.strides(1), strict=True)
    strides = tuple(first * second for first, second in pairs)
    kernel = {4: 11, 2: 5, 1: 3}[max(strides)]
    return convolved(x, scale.filters(96), kernel, strides=strides)


def _reduced(x: Any, scale: Scale, step: int) -> Any:
    if not scale.published:
        return pooled(x, "max", 3, scale.strides(step))
    return getattr(keras.layers, f"MaxPooling{rank_of(x)}D")(3, strides=2)(x)


NETWORKS = (
    PublishedNetwork(
        "alexnet",
        partial(body, groups=1),
        (227, 227, 3),
        steps=5,
        training=UNNORMALIZED,
    ),
    PublishedNetwork(
        "alexnet_grouped",
        partial(body, groups=2),
        (227, 227, 3),
        steps=5,
        training=UNNORMALIZED,
    ),
)
