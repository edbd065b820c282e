"""Writing arrays and records so that a kill at any moment leaves no half truth."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

_CHUNK_BYTES = 32 * 2**20
_CACHED_VALUES = 2**17  # as float64, 1 MiB: stays in the processor's cache


class ChannelMoments:
    """Running mean and standard deviation of each channel, in float64.

    Source:
        Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance,
        The American Statistician 37(3): merging of partial sums.
    """

    def __init__(self, channels: int) -> None:
        """Start with no values."""
        self.count = 0
        self.mean = np.zeros(channels)
        self._squares = np.zeros(channels)

    def add(self, batch: NDArray[Any]) -> None:
        """Take in samples, channels last."""
        flat = batch.reshape(len(batch), -1)
        step = max(1, _CACHED_VALUES // flat.shape[1])
        for start in range(0, len(flat), step):
            self._add(flat[start : start + step].astype(np.float64))

    def _add(self, flat: NDArray[np.float64]) -> None:
        # Sums run over samples first, which numpy does many times faster than over
        # pixels with a few channels each.
        channels = len(self.mean)
        count = flat.size // channels
        mean = flat.sum(axis=0).reshape(-1, channels).sum(axis=0) / count
        flat -= np.tile(mean, flat.shape[1] // channels)
        np.square(flat, out=flat)
        squares = flat.sum(axis=0).reshape(-1, channels).sum(axis=0)
        total = self.count + count
        shift = mean - self.mean
        self.mean = self.mean + shift * (count / total)
        self._squares += squares + shift**2 * (self.count * count / total)
        self.count = total

    @property
    def std(self) -> NDArray[np.float64]:
        """Standard deviation, 1 where all values are equal."""
        deviation = np.sqrt(self._squares / max(1, self.count))
        return np.where(deviation > 0, deviation, 1.0)


def chunks_of(rows: NDArray[Any], order: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
    """Yield the chosen rows in that order, a bounded number of bytes at a time."""
    step = max(1, _CHUNK_BYTES // max(1, rows[:1].nbytes))
    for start in range(0, len(order), step):
        yield rows[order[start : start + step]]


def write_array(path: Path, rows: NDArray[Any], order: NDArray[np.int64]) -> None:
    """Write the chosen rows as a `.npy` file and flush it to disk.

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
            file.write(chunk.data)
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
