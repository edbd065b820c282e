"""VGG with 11, 16 and 19 layers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import keras

from automl_search_spaces.published.layers import convolved, flattened
from automl_search_spaces.published.network import UNNORMALIZED, PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import pool

_FILTERS = (64, 128, 256, 512, 512)
_POSITIONS = 49

#: Convolutions of each stage, by layers with weights: columns A, D and E.
_REPEATS: Mapping[int, tuple[int, ...]] = {
    11: (1, 1, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


def body(x: Any, scale: Scale, *, repeats: tuple[int, ...]) -> Any:
    """Stages of 3-wide convolutions between poolings, two dense layers of 4 096.

    Source:
        Simonyan & Zisserman (2015), arXiv:1409.1556.
    """
    for step, (filters, count) in enumerate(zip(_FILTERS, repeats, strict=True)):
        for _ in range(count):
            x = convolved(x, scale.filters(filters), 3, kernel_initializer="he_normal")
        x = pool(x, "max", scale.strides(step))
    x = flattened(x, _POSITIONS)
    for _ in range(2):
        x = keras.layers.Dense(
            scale.units(4096), activation="relu", kernel_initializer="he_normal"
        )(x)
        x = keras.layers.Dropout(0.5)(x)
    return x


NETWORKS = tuple(
    PublishedNetwork(
        f"vgg{layers}",
        partial(body, repeats=repeats),
        (224, 224, 3),
        steps=5,
        training=UNNORMALIZED,
    )
    for layers, repeats in _REPEATS.items()
)
