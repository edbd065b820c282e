"""Predict with a SavedModel and nothing but TensorFlow; run as a script.

Arguments: the SavedModel, the test inputs (.npy, or .json with a list of texts), where
to write the predictions (.npy). Prints one JSON object with latencies in milliseconds.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Whatever tries to import these fails: the export has to do without them.
    for other in ("keras", "automl", "automl_datasets", "automl_search_spaces"):
        sys.modules[other] = None  # type: ignore[assignment]

import numpy as np
import tensorflow as tf

BATCH_SIZE = 256
RUNS = 40


def read(path: str) -> Any:
    """Return the inputs, one a row."""
    if path.endswith(".json"):
        return np.array(json.loads(Path(path).read_text(encoding="utf-8")), object)
    return np.load(path, mmap_mode="r")


def predictor(model: Any) -> Callable[[Any], Any]:
    """Return the function from a batch to its probabilities, or its values."""
    serve = model.signatures["serving_default"]
    names = serve.structured_outputs
    answer = "value" if "value" in names else "probabilities"
    return lambda batch: serve(inputs=tf.constant(batch))[answer].numpy()


def latency(predict: Callable[[Any], Any], batch: Any) -> list[float]:
    """Return the median and 95th percentile of one call, in milliseconds."""
    tensor = tf.constant(batch)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        predict(tensor)
        times.append(1e3 * (time.perf_counter() - start))
    return [float(np.median(times)), float(np.percentile(times, 95))]


def main(model_path: str, inputs_path: str, output_path: str) -> None:
    """Predict every sample in order."""
    # The model goes with its variables, so that it has to be kept.
    model = tf.saved_model.load(model_path)
    predict = predictor(model)
    inputs = read(inputs_path)
    batches = [
        predict(inputs[i : i + BATCH_SIZE]) for i in range(0, len(inputs), BATCH_SIZE)
    ]
    np.save(output_path, np.concatenate(batches))
    many = np.resize(inputs[:32], (32, *inputs.shape[1:]))
    figures = {
        "batch_1": latency(predict, inputs[:1]),
        "batch_32": latency(predict, many),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
