"""A SavedModel that takes data as it comes and answers with names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from automl.export.companions import companion_files
from automl.export.images import decode, resize
from automl_datasets.spec import DataSpec


def export_savedmodel(network: keras.Model, spec: DataSpec, folder: Path) -> None:
    """Write a SavedModel with the signatures `serving_default` and `serve_bytes`.

    `serving_default(inputs)` takes the numbers as the data set held them, images of
    any size. `serve_bytes(bytes)`, for 8-bit images, takes encoded files. Both return
    `label` (string), `score` (float32) and `probabilities` (float32, one a class).

    Args:
        network: Takes `(batch, *spec.shape)`, gives probabilities; no augmentation.
        spec: The data.
        folder: Where to write; must not exist.
    """
    module = tf.Module()
    module.variables_of_network = [variable.value for variable in network.variables]
    labels = tf.constant(spec.classes)

    def classify(inputs: Any) -> Any:
        probabilities = tf.cast(network(inputs, training=False), tf.float32)
        winner = tf.argmax(probabilities, axis=-1)
        return {
            "label": tf.gather(labels, winner),
            "score": tf.reduce_max(probabilities, axis=-1),
            "probabilities": probabilities,
        }

    signatures = {"serving_default": _numbers_signature(classify, spec)}
    if spec.kind == "image" and spec.dtype == "uint8" and spec.channels in (1, 3):
        signatures["serve_bytes"] = _bytes_signature(classify, spec)
    with tempfile.TemporaryDirectory() as scratch:
        module.assets = []
        for name, text in companion_files(spec).items():
            (Path(scratch) / name).write_text(text, encoding="utf-8")
            module.assets.append(tf.saved_model.Asset(str(Path(scratch) / name)))
        tf.saved_model.save(module, str(folder), signatures=signatures)


def _numbers_signature(classify: Callable[[Any], Any], spec: DataSpec) -> Any:
    if spec.kind != "image":
        shape = (None, *spec.shape)
        return tf.function(
            lambda inputs: classify(inputs),
            input_signature=[tf.TensorSpec(shape, spec.dtype, name="inputs")],
        )
    height, width, channels = spec.shape

    def serve(inputs: Any) -> Any:
        return classify(tf.cast(resize(inputs, height, width), spec.dtype))

    shape = (None, None, None, channels)
    signature = [tf.TensorSpec(shape, spec.dtype, name="inputs")]
    return tf.function(serve, input_signature=signature)


def _bytes_signature(classify: Callable[[Any], Any], spec: DataSpec) -> Any:
    height, width, channels = spec.shape

    def read(encoded: Any) -> Any:
        return resize(decode(encoded, channels)[None], height, width)[0]

    def serve(encoded: Any) -> Any:
        shape = tf.TensorSpec((height, width, channels), tf.float32)
        images = tf.map_fn(read, encoded, fn_output_signature=shape)
        return classify(tf.cast(images, spec.dtype))

    signature = [tf.TensorSpec((None,), tf.string, name="bytes")]
    return tf.function(serve, input_signature=signature)
