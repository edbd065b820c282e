"""A LiteRT (TensorFlow Lite) file of the network, quantized if asked for."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from automl.export.companions import companion_files
from automl.export.concrete import as_module, convert_or_blame
from automl.export.lowering import LITERT_RULES, lowered
from automl.export.names import output_name
from automl.metrics.catalog import REGRESSION
from automl_datasets.spec import DataSpec

#: Operations in which a network's last layer with weights may end up.
_WEIGHTED = ("FULLY_CONNECTED", "CONV_2D", "CONV_3D", "BATCH_MATMUL")


def export_litert(
    network: keras.Model,
    spec: DataSpec,
    path: Path,
    *,
    quantize: str = "none",
    samples: np.ndarray | None = None,
) -> None:
    """Write a LiteRT file of LiteRT's own operations, which run everywhere.

    Its signature `serving_default` takes `inputs`, prepared samples
    `(batch, *spec.shape)`, float32 and for texts indices of words as int32; it gives
    `probabilities` or `value`, float32 `(batch, outputs)`. Behind the model lies, as
    LiteRT has associated files, a zip archive with `labels.txt` and `data.json`.

    Args:
        network: Takes `(batch, *spec.shape)`, gives `(batch, outputs)`; no
            augmentation.
        spec: The data.
        path: Where to write.
        quantize: `none`; `float16` weights; `dynamic`, weights of 8 bits; `int8`,
            weights and activations of 8 bits where LiteRT has such an operation, but
            for the last layer of a regression: targets of different units would
            share one scale of 256 steps.
        samples: Prepared training samples, from which `int8` learns the ranges.

    Raises:
        UnsupportedLayerError: If LiteRT can't hold a layer.
    """
    output = output_name(spec.task)
    convert = partial(_convert, output=output, quantize=quantize, samples=samples)
    # A layer alone does not take the samples that ranges are learned from.
    alone = partial(_convert, output=output, quantize="none", samples=None)
    data = convert_or_blame(
        lowered(network, LITERT_RULES), convert, "litert", alone=alone
    )
    path.write_bytes(data)
    with zipfile.ZipFile(path, "a") as archive:
        for name, text in companion_files(spec).items():
            archive.writestr(name, text)


def _convert(
    network: keras.Model, output: str, quantize: str, samples: np.ndarray | None
) -> bytes:
    module = as_module(network, output)
    function = module.serve.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
    # Operations of TensorFlow's would convert, and then run almost nowhere.
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if quantize != "none":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if quantize == "int8":
        if samples is None:
            raise ValueError("int8 needs training samples to learn ranges from.")
        dtype = network.inputs[0].dtype
        converter.representative_dataset = lambda: _one_by_one(samples, dtype)
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.TFLITE_BUILTINS_INT8,
            tf.lite.OpsSet.TFLITE_BUILTINS,
        ]
        if output == output_name(REGRESSION):
            return _quantized_but_for_the_end(converter)
    data: bytes = converter.convert()
    return data


def _one_by_one(samples: np.ndarray, dtype: str) -> Iterator[list[Any]]:
    for sample in samples:
        yield [np.asarray(sample, dtype)[None]]


def _quantized_but_for_the_end(converter: Any) -> bytes:
    """Return what a converter to int8 makes, its last layer left in float32."""
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter, debug_dataset=converter.representative_dataset
    )
    debugger.options = tf.lite.experimental.QuantizationDebugOptions(
        denylisted_nodes=_names_at_the_end(debugger.calibrated_model)
    )
    data: bytes = debugger.get_nondebug_quantized_model()
    return data


def _names_at_the_end(model: bytes) -> list[str]:
    """Return the outputs of the last operations with weights, and of all behind."""
    interpreter = tf.lite.Interpreter(model_content=model)
    names = {t["index"]: t["name"] for t in interpreter.get_tensor_details()}
    operations = interpreter._get_ops_details()
    makers = {tensor: op for op in operations for tensor in op["outputs"]}
    found = []
    waiting = [tensor["index"] for tensor in interpreter.get_output_details()]
    while waiting:
        tensor = waiting.pop()
        if tensor in makers:
            found.append(names[tensor])
            if makers[tensor]["op_name"] not in _WEIGHTED:
                waiting.extend(makers[tensor]["inputs"])
    return found
