"""What a training predicted on a split, kept for everything that comes after."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from automl.errors import RequestError
from automl.run.atomic import write_atomically
from automl_datasets.array_files import load_array
from automl_datasets.errors import DataError


def predictions_file(folder: Path, split: str) -> Path:
    """Return where a training's predictions on a split are kept."""
    return folder / f"{split}_predictions.npy"


def save_predictions(folder: Path, split: str, predictions: np.ndarray) -> None:
    """Write predictions `(n, outputs)` as float32, atomically."""
    rows = predictions.reshape(len(predictions), -1).astype(np.float32)
    write_atomically(predictions_file(folder, split), partial(np.save, arr=rows))


def load_predictions(folder: Path, split: str) -> np.ndarray:
    """Return what `save_predictions` wrote, float32 `(n, outputs)`.

    Raises:
        RequestError: If the file is gone, or holds no numbers.
    """
    file = predictions_file(folder, split)
    try:
        return load_array(file)
    except DataError as error:
        raise RequestError(f"{file} can't be read ({error}); search again.") from error
