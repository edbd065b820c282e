"""Prove an export: score it on the test split, from itself, in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from automl.export import formats
from automl.export.companions import read_spec
from automl.export.names import FILES
from automl.export.outcome import ExportFailedError, FailedExport, PrecisionError
from automl.export.texts import texts_of
from automl.metrics.answers import Answers
from automl.metrics.catalog import CLASSIFICATION, MULTILABEL, REGRESSION
from automl.metrics.scores import score
from automl.run.formats import FORMATS
from automl_datasets.spec import DataSpec

_TOLERANCE = 1e-4
_TIME_LIMIT_SECONDS = 1800
#: Proofs share a GPU with the workers, and compare float32 with float32.
_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "NVIDIA_TF32_OVERRIDE": "0",
}

#: What LiteRT's precision may cost, in points of the score below.
_POINTS = {"float16": 0.005, "dynamic": 0.015, "int8": 0.015}
_SCORES = {CLASSIFICATION: "accuracy", MULTILABEL: "auc", REGRESSION: "r2"}

#: On few test samples, so many that lie at a border weigh more than those points.
_BORDERLINE_SAMPLES = 2


@dataclass(frozen=True)
class Reference:
    """What the trained model does on the test split.

    Attributes:
        inputs: The test inputs, a `.npy` file of prepared samples.
        expected: The model's predictions, float32 `(samples, outputs)`.
        answers: The right answers.
    """

    inputs: Path
    expected: np.ndarray
    answers: Answers


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
        quantize: The precision of LiteRT's weights; `none` is float32.
    """

    format: str
    path: Path
    size_mb: float
    max_difference: float
    predictions: np.ndarray = field(repr=False)
    figures: dict[str, Any] = field(default_factory=dict)
    quantize: str = "none"

    def to_json(self, metric: str, answers: Answers) -> dict[str, Any]:
        """Return the figures and the test score, without the predictions."""
        values = {k: v for k, v in asdict(self).items() if k != "predictions"}
        value = score(metric, self.predictions, answers)
        return {**values, "path": self.path.name, "test_score": value}


def verify(
    folder: Path,
    formats: Sequence[str],
    reference: Reference,
    *,
    quantize: str = "none",
) -> tuple[list[Verification], list[FailedExport]]:
    """Run every export on the test inputs, all at once, and compare.

    SavedModel and `.keras` are handed texts as strings that hold the words of the
    prepared indices. Predictions may differ by 1e-4, of a regression in standard
    deviations of its target; those of a LiteRT file of less than float32 may lose
    half a point of test score (float16) or one and a half (dynamic, int8).

    Args:
        folder: Where the exports lie.
        formats: Names of the formats.
        reference: What they are compared with.
        quantize: How LiteRT's weights are kept.

    Returns:
        What each did that passed; and those that failed, and why.
    """
    paths = {name: folder / FILES[name] for name in formats}
    verified: list[Verification] = []
    failed: list[FailedExport] = []
    with tempfile.TemporaryDirectory() as scratch:
        processes = {
            name: _start(name, path, reference, Path(scratch))
            for name, path in paths.items()
        }
        try:
            for name, process in processes.items():
                precision = quantize if name == "litert" else "none"
                try:
                    figures = _wait(name, process, Path(scratch))
                    output = np.load(Path(scratch) / f"{name}.npy", allow_pickle=False)
                    passed = _passed(paths[name], name, output, reference, precision)
                except ExportFailedError as error:
                    limited = isinstance(error, PrecisionError)
                    failed.append(FailedExport(name, str(error), limited))
                else:
                    verified.append(replace(passed, figures=figures))
        finally:
            for process in processes.values():
                process.kill()
                process.wait()
    return verified, failed


def _start(
    name: str, model: Path, reference: Reference, scratch: Path
) -> subprocess.Popen[str]:
    script = Path(__file__).parent / "proof" / "prove.py"
    program = Path(formats.__path__[0]) / f"{name}.py"
    inputs = _raw_inputs(name, model, reference.inputs, scratch)
    output, turns = scratch / f"{name}.npy", scratch / "turns"
    # -P and no PYTHONPATH: a checkout's own folders must not be importable.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    # Into a file: a full pipe would stop a process while others wait for its turn.
    with _errors_file(name, scratch).open("wb") as errors:
        return subprocess.Popen(
            [sys.executable, "-P", script, program, model, inputs, output, turns],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**environment, **_ENVIRONMENT},
        )


def _errors_file(name: str, scratch: Path) -> Path:
    return scratch / f"{name}.stderr"


def _raw_inputs(name: str, model: Path, inputs: Path, scratch: Path) -> Path:
    """Return the file of what the export is to be given."""
    spec: DataSpec = read_spec(model)
    if spec.kind != "text" or not FORMATS[name].takes_texts:
        return inputs
    file = scratch / "texts.json"
    if not file.exists():
        texts = list(texts_of(np.load(inputs, mmap_mode="r"), spec))
        file.write_text(json.dumps(texts), encoding="utf-8")
    return file


def _wait(name: str, process: subprocess.Popen[str], scratch: Path) -> dict[str, Any]:
    """Return what the process measured, once it has ended."""
    try:
        stdout, _ = process.communicate(timeout=_TIME_LIMIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ExportFailedError(
            f"The {name} export took more than {_TIME_LIMIT_SECONDS:.0f} s."
        ) from error
    if process.returncode:
        errors = _errors_file(name, scratch).read_text("utf-8", errors="replace")
        lines = errors.strip().splitlines() or ["no message"]
        raise ExportFailedError(f"The {name} export does not run: {lines[-1]}")
    figures: dict[str, Any] = json.loads(stdout.strip().splitlines()[-1])
    return figures


def _passed(
    path: Path, name: str, output: np.ndarray, reference: Reference, precision: str
) -> Verification:
    """Return what is known of an export, if the precision explains its differences."""
    answers, expected = reference.answers, reference.expected
    unit = np.array(answers.scale) if answers.task == REGRESSION else 1.0
    difference = float((np.abs(output - expected) / unit).max(initial=0.0))
    if not np.isfinite(difference):
        raise ExportFailedError(f"The {name} export gives numbers that are not finite.")
    if precision != "none":
        _check_score(output, reference, precision)
    elif difference > _TOLERANCE:
        raise ExportFailedError(
            f"The {name} export differs from the trained model by {difference:.2g}, "
            f"more than {_TOLERANCE:.0e}."
        )
    size = size_bytes(path) / 1e6
    return Verification(name, path, size, difference, output, quantize=precision)


def _check_score(output: np.ndarray, reference: Reference, precision: str) -> None:
    metric = _SCORES[reference.answers.task]
    before = score(metric, reference.expected, reference.answers)
    after = score(metric, output, reference.answers)
    allowed = max(_POINTS[precision], _BORDERLINE_SAMPLES / len(output))
    if not before - after <= allowed:
        raise PrecisionError(
            f"The litert export in {precision} has a test {metric} of {after:.4f}, the "
            f"trained model {before:.4f}: more is lost than {allowed:.4f}; choose "
            "another --quantize."
        )


def size_bytes(path: Path) -> int:
    """Return the size of a file, or of every file in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
