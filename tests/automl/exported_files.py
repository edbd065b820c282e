"""Answers of exported files, by the runtimes that are made for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter


def run_onnx(path: Path, inputs: np.ndarray) -> Any:
    return onnxruntime.InferenceSession(path).run(None, {"inputs": inputs})[0]


def run_litert(path: Path, inputs: np.ndarray) -> Any:
    serve = Interpreter(str(path)).get_signature_runner("serving_default")
    (answer,) = serve(inputs=inputs).values()
    return answer
