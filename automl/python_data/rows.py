"""Samples one after another, into an `.npz` file without holding them in memory."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

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
    """Return values as an array without Python objects: those become texts."""
    array = np.asarray(values)
    if array.dtype.kind in "OS":
        texts = [v.decode() if isinstance(v, bytes) else str(v) for v in array.ravel()]
        array = np.array(texts).reshape(array.shape)
    return array
