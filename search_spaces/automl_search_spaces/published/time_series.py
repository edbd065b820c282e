"""Networks for time series: FCN, ResNet and InceptionTime."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.published.layers import averaged, normalized, windowed
from automl_search_spaces.published.network import PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import convolve, normalize

#: An input of the archive on which all three were published.
_INPUT = (128, 1)
_KERNELS = (8, 5, 3)
_DEPTH = 6
_INCEPTION_KERNELS = (40, 20, 10)
_INCEPTION_FILTERS = 32


def fully_convolutional(x: Any, scale: Scale) -> Any:
    """Three convolutions of 8, 5 and 3 positions, an average.

    Source:
        Wang, Yan & Oates (2017), arXiv:1611.06455.
    """
    for filters, kernel in zip((128, 256, 128), _KERNELS, strict=True):
        x = normalized(x, scale.filters(filters), kernel)
    return averaged(x)


def residual(x: Any, scale: Scale) -> Any:
    """Three residual units of three convolutions each, an average.

    Source:
        Wang, Yan & Oates (2017), arXiv:1611.06455.
    """
    for filters in (64, 128, 128):
        width = scale.filters(filters)
        branch = x
        for kernel in _KERNELS[:2]:
            branch = normalized(branch, width, kernel)
        branch = normalized(branch, width, _KERNELS[2], activation=None)
        x = _joined(x, branch)
    return averaged(x)


def inception_time(x: Any, scale: Scale) -> Any:
    """Six inception modules with long kernels, a shortcut over every third.

    Source:
        Ismail Fawaz et al. (2020), arXiv:1909.04939.
    """
    start = x
    for index in range(_DEPTH):
        x = _inception(x, scale.filters(_INCEPTION_FILTERS))
        if index % 3 == 2:
            x = _joined(start, x)
            start = x
    return averaged(x)


def _inception(x: Any, filters: int) -> Any:
    narrow = convolve(x, filters, 1, use_bias=False) if x.shape[-1] > 1 else x
    branches = [
        convolve(narrow, filters, k, use_bias=False) for k in _INCEPTION_KERNELS
    ]
    strongest = windowed(x, "max", 3, (1,) * (len(x.shape) - 2))
    branches.append(convolve(strongest, filters, 1, use_bias=False))
    x = normalize(keras.layers.Concatenate()(branches), "batch")
    return keras.layers.ReLU()(x)


def _joined(x: Any, branch: Any) -> Any:
    shortcut = normalized(x, branch.shape[-1], 1, activation=None)
    return keras.layers.ReLU()(keras.layers.Add()([shortcut, branch]))


NETWORKS = tuple(
    PublishedNetwork(name, body, _INPUT, steps=0, ranks=(1,))
    for name, body in (
        ("fcn", fully_convolutional),
        ("resnet_time_series", residual),
        ("inception_time", inception_time),
    )
)
