"""DenseNet-121."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.published.layers import averaged, normalized, pooled
from automl_search_spaces.published.network import PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import convolve, normalize, pool

_GROWTH = 32
_REPEATS = (6, 12, 24, 16)


def body(x: Any, scale: Scale) -> Any:
    """Layers that see the outputs of all layers before them, in four blocks.

    Source:
        Huang et al. (2017), arXiv:1608.06993: DenseNet-BC, growth 32.
    """
    kernel = scale.kernel(7, 0)
    x = normalized(x, scale.filters(64), kernel, strides=scale.strides(0))
    x = pooled(x, "max", 3, scale.strides(1))
    for index, repeats in enumerate(_REPEATS):
        if index > 0:
            x = convolve(_activated(x), x.shape[-1] // 2, 1, use_bias=False)
            x = pool(x, "average", scale.strides(index + 1))
        for _ in range(repeats):
            x = _grown(x, scale.filters(_GROWTH))
    return averaged(_activated(x))


def _grown(x: Any, growth: int) -> Any:
    new = normalized(_activated(x), 4 * growth, 1)
    new = convolve(new, growth, 3, use_bias=False)
    return keras.layers.Concatenate()([x, new])


def _activated(x: Any) -> Any:
    return keras.layers.ReLU()(normalize(x, "batch"))


NETWORKS = (PublishedNetwork("densenet121", body, (224, 224, 3), steps=5),)
