"""MobileNetV2."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.published.layers import averaged, depthwise, normalized
from automl_search_spaces.published.network import PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import normalize

#: Table 2 of the paper: expansion, filters, repetitions, whether the first halves.
_STAGES = (
    (1, 16, 1, False),
    (6, 24, 2, True),
    (6, 32, 3, True),
    (6, 64, 4, True),
    (6, 96, 3, False),
    (6, 160, 3, True),
    (6, 320, 1, False),
)


def body(x: Any, scale: Scale) -> Any:
    """Inverted residuals: widen, convolve each channel, narrow without activation.

    Source:
        Sandler et al. (2018), arXiv:1801.04381.
    """
    x = normalized(
        x, scale.filters(32), 3, strides=scale.strides(0), activation="relu6"
    )
    step = 1
    for expansion, filters, repeats, halves in _STAGES:
        for index in range(repeats):
            ones = (1,) * len(scale.size)
            strides = scale.strides(step) if halves and index == 0 else ones
            x = _unit(x, expansion, scale.filters(filters), strides)
        step += halves
    x = normalized(x, scale.filters(1280), 1, activation="relu6")
    return averaged(x)


def _unit(x: Any, expansion: int, filters: int, strides: tuple[int, ...]) -> Any:
    inner = x
    if expansion > 1:
        wide = expansion * x.shape[-1]
        inner = normalized(inner, wide, 1, activation="relu6")
    inner = depthwise(inner, 3, strides=strides, use_bias=False)
    inner = normalize(inner, "batch")
    inner = keras.layers.Activation("relu6")(inner)
    inner = normalized(inner, filters, 1, activation=None)
    if x.shape == inner.shape:
        return keras.layers.Add()([x, inner])
    return inner


NETWORKS = (PublishedNetwork("mobilenet_v2", body, (224, 224, 3), steps=5),)
