"""Texts as embedded tokens, whose padding takes no part."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Changes
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.representations.representation import (
    Representation,
    Signal,
)

_DIMENSIONS = (32, 64, 128, 256)
_DEFAULT_DIMENSION = 64

#: Padding and unknown words come before the vocabulary.
_RESERVED = 2

#: A marker before the text and one behind it; both share the vector of padding.
_MARKERS = 2

#: Words start near the origin, so that rare ones, hardly trained, weigh little.
_SPREAD = 0.05

#: Lengths are padded to a multiple of this, so that halvings meet at the same
#: positions however much padding there is; long texts may be reduced more often.
_MULTIPLE, _LONG_MULTIPLE, _LONG = 8, 64, 256


def shape(spec: DataSpec, values: Mapping[str, Any]) -> tuple[int, ...]:
    """Return `(tokens, dimensions)`."""
    tokens = int(spec.shape[0]) + _MARKERS
    multiple = _MULTIPLE if tokens <= _LONG else _LONG_MULTIPLE
    length = math.ceil(tokens / multiple) * multiple
    return (length, values.get("embedding", _DEFAULT_DIMENSION))


def apply(
    x: Any, spec: DataSpec, values: Mapping[str, Any], changes: Changes
) -> Signal:
    """Embed each token, with a marker before the first and one after the last.

    The mask is 0 where the token is padding. Markers let a kernel know where a text
    begins and ends: "what is X" at its end asks for something else than within it.
    """
    for layer in changes.raw:
        x = layer(x)
    tokens = int(spec.shape[0])
    missing = shape(spec, values)[0] - tokens - 1
    marked = keras.ops.pad(x, ((0, 0), (1, missing), (0, 0)))
    embedded = keras.layers.Embedding(
        len(spec.preprocessing["vocabulary"]) + _RESERVED,
        values["embedding"],
        embeddings_initializer=keras.initializers.RandomUniform(-_SPREAD, _SPREAD),
    )(keras.layers.Reshape((tokens + 1 + missing,))(marked))
    held = keras.ops.cast(keras.ops.not_equal(x, 0), "float32")
    mask = keras.ops.pad(held, ((0, 0), (_MARKERS, 0), (0, 0)), constant_values=1.0)
    mask = keras.ops.pad(mask, ((0, 0), (0, missing - 1), (0, 0)))
    embedded = keras.ops.multiply(embedded, mask)
    if values["embedding_dropout"] > 0:
        embedded = keras.layers.SpatialDropout1D(values["embedding_dropout"])(embedded)
    for layer in changes.standardized:
        embedded = layer(embedded)
    return Signal(embedded, mask)


def declare(declaration: Declaration, spec: DataSpec) -> None:
    """Declare the size of the embedding and how much of it is dropped."""
    declaration.choice("embedding", _DIMENSIONS, _DEFAULT_DIMENSION)
    declaration.number("embedding_dropout", 0.0, 0.5, 0.2, step=0.1)


REPRESENTATION = Representation("text", ("text",), shape, apply, declare)
