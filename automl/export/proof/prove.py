"""Predict with an export and nothing but its runtime; run as a script.

Arguments: the format, the export, the test inputs (.npy, or .json with a list of
texts), where to write the predictions (.npy), and a file by which scripts that run
at the same time take turns. Prints one JSON object with latencies in milliseconds.
"""

import fcntl
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

_OURS = ("automl", "automl_datasets", "automl_reports", "automl_search_spaces")
_ABSENT = {
    "savedmodel": ("keras", *_OURS),
    "keras": _OURS,
    "onnx": ("keras", "tensorflow", *_OURS),
    "litert": ("keras", "tensorflow", *_OURS),
}

if __name__ == "__main__":
    # Whatever tries to import these fails: the export has to do without them.
    for other in _ABSENT[sys.argv[1]]:
        sys.modules[other] = None  # type: ignore[assignment]

BATCH_SIZE = 256
RUNS = 40
WARM_UP_RUNS = 3

Predict = Callable[[Any], Any]


def load_savedmodel(path: str) -> Predict:
    """Return the function from a batch to probabilities, or values."""
    import tensorflow as tf

    model = tf.saved_model.load(path)
    answer = "value"
    if answer not in model.signatures["serving_default"].structured_outputs:
        answer = "probabilities"

    def predict(batch: Any) -> Any:
        # The model goes with its variables, so that it has to be kept.
        serve = model.signatures["serving_default"]
        return serve(inputs=tf.constant(batch))[answer].numpy()

    return predict


def load_keras(path: str) -> Predict:
    """Return the function from a batch to probabilities, or values."""
    import keras

    model = keras.saving.load_model(path, safe_mode=True, compile=False)

    def predict(batch: Any) -> Any:
        if batch.dtype.kind == "O":
            batch = keras.ops.convert_to_tensor(list(batch), dtype="string")
        return model.predict_on_batch(batch)

    return predict


def load_onnx(path: str) -> Predict:
    """Return the function from a batch to probabilities, or values."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    dtype = "int32" if "int32" in session.get_inputs()[0].type else "float32"
    return lambda batch: session.run(None, {"inputs": np.asarray(batch, dtype)})[0]


def load_litert(path: str) -> Predict:
    """Return the function from a batch to probabilities, or values."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path)
    serve = interpreter.get_signature_runner("serving_default")
    dtype = serve.get_input_details()["inputs"]["dtype"]

    def predict(batch: Any) -> Any:
        (answer,) = serve(inputs=np.asarray(batch, dtype)).values()
        return answer

    return predict


LOADERS = {
    "savedmodel": load_savedmodel,
    "keras": load_keras,
    "onnx": load_onnx,
    "litert": load_litert,
}


def read(path: str) -> Any:
    """Return the inputs, one a row."""
    if path.endswith(".json"):
        return np.array(json.loads(Path(path).read_text(encoding="utf-8")), object)
    return np.load(path, mmap_mode="r")


def latency(predict: Predict, batch: Any) -> list[float]:
    """Return the median and 95th percentile of one call, in milliseconds."""
    batch = np.array(batch)
    times = []
    for run in range(WARM_UP_RUNS + RUNS):
        start = time.perf_counter()
        predict(batch)
        if run >= WARM_UP_RUNS:
            times.append(1e3 * (time.perf_counter() - start))
    return [float(np.median(times)), float(np.percentile(times, 95))]


def main(name: str, model: str, inputs_path: str, output: str, turns: str) -> None:
    """Predict every sample in order; measure while no other script predicts."""
    with Path(turns).open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_SH)
        predict = LOADERS[name](model)
        inputs = read(inputs_path)
        batches = [
            np.asarray(predict(inputs[i : i + BATCH_SIZE]))
            for i in range(0, len(inputs), BATCH_SIZE)
        ]
        np.save(output, np.concatenate(batches))
        fcntl.flock(turn, fcntl.LOCK_UN)
        fcntl.flock(turn, fcntl.LOCK_EX)
        many = np.resize(inputs[:32], (32, *inputs.shape[1:]))
        figures = {
            "batch_1": latency(predict, inputs[:1]),
            "batch_32": latency(predict, many),
        }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
