"""A SavedModel that takes data as it comes and answers with names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from automl.export.classify import (
    CLASSIFY,
    classify_signature,
    name_classify_method,
)
from automl.export.companions import companion_files
from automl.export.intake import Intake, decoder, intake
from automl.metrics.answers import THRESHOLD
from automl_datasets.spec import DataSpec


def export_savedmodel(network: keras.Model, spec: DataSpec, folder: Path) -> None:
    """Write a SavedModel with the signatures `serving_default` and `serve_bytes`.

    `serving_default(inputs)` takes the numbers as the data set held them, of any
    spatial size, and texts as strings. `serve_bytes(bytes)`, for 8-bit images and for
    sound, takes encoded files. Classifiers return `label` (string), `score` (float32)
    and `probabilities` (float32, one a class); multi-label models also `labels` (bool,
    one a label); regressions `value` (float32, one a target).

    Args:
        network: Takes `(batch, *spec.shape)`, gives `(batch, outputs)`; no
            augmentation.
        spec: The data.
        folder: Where to write; must not exist.
    """
    entrance = intake(spec)
    answer = _answer(network, spec)
    module = tf.Module()
    module.variables_of_network = [variable.value for variable in network.variables]
    module.resources = entrance.resources
    signatures = {"serving_default": _numbers_signature(entrance, answer)}
    if spec.classes:
        signatures[CLASSIFY] = classify_signature(spec, entrance, answer)
    decode = decoder(spec)
    if decode is not None:
        signatures["serve_bytes"] = _bytes_signature(decode, entrance, answer, spec)
    with tempfile.TemporaryDirectory() as scratch:
        module.assets = []
        for name, text in companion_files(spec).items():
            (Path(scratch) / name).write_text(text, encoding="utf-8")
            module.assets.append(tf.saved_model.Asset(str(Path(scratch) / name)))
        tf.saved_model.save(module, str(folder), signatures=signatures)
    if CLASSIFY in signatures:
        name_classify_method(folder)


def _answer(network: keras.Model, spec: DataSpec) -> Callable[[Any], dict[str, Any]]:
    """Return the function from fitted inputs to named outputs."""

    def predict(inputs: Any) -> Any:
        fitting = tf.cast(inputs, network.inputs[0].dtype)
        return tf.cast(network(fitting, training=False), tf.float32)

    if spec.task == "regression":
        return lambda inputs: {"value": predict(inputs)}
    names = tf.constant(spec.classes)

    def classify(inputs: Any) -> dict[str, Any]:
        probabilities = predict(inputs)
        winner = tf.argmax(probabilities, axis=-1)
        outputs = {
            "label": tf.gather(names, winner),
            "score": tf.reduce_max(probabilities, axis=-1),
            "probabilities": probabilities,
        }
        if spec.task == "multilabel":
            outputs["labels"] = probabilities >= THRESHOLD
        return outputs

    return classify


def _numbers_signature(entrance: Intake, answer: Callable[[Any], Any]) -> Any:
    return tf.function(
        lambda inputs: answer(entrance.fit(inputs)),
        input_signature=[entrance.signature],
    )


def _bytes_signature(
    decode: Callable[[Any], Any],
    entrance: Intake,
    answer: Callable[[Any], Any],
    spec: DataSpec,
) -> Any:
    fitted = tf.TensorSpec(spec.shape, tf.float32)

    def read(encoded: Any) -> Any:
        return entrance.fit(decode(encoded)[None])[0]

    def serve(encoded: Any) -> Any:
        return answer(tf.map_fn(read, encoded, fn_output_signature=fitted))

    signature = [tf.TensorSpec((None,), tf.string, name="bytes")]
    return tf.function(serve, input_signature=signature)
