"""From the values of the hyperparameters to a Keras model."""

from __future__ import annotations

import math
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.catalog import families_by_strength
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.bounds import MAX_FLAT_POSITIONS, Bounds, halving
from automl_search_spaces.budget import stem_kernel, width
from automl_search_spaces.dimensions import Values
from automl_search_spaces.ranks import activate, initializer, pool, pool_globally

#: Largest stride of one convolution of the stem; the rest is pooled.
_MAX_STEM_STRIDE = 4

#: Each dense layer has this share of the units of the one before, as the 120 and
#: 84 of LeNet-5.
_DENSE_TAPER = 0.7


def build_network(spec: DataSpec, bounds: Bounds, values: Values) -> keras.Model:
    """Return the network, not compiled.

    Args:
        spec: The data.
        bounds: The ranges the values were drawn from.
        values: The value of every dimension.

    Returns:
        A functional model from raw numbers `(batch, *space, channels)` of the
        values, as float32, to probabilities `(batch, classes)`, float32.
    """
    inputs = keras.Input(tuple(int(n) for n in spec.shape), dtype="float32")
    x = _prepare(inputs, spec, values)
    x = _stem(x, bounds, values)
    for index in range(values["stages"]):
        x = _stage(x, index, values)
    x = _head(x, values)
    outputs = keras.layers.Dense(
        spec.num_classes, activation="softmax", dtype="float32"
    )
    return keras.Model(inputs, outputs(x))


def _prepare(x: Any, spec: DataSpec, values: Values) -> Any:
    """Augment, and bring every channel to zero mean and unit variance.

    `Rescaling` and not `Normalization`, of which ONNX makes two more inputs.
    """
    strength = values["augmentation"]
    raw: list[Any] = []
    standardized: list[Any] = []
    if strength != "none":
        family = families_by_strength(spec)[strength]
        layers = family.layers(strength, spec, values)
        (standardized if family.standardized else raw).extend(layers)
    scale = [1.0 / float(std) for std in spec.std]
    offset = [
        -float(m) / float(std) for m, std in zip(spec.mean, spec.std, strict=True)
    ]
    for layer in [*raw, keras.layers.Rescaling(scale, offset), *standardized]:
        x = layer(x)
    return x


def _stem(x: Any, bounds: Bounds, values: Values) -> Any:
    """Reduce large samples early; give blocks with shortcuts channels to add."""
    x = pool(x, "average", bounds.shrink)
    if max(bounds.stem) == 1 and not BLOCKS[values["block"]].needs_stem:
        return x
    strides = tuple(min(stride, _MAX_STEM_STRIDE) for stride in bounds.stem)
    stage = _describe(0, values, strides)
    x = stage.convolve(x, stage.filters, stem_kernel(strides), strides=strides)
    x = stage.activate(stage.normalize(x))
    rest = tuple(a // b for a, b in zip(bounds.stem, strides, strict=True))
    return pool(x, "max", rest)


def _stage(x: Any, index: int, values: Values) -> Any:
    """Reduce the resolution unless this is the first stage, and apply the blocks."""
    size = x.shape[1:-1]
    kind = values["pooling"]
    ones = (1,) * len(size)
    steps = halving(size) if index > 0 and kind != "none" else ones
    if kind != "stride":
        x, steps = pool(x, kind, steps), ones
    return BLOCKS[values["block"]].apply(x, _describe(index, values, steps))


def _describe(index: int, values: Values, strides: tuple[int, ...]) -> Stage:
    """Return what a stage's block is told."""
    return Stage(
        index=index,
        filters=width(values["filters"], values["growth"], index),
        repeats=values["repeats"],
        kernel_size=values["kernel_size"],
        strides=strides,
        normalization=values["normalization"],
        activation=values["activation"],
        options=values,
    )


def _head(x: Any, values: Values) -> Any:
    """Return one vector a sample: averaged, or flattened and through dense layers."""
    if values["head"] == "gap":
        return _drop(pool_globally(x), values)
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
