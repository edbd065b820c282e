"""ConvNeXt-Tiny."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.published.layers import averaged, depthwise, dropped_path
from automl_search_spaces.published.network import PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import activate, convolve, rank_of

_FILTERS = (96, 192, 384, 768)
_REPEATS = (3, 3, 9, 3)
_LAYER_SCALE = 1e-6
_DROP_PATH = 0.1
_EPSILON = 1e-6


def body(x: Any, scale: Scale) -> Any:
    """Wide depthwise convolutions with layer normalisation, in four stages.

    Source:
        Liu et al. (2022), arXiv:2201.03545.
    """
    x = _stem(x, scale)
    place = 0
    for stage, (filters, repeats) in enumerate(zip(_FILTERS, _REPEATS, strict=True)):
        if stage > 0:
            strides = scale.strides(stage + 1)
            x = convolve(
                _normalized(x), scale.filters(filters), max(strides), strides=strides
            )
        for _ in range(repeats):
            x = _unit(x, place)
            place += 1
    return _normalized(averaged(x))


def _stem(x: Any, scale: Scale) -> Any:
    """Cut the input into patches, of up to 4 positions along each axis."""
    pairs = zip(scale.strides(0), scale.strides(1), strict=True)
    strides = tuple(first * second for first, second in pairs)
    kernel: Any = strides if max(strides) > 1 else 3
    return _normalized(convolve(x, scale.filters(_FILTERS[0]), kernel, strides=strides))


def _unit(x: Any, place: int) -> Any:
    """Return the unit at a place, from 0, whose branch is dropped the more often."""
    channels = x.shape[-1]
    branch = _normalized(depthwise(x, 7))
    branch = activate(keras.layers.Dense(4 * channels)(branch), "gelu")
    branch = keras.layers.Dense(channels)(branch)
    letters = "xyz"[: rank_of(x)]
    branch = keras.layers.EinsumDense(
        f"b{letters}c,c->b{letters}c",
        output_shape=branch.shape[1:],
        kernel_initializer=keras.initializers.Constant(_LAYER_SCALE),
        name=f"layer_scale_{place}",  # by which it is left out of weight decay
    )(branch)
    rate = _DROP_PATH * place / (sum(_REPEATS) - 1)
    return keras.layers.Add()([x, dropped_path(branch, rate)])


def _normalized(x: Any) -> Any:
    return keras.layers.LayerNormalization(epsilon=_EPSILON)(x)


NETWORKS = (PublishedNetwork("convnext_tiny", body, (224, 224, 3), steps=5),)
