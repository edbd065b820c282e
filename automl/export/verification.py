"""Prove an export: score it on the test split, from itself, in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from automl.export.job import FORMATS

_SCRIPTS = {"savedmodel": "run_savedmodel.py", "keras": "run_keras.py"}
_TOLERANCE = 1e-4
_TIME_LIMIT_SECONDS = 1800


class ExportFailedError(RuntimeError):
    """An export that does not run, or does not predict what the model does."""


@dataclass(frozen=True)
class Verification:
    """What an export did on the test split.

    Attributes:
        format: Name of the format.
        path: Where it lies.
        size_mb: Size on disk, in 10^6 bytes.
        max_difference: Largest difference of a probability to the trained model.
        probabilities: float32 of shape `(samples, classes)`.
        figures: What the fresh process measured: `batch_1` and `batch_32` hold the
            median and the 95th percentile of a call in milliseconds.
    """

    format: str
    path: Path
    size_mb: float
    max_difference: float
    probabilities: np.ndarray = field(repr=False)
    figures: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the figures, without the probabilities."""
        values = {k: v for k, v in asdict(self).items() if k != "probabilities"}
        return {**values, "path": self.path.name}


def verify(
    folder: Path, formats: Sequence[str], inputs: Path, expected: np.ndarray
) -> list[Verification]:
    """Run every export on the test inputs, all at once, and compare.

    Args:
        folder: Where the exports lie.
        formats: Names of the formats.
        inputs: The test inputs, a `.npy` file of prepared samples.
        expected: The trained model's probabilities, float32 `(samples, classes)`.

    Raises:
        ExportFailedError: If one does not load, or differs by more than 1e-4.
    """
    with tempfile.TemporaryDirectory() as scratch:
        outputs = {name: Path(scratch) / f"{name}.npy" for name in formats}
        processes = {
            name: _start(name, folder / FORMATS[name][0], inputs, outputs[name])
            for name in formats
        }
        try:
            return [
                _check(
                    name, folder / FORMATS[name][0], process, outputs[name], expected
                )
                for name, process in processes.items()
            ]
        finally:
            for process in processes.values():
                process.kill()
                process.wait()


def _start(name: str, model: Path, inputs: Path, output: Path) -> subprocess.Popen[str]:
    script = Path(__file__).parent / "proof" / _SCRIPTS[name]
    # -P and no PYTHONPATH: a checkout's own folders must not be importable.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.Popen(
        [sys.executable, "-P", script, model, inputs, output],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def _check(
    name: str,
    path: Path,
    process: subprocess.Popen[str],
    output: Path,
    expected: np.ndarray,
) -> Verification:
    stdout, stderr = process.communicate(timeout=_TIME_LIMIT_SECONDS)
    if process.returncode:
        lines = stderr.strip().splitlines() or ["no message"]
        raise ExportFailedError(f"The {name} export does not run: {lines[-1]}")
    probabilities = np.load(output, allow_pickle=False)
    difference = float(np.abs(probabilities - expected).max(initial=0.0))
    if not difference <= _TOLERANCE:
        raise ExportFailedError(
            f"The {name} export differs from the trained model by {difference:.2g}, "
            f"more than {_TOLERANCE:.0e}."
        )
    figures = json.loads(stdout.strip().splitlines()[-1])
    size = size_bytes(path) / 1e6
    return Verification(name, path, size, difference, probabilities, figures)


def size_bytes(path: Path) -> int:
    """Return the size of a file, or of every file in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
