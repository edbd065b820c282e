"""What a model takes and answers, in TensorFlow Serving's words."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from tensorflow.core.framework.types_pb2 import DataType

from automl.serving.model import ServedModel, Signature

VERSION = "1"
_PREDICT = "tensorflow/serving/predict"


def status() -> dict[str, Any]:
    """Return that the model's one version is available."""
    version = {
        "version": VERSION,
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }
    return {"model_version_status": [version]}


def metadata(model: ServedModel, name: str) -> dict[str, Any]:
    """Return inputs and outputs of every signature, shapes with -1 for any size."""
    signatures = {key: _described(value) for key, value in model.signatures.items()}
    return {
        "model_spec": {"name": name, "signature_name": "", "version": VERSION},
        "metadata": {"signature_def": {"signature_def": signatures}},
    }


def _described(signature: Signature) -> dict[str, Any]:
    return {
        "inputs": {signature.input.name: _tensor(signature.input)},
        "outputs": {name: _tensor(spec) for name, spec in signature.outputs.items()},
        "method_name": _PREDICT,
    }


def _tensor(spec: tf.TensorSpec) -> dict[str, Any]:
    sizes = ["-1" if size is None else str(size) for size in spec.shape]
    return {
        "dtype": DataType.Name(spec.dtype.as_datatype_enum),
        "tensor_shape": {
            "dim": [{"size": size, "name": ""} for size in sizes],
            "unknown_rank": False,
        },
    }
