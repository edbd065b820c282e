"""From the last stage to the model's output."""

from __future__ import annotations

import math
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.bounds import MAX_FLAT_POSITIONS, halving
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.ranks import (
    activate,
    average_where,
    initializer,
    pool,
    pool_globally,
)

#: Each dense layer has this share of the units of the one before, as the 120 and
#: 84 of LeNet-5.
_DENSE_TAPER = 0.7


def summarize(x: Any, mask: Any, values: Values) -> Any:
    """Return one vector a sample: pooled, or flattened and through dense layers.

    Args:
        x: Keras tensor `(batch, *space, channels)`.
        mask: `(batch, length, 1)` with 0 for padding, or `None`.
        values: The value of every dimension.
    """
    if values["head"] == "dense":
        return _dense(x, values)
    if mask is None:
        return _drop(pool_globally(x, values["head"]), values)
    pooled = _largest(x, mask) if values["head"] == "gmp" else average_where(x, mask)
    return _drop(pooled, values)


def answer(x: Any, spec: DataSpec) -> Any:
    """Return probabilities of classes or labels, or targets in raw units, float32."""
    if spec.task == "regression":
        x = keras.layers.Dense(len(spec.targets), dtype="float32")(x)
        scale, offset = list(spec.target_std), list(spec.target_mean)
        return keras.layers.Rescaling(scale, offset, dtype="float32")(x)
    activation = "sigmoid" if spec.task == "multilabel" else "softmax"
    head = keras.layers.Dense(spec.num_classes, activation=activation, dtype="float32")
    return head(x)


def _largest(x: Any, mask: Any) -> Any:
    """Return the largest of each channel at real positions; 0 if there is none.

    Padding counts as the channel's lowest value. A constant far below would do as well,
    but would leave the eight bits of a quantized network nothing for all others.
    """
    lowest = keras.ops.negative(
        keras.ops.max(keras.ops.negative(x), axis=1, keepdims=True)
    )
    padding = keras.ops.multiply(keras.ops.subtract(1.0, mask), lowest)
    masked = keras.ops.add(keras.ops.multiply(x, mask), padding)
    largest = keras.ops.max(masked, axis=1)
    return keras.ops.multiply(largest, keras.ops.max(mask, axis=1))


def _dense(x: Any, values: Values) -> Any:
    x = keras.layers.Flatten()(_reduce(x, values["pooling"]))
    for layer in range(values["dense_layers"]):
        units = round(values["dense_units"] * _DENSE_TAPER**layer)
        kernel = initializer(values["activation"])
        x = keras.layers.Dense(units, kernel_initializer=kernel)(x)
        x = _drop(activate(x, values["activation"]), values)
    return x


def _reduce(x: Any, kind: str) -> Any:
    """Pool once more, and on until what is flattened stays affordable."""
    if kind in ("max", "average"):
        x = pool(x, kind, halving(x.shape[1:-1], 2))
    while math.prod(x.shape[1:-1]) > MAX_FLAT_POSITIONS:
        x = pool(x, "average", halving(x.shape[1:-1], 2))
    return x


def _drop(x: Any, values: Values) -> Any:
    return keras.layers.Dropout(values["dropout"])(x) if values["dropout"] > 0 else x
