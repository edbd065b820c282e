"""From the values of the hyperparameters to a Keras model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.catalog import changes_of
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.blocks.stage import Stage, masked
from automl_search_spaces.bounds import Bounds, halving
from automl_search_spaces.budget import stem_kernel, width
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.heads import answer, summarize
from automl_search_spaces.ranks import pool
from automl_search_spaces.representations.catalog import REPRESENTATIONS

#: Largest stride of one convolution of the stem; the rest is pooled.
_MAX_STEM_STRIDE = 4

Masks = Mapping[int, Any]


def build_network(spec: DataSpec, bounds: Bounds, values: Values) -> keras.Model:
    """Return the network, not compiled.

    Args:
        spec: The data.
        bounds: The ranges of the representation that `values` name.
        values: The value of every dimension.

    Returns:
        A functional model from raw samples `(batch, *spec.shape)`, float32 and for
        text int32, to float32: probabilities `(batch, classes)`, or targets in raw
        units `(batch, targets)`.
    """
    dtype = "int32" if spec.kind == "text" else "float32"
    inputs = keras.Input(tuple(int(n) for n in spec.shape), dtype=dtype)
    represent = REPRESENTATIONS[values["representation"]].apply
    x, mask = represent(inputs, spec, values, changes_of(spec, values))
    masks = {} if mask is None else _halved(mask)
    x = _stem(x, masks, bounds, values)
    for index in range(values["stages"]):
        x = _stage(x, masks, index, values)
    x = summarize(x, masks.get(x.shape[1]), values)
    return keras.Model(inputs, answer(x, spec))


def _halved(mask: Any) -> Masks:
    """Return a mask at its own length and at every length that halving leads to."""
    masks = {mask.shape[1]: mask}
    while mask.shape[1] % 2 == 0:
        mask = pool(mask, "max", (2,))
        masks[mask.shape[1]] = mask
    return masks


def _stem(x: Any, masks: Masks, bounds: Bounds, values: Values) -> Any:
    """Reduce large samples early; give blocks with shortcuts channels to add."""
    x = pool(x, "average", bounds.shrink)
    if max(bounds.stem) == 1 and not BLOCKS[values["block"]].needs_stem:
        return x
    strides = tuple(min(stride, _MAX_STEM_STRIDE) for stride in bounds.stem)
    stage = _describe(0, masks, values, strides)
    x = stage.convolve(x, stage.filters, stem_kernel(strides), strides=strides)
    x = stage.activate(stage.normalize(x))
    rest = tuple(a // b for a, b in zip(bounds.stem, strides, strict=True))
    return pool(masked(x, masks), "max", rest)


def _stage(x: Any, masks: Masks, index: int, values: Values) -> Any:
    """Reduce the resolution unless this is the first stage, and apply the blocks."""
    size = x.shape[1:-1]
    kind = values["pooling"]
    ones = (1,) * len(size)
    steps = halving(size) if index > 0 and kind != "none" else ones
    if kind != "stride" and max(steps) > 1:
        x, steps = pool(masked(x, masks), kind, steps), ones
    stage = _describe(index, masks, values, steps)
    block = BLOCKS[values["block"]]
    if block.strides or max(steps) == 1:
        return block.apply(x, stage)
    x = stage.normalize(stage.convolve(x, stage.filters, steps, strides=steps))
    return block.apply(x, replace(stage, strides=ones))


def _describe(
    index: int, masks: Masks, values: Values, strides: tuple[int, ...]
) -> Stage:
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
        masks=masks,
    )
