"""LeNet-5."""

from __future__ import annotations

from typing import Any

import keras

from automl_search_spaces.published.layers import flattened
from automl_search_spaces.published.network import PublishedNetwork
from automl_search_spaces.published.scale import Scale
from automl_search_spaces.ranks import convolve, pool

_KERNEL = 5


def body(x: Any, scale: Scale) -> Any:
    """Two convolutions with averages between them, and two dense layers.

    Subsampling is a plain average, and the third layer is connected fully.

    Source:
        LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to
        document recognition.
    """
    for step, filters in enumerate((6, 16)):
        # 28x28 is 32x32 without its border: padding the first layer restores it.
        fits = scale.published or (step == 1 and min(x.shape[1:-1]) >= 2 * _KERNEL)
        padding = "valid" if fits else "same"
        x = convolve(x, scale.filters(filters), _KERNEL, padding=padding)
        x = keras.layers.Activation("tanh")(x)
        x = pool(x, "average", scale.strides(step))
    x = flattened(x, 25 if scale.published else 49)
    for units in (120, 84):
        x = keras.layers.Dense(scale.units(units), activation="tanh")(x)
    return x


NETWORKS = (PublishedNetwork("lenet5", body, (32, 32, 1), steps=2),)
