"""Predict with an export and nothing but its runtime; run as a script.

Arguments: the module of the format, the export, the test inputs (.npy, or .json with a
list of texts), where to write the predictions (.npy), and a file by which scripts that
run at the same time take turns. Prints one JSON object with latencies in milliseconds.
"""

import fcntl
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

_OURS = ("automl", "automl_datasets", "automl_reports", "automl_search_spaces")

BATCH_SIZE = 256
RUNS = 40
WARM_UP_RUNS = 3

Predict = Callable[[Any], Any]


def hide(names: Iterable[str]) -> None:
    """Make whatever tries to import these fail: the export has to do without them."""
    for name in names:
        sys.modules[name] = None  # type: ignore[assignment]


def format_at(path: str) -> ModuleType:
    """Return the module that says how a format is used, and hide what it can spare."""
    specification = importlib.util.spec_from_file_location("export_format", path)
    if specification is None or specification.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    hide(module.WITHOUT)
    return module


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


def main(
    format_path: str, model: str, inputs_path: str, output: str, turns: str
) -> None:
    """Predict every sample in order; measure while no other script predicts."""
    with Path(turns).open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_SH)
        predict = format_at(format_path).load(model)
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
    hide(_OURS)
    main(*sys.argv[1:])
