"""Exporting from a worker: build, load the weights, write every format."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from automl.export.companions import LABELS_FILE, companion_files
from automl.export.concrete import UnsupportedLayerError
from automl.export.ensemble import EnsembleRequest, load_network
from automl.export.formats._base import named
from automl.export.litert_file import export_litert
from automl.export.names import FILES
from automl.export.outcome import FailedExport
from automl.export.staging import remove
from automl.run.atomic import write_text
from automl.training.scoring import ScoringRequest
from automl_datasets.preparation import PreparedData, open_prepared
from automl_datasets.spec import DataSpec

Writer = Callable[[keras.Model, DataSpec, Path], None]

WRITERS: dict[str, Writer] = {name: named(name).write for name in FILES}

#: Training samples from which int8 learns the ranges of activations.
_CALIBRATION_SAMPLES = 256


@dataclass(frozen=True)
class ExportRequest:
    """What to export.

    Attributes:
        model: Which weights: those of one training, or of several to average.
        formats: Keys of `FILES`.
        folder: Where to; see `automl.export.staging`.
        quantize: How LiteRT's weights are kept; one of
            `automl.run.request.QUANTIZATIONS`.
    """

    model: ScoringRequest | EnsembleRequest
    formats: tuple[str, ...]
    folder: Path
    quantize: str = "none"


def export_model(request: ExportRequest, channel: Any) -> list[FailedExport]:
    """Write every format that can be.

    Returns:
        The formats that could not be written, and why; what lies at their paths is
        not whole.
    """
    del channel  # there is nothing to tell before the end
    data = open_prepared(request.model.data)
    network = load_network(request.model)
    request.folder.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in request.formats:
        try:
            _export(network, name, data, request)
        except UnsupportedLayerError as error:
            failed.append(FailedExport(name, str(error), limited=True))
        except (MemoryError, OSError):
            raise  # no other format would fare better
        except Exception as error:  # converters raise whatever they like
            traceback.print_exc()
            lines = str(error).strip().splitlines() or ["no message"]
            reason = f"{type(error).__name__}: {lines[0]}"
            failed.append(FailedExport(name, f"The {name} export failed: {reason}"))
    write_text(request.folder / LABELS_FILE, companion_files(data.spec)[LABELS_FILE])
    return failed


def _export(
    network: keras.Model, name: str, data: PreparedData, request: ExportRequest
) -> None:
    file_name, write = FILES[name], WRITERS[name]
    if name == "litert":
        write = partial(
            export_litert,
            quantize=request.quantize,
            samples=calibration_samples(data) if request.quantize == "int8" else None,
        )
    target = request.folder / file_name
    remove(target)  # what an earlier try left, whose worker was lost
    write(network, data.spec, target)


def calibration_samples(data: PreparedData) -> np.ndarray:
    """Return prepared training samples, evenly spaced, never any of the test split."""
    inputs = data.split("train").inputs
    count = min(len(inputs), _CALIBRATION_SAMPLES)
    return np.asarray(inputs[np.linspace(0, len(inputs) - 1, count).astype(int)])
