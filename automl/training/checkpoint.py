"""Weights on disk: plain arrays, nothing that could execute when it is loaded."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.run.atomic import write_atomically

BEST = "best.npz"


def save_arrays(path: Path, arrays: Sequence[np.ndarray]) -> None:
    """Write arrays in order, atomically."""
    write_atomically(path, lambda file: np.savez(file, *arrays))


def load_arrays(path: Path) -> list[np.ndarray]:
    """Return the arrays that `save_arrays` wrote, in order."""
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[f"arr_{index}"] for index in range(len(arrays.files))]


def fingerprint(folder: Path) -> str | None:
    """Return a hash of a training's best weights; `None` where they are gone."""
    if not (folder / BEST).exists():
        return None
    with (folder / BEST).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checkpoint_file(folder: Path, epochs: int) -> Path:
    """Return where the state after so many epochs is kept.

    The epochs are in the name: whoever is killed after writing it, and begins the
    stretch again, must not take up the end of it.
    """
    return folder / f"epoch-{epochs:04d}.npz"


def save_checkpoint(folder: Path, state: Sequence[Any], *, epochs: int) -> None:
    """Write all that an exact continuation of the training needs.

    Args:
        folder: Of the training.
        state: Every variable that the next step depends on.
        epochs: How many were trained.
    """
    arrays = [np.asarray(variable) for variable in state]
    save_arrays(checkpoint_file(folder, epochs), arrays)


def remove_checkpoints(folder: Path, *, before: float = math.inf) -> None:
    """Remove the states that no continuation can ask for any more.

    Args:
        folder: Of the training.
        before: Epochs of the first state that is kept; by default none is.
    """
    for file in folder.glob("epoch-*.npz"):
        # By number: 10000 has a digit more than names are filled up to.
        if int(file.stem.removeprefix("epoch-")) < before:
            file.unlink()


def load_checkpoint(folder: Path, state: Sequence[Any], *, epochs: int) -> None:
    """Set the variables to what `save_checkpoint` wrote of an equal model's."""
    arrays = load_arrays(checkpoint_file(folder, epochs))
    for variable, value in zip(state, arrays, strict=True):
        variable.assign(value)
