"""A LiteRT (TensorFlow Lite) file, for phones and microcontrollers."""

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
    """Write an export in float32; see `export_litert` for others."""
    from automl.export.litert_file import export_litert

    export_litert(network, spec, path)


def check(path: Path) -> None:
    """Pass everything: the runtime computes and does nothing else."""


def load(path: str) -> Callable[[Any], Any]:
    """Return the function from prepared samples to probabilities, or values."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path)
    interpreter.allocate_tensors()  # what it logs, it logs now and not among answers
    serve = interpreter.get_signature_runner("serving_default")
    dtype = serve.get_input_details()["inputs"]["dtype"]

    def predict(batch: Any) -> Any:
        (answer,) = serve(inputs=np.asarray(batch, dtype)).values()
        return answer

    return predict
