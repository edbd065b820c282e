"""Samples one after another, into an `.npz` file without holding them in memory."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from automl.errors import RequestError


class GrowingRows:
    """Samples of one dtype, appended to a file.

    Their shapes are equal, but for the length of series, which are padded with NaN at
    the end when all are known.
    """

    def __init__(self, file: Path) -> None:
        """Begin with no sample.

        Args:
            file: Takes the numbers; removed by `close`.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        self._path = file
        self._file = file.open("wb")
        self._lengths: list[int] = []
        self._first: np.ndarray | None = None

    def append(self, sample: Any) -> None:
        """Add one sample.

        Raises:
            RequestError: If its shape does not go with the others'.
        """
        array = np.asarray(sample)
        if self._first is None:
            self._check(array)
            self._first = array
        elif not self._goes_with(array, self._first):
            raise RequestError(
                f"Sample {len(self._lengths)} has shape {array.shape}, but the first "
                f"has {self._first.shape}; give samples of one shape, or image files."
            )
        self._file.write(np.ascontiguousarray(array, self._first.dtype).tobytes())
        self._lengths.append(array.shape[0] if array.ndim else 1)

    def _check(self, array: np.ndarray) -> None:
        if array.dtype.kind not in "buif" or not array.ndim:
            raise RequestError(
                f"Samples must be arrays of numbers or texts, but got {array.dtype} "
                f"of shape {array.shape}."
            )

    def _goes_with(self, array: np.ndarray, first: np.ndarray) -> bool:
        if array.shape == first.shape:
            return True
        return array.ndim == first.ndim <= 2 and array.shape[1:] == first.shape[1:]

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._lengths)

    def write(self, target: IO[bytes]) -> None:
        """Write all samples as one `.npy` array."""
        self._file.flush()
        if self._first is None:
            raise RequestError("The data holds no samples; give some.")
        longest = max(self._lengths)
        ragged = min(self._lengths) < longest
        dtype = np.dtype(np.float32) if ragged else self._first.dtype
        header = {
            "descr": np.lib.format.dtype_to_descr(dtype),
            "fortran_order": False,
            "shape": (len(self), longest, *self._first.shape[1:]),
        }
        np.lib.format.write_array_header_1_0(target, header)
        with self._path.open("rb") as source:
            if not ragged:
                shutil.copyfileobj(source, target)
                return
            for length in self._lengths:
                target.write(self._padded(source, length, longest).tobytes())

    def _padded(self, source: IO[bytes], length: int, longest: int) -> np.ndarray:
        first = np.asarray(self._first)
        shape = first.shape[1:]
        padded = np.full((longest, *shape), np.nan, np.float32)
        count = length * int(np.prod(shape))
        read = np.frombuffer(source.read(count * first.dtype.itemsize), first.dtype)
        padded[:length] = read.reshape(length, *shape)
        return padded

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def write_npz(path: Path, members: Mapping[str, Any]) -> Path:
    """Write arrays and growing rows as one `.npz` file, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.tmp")
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as archive:
            for name, value in members.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as target:
                    _write_member(target, value)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _write_member(target: IO[bytes], value: Any) -> None:
    if isinstance(value, GrowingRows):
        value.write(target)
    else:
        np.lib.format.write_array(target, plain(value), allow_pickle=False)


def plain(values: Any) -> np.ndarray:
    """Return values as an array without Python objects: those become texts.

    What is missing among objects becomes an empty text, as in a table.
    """
    array = _as_given(values)
    if array.dtype.kind in "OS":
        texts = [_text(value) for value in array.ravel()]
        array = np.array(texts, str).reshape(array.shape)
    return array


def missing(values: Any) -> np.ndarray:
    """Return which values are missing: `None`, NaN or NA; of the shape of the values.

    Example:
        >>> missing(["nan", float("nan"), None, 0]).tolist()
        [False, True, True, False]
    """
    return np.asarray(pd.isna(_as_given(values)))


def refuse_missing(labels: Any, name: str) -> None:
    """Refuse labels that are missing, which an `.npz` file has no room for.

    Args:
        labels: A label, or a row of them, for each sample.
        name: What they are called, for the message.

    Raises:
        RequestError: If there are any.
    """
    places = np.argwhere(missing(labels))
    if len(places):
        place = int(places[0, 0])
        raise RequestError(
            f"{name} holds {_as_given(labels)[place]} for sample {place}; leave out "
            "samples without a label."
        )


def _as_given(values: Any) -> np.ndarray:
    """Return values as an array; beside texts, others stay what they are."""
    array = np.asarray(values)
    if array.dtype.kind in "US" and isinstance(values, list | tuple):
        return np.asarray(values, object)
    return array


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    return "" if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)
