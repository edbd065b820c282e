"""Exporting from a worker: build, load the weights, write aside, move into place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from automl.export.companions import LABELS_FILE, companion_files
from automl.export.keras_file import export_keras
from automl.export.savedmodel import export_savedmodel
from automl.run.atomic import write_text
from automl.training.scoring import ScoringRequest, load_trained_model
from automl_datasets.preparation import open_prepared
from automl_datasets.spec import DataSpec
from automl_search_spaces.inference import inference_model

# Format name: the name of its file or folder, and its writer.
FORMATS: dict[str, tuple[str, Callable[[keras.Model, DataSpec, Path], None]]] = {
    "savedmodel": ("saved_model", export_savedmodel),
    "keras": ("model.keras", export_keras),
}


@dataclass(frozen=True)
class ExportRequest:
    """What to export.

    Attributes:
        model: Which weights.
        formats: Keys of `FORMATS`.
        folder: Where to.
    """

    model: ScoringRequest
    formats: tuple[str, ...]
    folder: Path


def export_model(request: ExportRequest, channel: Any) -> None:
    """Write every format, each in place only when it is whole."""
    del channel  # there is nothing to tell before the end
    spec = open_prepared(request.model.data).spec
    network = inference_model(load_trained_model(request.model))
    request.folder.mkdir(parents=True, exist_ok=True)
    for name in request.formats:
        file_name, write = FORMATS[name]
        target = request.folder / file_name
        aside = request.folder / f".writing-{file_name}"
        remove(aside)
        write(network, spec, aside)
        remove(target)
        aside.rename(target)
    write_text(request.folder / LABELS_FILE, companion_files(spec)[LABELS_FILE])


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
