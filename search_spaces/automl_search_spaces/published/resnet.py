"""Residual networks with 18 to 152 layers; R3D-18 is a network of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras

from automl_search_spaces.published.layers import averaged, normalized, pooled
from automl_search_spaces.published.network import PublishedNetwork
from automl_search_spaces.published.scale import Scale

_FILTERS = (64, 128, 256, 512)
_EXPANSION = 4

Unit = Callable[[Any, int, tuple[int, ...]], Any]


def basic(x: Any, filters: int, strides: tuple[int, ...]) -> Any:
    """Two 3-wide convolutions beside a shortcut."""
    branch = normalized(x, filters, 3, strides=strides)
    branch = normalized(branch, filters, 3, activation=None)
    return _joined(x, branch, strides)


def bottleneck(x: Any, filters: int, strides: tuple[int, ...]) -> Any:
    """Narrow, convolve, widen beside a shortcut; the first of them strides."""
    branch = normalized(x, filters, 1, strides=strides)
    branch = normalized(branch, filters, 3)
    branch = normalized(branch, _EXPANSION * filters, 1, activation=None)
    return _joined(x, branch, strides)


def _joined(x: Any, branch: Any, strides: tuple[int, ...]) -> Any:
    filters = branch.shape[-1]
    if max(strides) > 1 or x.shape[-1] != filters:
        x = normalized(x, filters, 1, strides=strides, activation=None)
    return keras.layers.ReLU()(keras.layers.Add()([x, branch]))


#: Units and their repetitions, by layers with weights: table 1 of the paper.
_NETWORKS: Mapping[int, tuple[Unit, tuple[int, ...]]] = {
    18: (basic, (2, 2, 2, 2)),
    34: (basic, (3, 4, 6, 3)),
    50: (bottleneck, (3, 4, 6, 3)),
    101: (bottleneck, (3, 4, 23, 3)),
    152: (bottleneck, (3, 8, 36, 3)),
}


def body(x: Any, scale: Scale, *, unit: Unit, repeats: tuple[int, ...]) -> Any:
    """A 7-wide stem with pooling, four stages of units, an average.

    Source:
        He, Zhang, Ren & Sun (2016), arXiv:1512.03385.
    """
    kernel = scale.kernel(7, 0)
    x = normalized(x, scale.filters(64), kernel, strides=scale.strides(0))
    x = pooled(x, "max", 3, scale.strides(1))
    return averaged(stages(x, scale, unit, repeats))


def stages(x: Any, scale: Scale, unit: Unit, repeats: tuple[int, ...]) -> Any:
    """Apply the four stages; the last three of them halve the resolution."""
    steps_before = scale.steps - (len(_FILTERS) - 1)
    for stage, (filters, count) in enumerate(zip(_FILTERS, repeats, strict=True)):
        for index in range(count):
            first = stage > 0 and index == 0
            ones = (1,) * len(scale.size)
            strides = scale.strides(steps_before + stage - 1) if first else ones
            x = unit(x, scale.filters(filters), strides)
    return x


NETWORKS = tuple(
    PublishedNetwork(
        f"resnet{layers}",
        partial(body, unit=unit, repeats=repeats),
        (224, 224, 3),
        steps=5,
    )
    for layers, (unit, repeats) in _NETWORKS.items()
)
