"""Writing arrays and records so that a kill at any moment leaves no half truth."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

_CHUNK_BYTES = 8 * 2**20
_EXACT_ROWS = 256  # sums of so many squares of bytes stay below 2**24

Change = Callable[[NDArray[Any]], NDArray[Any]]
Look = Callable[[NDArray[Any]], None]

_CACHED_VALUES = 2**17  # as float64, 1 MiB: stays in the processor's cache


class ChannelMoments:
    """Running mean and standard deviation of each channel, in float64.

    Missing values (NaN) are left out; a channel of nothing else has mean 0.

    Source:
        Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance,
        The American Statistician 37(3): merging of partial sums.
    """

    def __init__(self, channels: int) -> None:
        """Start with no values."""
        self.count = np.zeros(channels)
        self.mean = np.zeros(channels)
        self._squares = np.zeros(channels)

    def add(self, batch: NDArray[Any]) -> None:
        """Take in samples, channels last; NaN counts as missing."""
        flat = batch.reshape(len(batch), -1)
        step = max(1, _CACHED_VALUES // flat.shape[1])
        if batch.dtype == np.uint8:
            step = min(step, _EXACT_ROWS)
            for start in range(0, len(flat), step):
                self._add_bytes(flat[start : start + step])
            return
        for start in range(0, len(flat), step):
            self._add(flat[start : start + step].astype(np.float64))

    def _add(self, flat: NDArray[np.float64]) -> None:
        # Sums run over samples first, which numpy does many times faster than over
        # pixels with a few channels each.
        channels = len(self.mean)
        count: Any = np.full(channels, flat.size // channels)
        missing = np.isnan(flat)
        gaps = bool(missing.any())
        if gaps:
            flat[missing] = 0.0
            count = count - missing.sum(axis=0).reshape(-1, channels).sum(axis=0)
        mean = flat.sum(axis=0).reshape(-1, channels).sum(axis=0) / np.maximum(count, 1)
        flat -= np.tile(mean, flat.shape[1] // channels)
        if gaps:
            flat[missing] = 0.0
        np.square(flat, out=flat)
        squares = flat.sum(axis=0).reshape(-1, channels).sum(axis=0)
        self._merge(count, mean, squares)

    def _add_bytes(self, flat: NDArray[Any]) -> None:
        # float32 sums many times as fast as integers or float64, and sums of so few
        # squares of bytes are exact in it.
        channels = len(self.mean)
        values = flat.astype(np.float32)
        sums = values.sum(axis=0).reshape(-1, channels).sum(axis=0, dtype=np.float64)
        np.square(values, out=values)
        squares = values.sum(axis=0).reshape(-1, channels).sum(axis=0, dtype=np.float64)
        count = np.full(channels, flat.size // channels)
        mean = sums / count
        self._merge(count, mean, squares - count * mean**2)

    def _merge(
        self,
        count: NDArray[Any],
        mean: NDArray[np.float64],
        squares: NDArray[np.float64],
    ) -> None:
        total = self.count + count
        weight = count / np.maximum(total, 1)
        shift = mean - self.mean
        self.mean = self.mean + shift * weight
        self._squares += squares + shift**2 * (self.count * weight)
        self.count = total

    @property
    def std(self) -> NDArray[np.float64]:
        """Standard deviation, 1 where all values are equal."""
        deviation = np.sqrt(np.maximum(self._squares, 0) / np.maximum(1, self.count))
        return np.where(deviation > 0, deviation, 1.0)


class RawRows:
    """Rows of a raw file, read where they are asked for.

    To map the file instead costs more in page faults than copying takes.

    Attributes:
        shape: Shape of the rows together, `(n, *shape)`.
        dtype: Their dtype.
    """

    def __init__(
        self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> None:
        """Remember the file, which holds rows of `shape` one after the other."""
        self.dtype = dtype
        self._path = path
        self._row_bytes = math.prod(shape) * dtype.itemsize
        self.shape = (path.stat().st_size // self._row_bytes, *shape)

    def __getitem__(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """Return a copy of the rows at ascending places.

        However far they lie apart, little more than they are is held in memory.
        """
        if len(places) == 0:
            return np.zeros((0, *self.shape[1:]), self.dtype)
        stretch = (places - places[0]) // self._rows_at_once
        bounds = [0, *(np.flatnonzero(np.diff(stretch)) + 1).tolist(), len(places)]
        if len(bounds) == 2:
            return self._near(places)
        rows = np.empty((len(places), *self.shape[1:]), self.dtype)
        for start, stop in pairwise(bounds):
            rows[start:stop] = self._near(places[start:stop])
        return rows

    def _near(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """Return rows whose stretch is short enough to be read as a whole."""
        first, last = int(places[0]), int(places[-1])
        stretch = np.fromfile(
            self._path,
            self.dtype,
            count=(last + 1 - first) * math.prod(self.shape[1:]),
            offset=first * self._row_bytes,
        ).reshape(-1, *self.shape[1:])
        return stretch if len(stretch) == len(places) else stretch[places - first]

    @property
    def _rows_at_once(self) -> int:
        return max(1, _CHUNK_BYTES // max(1, self._row_bytes))


def chunks_of(
    rows: NDArray[Any] | RawRows, order: NDArray[np.int64]
) -> Iterator[NDArray[Any]]:
    """Yield the chosen rows in that order, a bounded number of bytes at a time."""
    row_bytes = math.prod(rows.shape[1:]) * rows.dtype.itemsize
    step = max(1, _CHUNK_BYTES // max(1, row_bytes))
    for start in range(0, len(order), step):
        yield rows[order[start : start + step]]


def write_array(
    path: Path,
    rows: NDArray[Any] | RawRows,
    order: NDArray[np.int64],
    *,
    transform: Change | None = None,
    look: Look | None = None,
) -> None:
    """Write the chosen rows as a `.npy` file and flush it to disk.

    Args:
        path: The file.
        rows: Rows to choose from.
        order: Which, in which order; ascending for raw rows.
        transform: Changes rows, but not their shape or dtype, before they are written.
        look: Called with the rows as they are written.

    Raises:
        OSError: If it cannot be written.
    """
    header = {
        "descr": npy_format.dtype_to_descr(rows.dtype),
        "fortran_order": False,
        "shape": (len(order), *rows.shape[1:]),
    }
    with path.open("wb") as file:
        npy_format.write_array_header_1_0(file, header)
        for chunk in chunks_of(rows, order):
            written = chunk if transform is None else transform(chunk)
            if look is not None:
                look(written)
            file.write(np.ascontiguousarray(written, rows.dtype).data)
        _flush(file)


def write_json(path: Path, values: Any) -> None:
    """Write values aside, flush them to disk, then put them in place at once.

    Raises:
        OSError: If the file cannot be written.
    """
    aside = path.with_name(path.name + ".aside")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(values, file)
        _flush(file)
    aside.replace(path)


def _flush(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
