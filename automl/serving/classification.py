"""TensorFlow Serving's `:classify`: examples in, classes and their scores out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from automl.export.classify import feature_name
from automl.serving.model import (
    DEFAULT_SIGNATURE,
    ENCODED_SIGNATURE,
    Arrays,
    ServedModel,
)
from automl.serving.payloads import Question, batch_of, encode, json_object
from automl.serving.refusal import Refusal
from automl_datasets.spec import DataSpec


def read_examples(body: bytes, model: ServedModel) -> Question:
    """Return what the body of a `:classify` request asks.

    Each example has the one feature that `automl.export.classify` tells of. The model
    is asked by the signature that takes the same, so any format can classify.

    Raises:
        Refusal: If the request is malformed, or the model has no classes.
    """
    if not model.spec.classes:
        raise Refusal("A regression has no classes; ask it with :predict.")
    request = json_object(body)
    examples, context = request.get("examples"), request.get("context", {})
    if not isinstance(examples, list) or not examples:
        raise Refusal("`examples` has to be a list of at least one example.")
    encoded = ENCODED_SIGNATURE in model.signatures
    name = feature_name(model.spec) if encoded else "inputs"
    values = [_feature(example, context, name) for example in examples]
    if not encoded and model.spec.kind != "text":
        values = [_shaped(value, model.spec) for value in values]
    signature = ENCODED_SIGNATURE if encoded else DEFAULT_SIGNATURE
    return Question(signature, batch_of(values, model.signatures[signature]), rows=True)


def write_classes(outputs: Arrays, spec: DataSpec) -> bytes:
    """Return the body that gives every class of each example with its score."""
    rows = outputs["probabilities"].tolist()
    result = [list(zip(spec.classes, row, strict=True)) for row in rows]
    return encode({"result": result})


def _feature(example: Any, context: Any, name: str) -> Any:
    if not isinstance(example, dict) or not isinstance(context, dict):
        raise Refusal("An example, and `context`, have to be JSON objects.")
    features = {**context, **example}
    if set(features) != {name}:
        found = ", ".join(features) or "nothing"
        raise Refusal(f"An example has the one feature {name}, not {found:.80}.")
    value = features[name]
    if isinstance(value, list) and len(value) == 1:
        return value[0]  # a list of one value is that value
    return value


def _shaped(value: Any, spec: DataSpec) -> Any:
    """Return the numbers of a sample, which examples hold without a shape."""
    size = math.prod(spec.shape)
    values = value if isinstance(value, list) else [value]
    if len(values) != size:
        shape = " x ".join(map(str, spec.shape))
        raise Refusal(f"An example holds {shape} = {size} numbers; {len(values)} came.")
    if any(isinstance(number, list) for number in values):
        raise Refusal("An example holds its numbers in one list; lists came in it.")
    return np.array(values, object).reshape(spec.shape).tolist()
