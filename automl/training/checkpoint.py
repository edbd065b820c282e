"""Weights on disk: plain arrays, nothing that could execute when it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from automl.run.atomic import write_atomically
from automl.training.averaging import build_optimizer

BEST = "best.npz"


def save_arrays(path: Path, arrays: Sequence[np.ndarray]) -> None:
    """Write arrays in order, atomically."""
    write_atomically(path, lambda file: np.savez(file, *arrays))


def load_arrays(path: Path) -> list[np.ndarray]:
    """Return the arrays that `save_arrays` wrote, in order."""
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[f"arr_{index}"] for index in range(len(arrays.files))]


def training_state(model: keras.Model) -> list[Any]:
    """Return every variable that the next step depends on.

    Weights, moving averages, the state of random layers, the optimizer's moments, its
    averages of the weights, and its step count, from which the learning rate schedule
    is read.
    """
    return [*model.variables, *model.optimizer.variables]


def checkpoint_file(folder: Path, epochs: int) -> Path:
    """Return where the state after so many epochs is kept.

    The epochs are in the name: whoever is killed after writing it, and begins the
    stretch again, must not take up the end of it.
    """
    return folder / f"epoch-{epochs:04d}.npz"


def save_checkpoint(folder: Path, model: keras.Model, *, epochs: int) -> None:
    """Write all that an exact continuation of the training needs."""
    state = [np.asarray(variable) for variable in training_state(model)]
    save_arrays(checkpoint_file(folder, epochs), state)


def remove_checkpoints(folder: Path, *, before: int) -> None:
    """Remove the states that no continuation can ask for any more."""
    kept = checkpoint_file(folder, before).name
    for file in folder.glob("epoch-*.npz"):
        if file.name < kept:
            file.unlink()


def load_checkpoint(folder: Path, model: keras.Model, *, epochs: int) -> None:
    """Take up what `save_checkpoint` wrote for an equal model."""
    build_optimizer(model)
    arrays = load_arrays(checkpoint_file(folder, epochs))
    for variable, value in zip(training_state(model), arrays, strict=True):
        variable.assign(value)
