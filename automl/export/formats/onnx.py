"""An ONNX file, for ONNX Runtime and whatever else reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

    from automl_datasets.spec import DataSpec

WITHOUT = ("keras", "tensorflow")


def write(network: keras.Model, spec: DataSpec, path: Path) -> None:
    """Write an export; see `export_onnx`."""
    from automl.export.onnx_file import export_onnx

    export_onnx(network, spec, path)


def check(path: Path) -> None:
    """Pass everything: the runtime computes and does nothing else."""


def load(path: str) -> Callable[[Any], Any]:
    """Return the function from prepared samples to probabilities, or values."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    dtype = "int32" if "int32" in session.get_inputs()[0].type else "float32"
    return lambda batch: session.run(None, {"inputs": np.asarray(batch, dtype)})[0]
