"""EfficientNet-B0."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras

from automl_search_spaces.published.layers import (
    averaged,
    depthwise,
    dropped_path,
    normalized,
    squeezed_and_excited,
)
from automl_search_spaces.published.network import PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import normalize

_DROP_PATH = 0.2
_SQUEEZE = 4


class Stage(NamedTuple):
    """One row of table 1 of the paper."""

    expansion: int
    kernel: int
    filters: int
    repeats: int
    halves: bool


_STAGES = (
    Stage(1, 3, 16, 1, False),
    Stage(6, 3, 24, 2, True),
    Stage(6, 5, 40, 2, True),
    Stage(6, 3, 80, 3, True),
    Stage(6, 5, 112, 3, False),
    Stage(6, 5, 192, 4, True),
    Stage(6, 3, 320, 1, False),
)
_NUM_UNITS = sum(stage.repeats for stage in _STAGES)


def body(x: Any, scale: Scale) -> Any:
    """Inverted residuals with squeeze-and-excitation.

    Source:
        Tan & Le (2019), arXiv:1905.11946.
    """
    x = normalized(x, scale.filters(32), 3, strides=scale.strides(0), activation="silu")
    step, place = 1, 0
    for stage in _STAGES:
        for index in range(stage.repeats):
            ones = (1,) * len(scale.size)
            strides = scale.strides(step) if stage.halves and index == 0 else ones
            filters = scale.filters(stage.filters)
            rate = _DROP_PATH * place / _NUM_UNITS
            x = _unit(x, stage._replace(filters=filters), strides, rate)
            place += 1
        step += stage.halves
    x = normalized(x, scale.filters(1280), 1, activation="silu")
    return keras.layers.Dropout(0.2)(averaged(x))


def _unit(x: Any, stage: Stage, strides: tuple[int, ...], rate: float) -> Any:
    channels = x.shape[-1]
    inner = x
    if stage.expansion > 1:
        inner = normalized(inner, stage.expansion * channels, 1, activation="silu")
    inner = depthwise(inner, stage.kernel, strides=strides, use_bias=False)
    inner = normalize(inner, "batch")
    inner = keras.layers.Activation("silu")(inner)
    inner = squeezed_and_excited(inner, max(1, channels // _SQUEEZE), "silu")
    inner = normalized(inner, stage.filters, 1, activation=None)
    if x.shape == inner.shape:
        return keras.layers.Add()([x, dropped_path(inner, rate)])
    return inner


NETWORKS = (PublishedNetwork("efficientnet_b0", body, (224, 224, 3), steps=5),)
