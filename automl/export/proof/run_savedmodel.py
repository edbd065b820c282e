"""Predict with a SavedModel and nothing but TensorFlow; run as a script.

Arguments: the SavedModel, the test inputs (.npy), where to write the probabilities
(.npy). Prints one JSON object with latencies in milliseconds.
"""

import json
import sys
import time
from typing import Any

if __name__ == "__main__":
    # Whatever tries to import these fails: the export has to do without them.
    sys.modules["keras"] = None  # type: ignore[assignment]
    sys.modules["automl"] = None  # type: ignore[assignment]

import numpy as np
import tensorflow as tf

BATCH_SIZE = 256
RUNS = 40


def latency(serve: Any, batch: Any) -> list[float]:
    """Return the median and 95th percentile of one call, in milliseconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        serve(inputs=batch)["probabilities"].numpy()
        times.append(1e3 * (time.perf_counter() - start))
    return [float(np.median(times)), float(np.percentile(times, 95))]


def main(model_path: str, inputs_path: str, output_path: str) -> None:
    """Predict every sample in order."""
    serve = tf.saved_model.load(model_path).signatures["serving_default"]
    inputs = np.load(inputs_path, mmap_mode="r")
    batches = [
        serve(inputs=tf.constant(inputs[i : i + BATCH_SIZE]))["probabilities"].numpy()
        for i in range(0, len(inputs), BATCH_SIZE)
    ]
    np.save(output_path, np.concatenate(batches))
    many = np.resize(inputs[:32], (32, *inputs.shape[1:]))
    figures = {
        "batch_1": latency(serve, tf.constant(inputs[:1])),
        "batch_32": latency(serve, tf.constant(many)),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
