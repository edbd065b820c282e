"""Samples to predict that are at hand: arrays, and texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.spec import DataSpec


def read_samples(samples: Any, spec: DataSpec) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names, such as `sample 0`, and samples as the training read them.

    Args:
        samples: For a model of texts, strings; for all others an array of shape
            `(n, *any space, channels)`, or such samples one by one, which may differ
            in size. A channel axis of one may be missing.
        spec: The data that the model was trained on.

    Raises:
        DataError: If a sample has another rank, other channels, or values that the
            dtype of the training data does not hold.
    """
    read = _text if spec.kind == "text" else _array
    if isinstance(samples, str) or not isinstance(samples, Iterable):
        raise DataError(
            f"Samples are given as an array or a list of them, but got {samples!r:.60}."
        )
    for number, sample in enumerate(samples):
        name = f"sample {number}"
        yield name, read(name, sample, spec)


def _text(name: str, sample: Any, spec: DataSpec) -> np.ndarray:
    if not isinstance(sample, str):
        raise DataError(f"The model takes texts, but {name} is {sample!r:.60}.")
    if not sample.strip():
        raise DataError(f"{name} holds no word.")
    return np.array(sample, dtype=object)


def _array(name: str, sample: Any, spec: DataSpec) -> np.ndarray:
    try:
        given = np.asarray(sample)
    except ValueError as error:  # rows of unequal lengths
        raise DataError(f"{name} is no array of numbers: {error}.") from error
    if given.ndim == len(spec.shape) - 1 and spec.channels == 1:
        given = given[..., None]
    if given.dtype.kind not in "biuf":
        raise DataError(f"The model takes numbers, but {name} holds {given.dtype}.")
    if given.ndim != len(spec.shape) or given.shape[-1] != spec.channels:
        wanted = ", ".join([*["any"] * (len(spec.shape) - 1), str(spec.channels)])
        raise DataError(
            f"The model takes samples of shape ({wanted}), but {name} has "
            f"{given.shape}; the axis of samples comes first."
        )
    if not given.size:
        raise DataError(f"{name} is empty: its shape is {given.shape}.")
    return _cast(name, given, spec)


def _cast(name: str, given: np.ndarray, spec: DataSpec) -> np.ndarray:
    """Return a sample in the training data's dtype, if that holds its values."""
    with np.errstate(all="ignore"):
        cast = given.astype(spec.dtype)
    whole = cast.dtype.kind in "iu"
    known = np.isfinite(cast) | (np.isnan(given) if spec.kind == "series" else False)
    fits = cast == given if whole else known
    if not fits.all():
        raise DataError(
            f"The model takes {spec.dtype} numbers, but {name} holds {given[~fits][0]}."
        )
    return cast
