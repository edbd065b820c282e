"""The signature that TensorFlow Serving's Classify calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from automl.export.intake import Intake, decoder
from automl_datasets.spec import DataSpec

#: The signature's name, and the method that TensorFlow Serving asks it to have.
CLASSIFY = "classify"
CLASSIFY_METHOD = "tensorflow/serving/classify"


def classify_signature(
    spec: DataSpec, entrance: Intake, answer: Callable[[Any], dict[str, Any]]
) -> Any:
    """Return the function from serialised examples to classes and their scores.

    It takes `inputs`, serialised `tf.train.Example`s (string, `(batch,)`), and returns
    `classes` (string) and `scores` (float32), both `(batch, classes)`. An example has
    one feature: `bytes`, an encoded file, where the kind has the signature
    `serve_bytes`; else `inputs`, a text, or the numbers of one sample of the model's
    own size, in C order.

    Args:
        spec: The data, of a task that has classes.
        entrance: From raw inputs to what the network takes.
        answer: From those to the outputs of the other signatures.
    """
    decode = decoder(spec)
    names = tf.constant([spec.classes])

    def fit(examples: Any) -> Any:
        parsed = tf.io.parse_example(examples, {feature_name(spec): _feature(spec)})
        values = parsed[feature_name(spec)]
        if decode is None:
            return entrance.fit(tf.cast(values, entrance.signature.dtype))
        fitted = tf.TensorSpec(spec.shape, tf.float32)
        return tf.map_fn(
            lambda encoded: entrance.fit(decode(encoded)[None])[0],
            values,
            fn_output_signature=fitted,
        )

    def classify(examples: Any) -> dict[str, Any]:
        scores = answer(fit(examples))["probabilities"]
        return {"classes": tf.repeat(names, tf.shape(scores)[0], 0), "scores": scores}

    signature = [tf.TensorSpec((None,), tf.string, name="inputs")]
    return tf.function(classify, input_signature=signature)


def feature_name(spec: DataSpec) -> str:
    """Return the name of the one feature of an example."""
    return "inputs" if decoder(spec) is None else "bytes"


def _feature(spec: DataSpec) -> Any:
    if spec.kind == "text" or decoder(spec) is not None:
        return tf.io.FixedLenFeature((), tf.string)
    integers = tf.as_dtype(spec.dtype).is_integer
    return tf.io.FixedLenFeature(spec.shape, tf.int64 if integers else tf.float32)


def name_classify_method(folder: Path) -> None:
    """Note in a SavedModel that its signature `classify` is one for Classify.

    TensorFlow itself writes every signature as one for Predict.
    """
    updater = tf.compat.v1.saved_model.signature_def_utils.MethodNameUpdater(
        str(folder)
    )
    updater.replace_method_name(CLASSIFY, CLASSIFY_METHOD, tags="serve")
    updater.save()
