"""Prove an export: score it on the test split, from itself, in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from automl.export.companions import read_spec
from automl.export.job import FORMATS
from automl.export.texts import texts_of
from automl_datasets.spec import DataSpec

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
        max_difference: Largest difference to the trained model: of a probability, or
            of a regression's value in standard deviations of its target.
        predictions: float32 of shape `(samples, outputs)`.
        figures: What the fresh process measured: `batch_1` and `batch_32` hold the
            median and the 95th percentile of a call in milliseconds.
    """

    format: str
    path: Path
    size_mb: float
    max_difference: float
    predictions: np.ndarray = field(repr=False)
    figures: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the figures, without the predictions."""
        values = {k: v for k, v in asdict(self).items() if k != "predictions"}
        return {**values, "path": self.path.name}


def verify(
    folder: Path, formats: Sequence[str], inputs: Path, expected: np.ndarray
) -> list[Verification]:
    """Run every export on the test inputs, all at once, and compare.

    Texts are handed over as strings that hold the words of the prepared indices.

    Args:
        folder: Where the exports lie.
        formats: Names of the formats.
        inputs: The test inputs, a `.npy` file of prepared samples.
        expected: The trained model's predictions, float32 `(samples, outputs)`.

    Raises:
        ExportFailedError: If one does not load, or differs by more than 1e-4; of a
            regression, of the target's standard deviation.
    """
    paths = {name: folder / FORMATS[name][0] for name in formats}
    if not paths:
        return []
    spec = read_spec(next(iter(paths.values())))
    with tempfile.TemporaryDirectory() as scratch:
        raw = _raw_inputs(inputs, spec, Path(scratch))
        outputs = {name: Path(scratch) / f"{name}.npy" for name in formats}
        processes = {
            name: _start(name, path, raw, outputs[name]) for name, path in paths.items()
        }
        difference = partial(_difference, expected=expected, spec=spec)
        try:
            return [
                _verified(name, paths[name], process, outputs[name], difference)
                for name, process in processes.items()
            ]
        finally:
            for process in processes.values():
                process.kill()
                process.wait()


def _raw_inputs(inputs: Path, spec: DataSpec, scratch: Path) -> Path:
    """Return the file of what the export is to be given."""
    if spec.kind != "text":
        return inputs
    texts = list(texts_of(np.load(inputs, mmap_mode="r"), spec))
    file = scratch / "texts.json"
    file.write_text(json.dumps(texts), encoding="utf-8")
    return file


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


def _verified(
    name: str,
    path: Path,
    process: subprocess.Popen[str],
    output: Path,
    difference: Callable[[str, np.ndarray], float],
) -> Verification:
    figures = _wait(name, process)
    predictions = np.load(output, allow_pickle=False)
    return Verification(
        format=name,
        path=path,
        size_mb=size_bytes(path) / 1e6,
        max_difference=difference(name, predictions),
        predictions=predictions,
        figures=figures,
    )


def _wait(name: str, process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what the process measured, once it has ended."""
    stdout, stderr = process.communicate(timeout=_TIME_LIMIT_SECONDS)
    if process.returncode:
        lines = stderr.strip().splitlines() or ["no message"]
        raise ExportFailedError(f"The {name} export does not run: {lines[-1]}")
    figures: dict[str, Any] = json.loads(stdout.strip().splitlines()[-1])
    return figures


def _difference(
    name: str, predictions: np.ndarray, expected: np.ndarray, spec: DataSpec
) -> float:
    """Return the largest difference, if it is one of rounding."""
    unit = np.array(spec.target_std) if spec.task == "regression" else 1.0
    difference = float((np.abs(predictions - expected) / unit).max(initial=0.0))
    if not difference <= _TOLERANCE:
        raise ExportFailedError(
            f"The {name} export differs from the trained model by {difference:.2g}, "
            f"more than {_TOLERANCE:.0e}."
        )
    return difference


def size_bytes(path: Path) -> int:
    """Return the size of a file, or of every file in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
