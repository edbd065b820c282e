"""Series in files of one sample each: `.npy` arrays, or columns of numbers in text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from automl_datasets.array_files import load_array, read_header
from automl_datasets.errors import DataError
from automl_datasets.media._base import Decision, Header
from automl_datasets.naming import suffix_of
from automl_datasets.options import DataOptions
from automl_datasets.series import as_reading, numbers, series_layout
from automl_datasets.shapes import form_of
from automl_datasets.sources._base import Array, Layout, Reading

KIND = "series"
NOUN = "series file"
SUFFIXES = frozenset({".npy", ".csv", ".tsv", ".txt"})
PARALLEL = False
REQUIRES = ""

_FEWEST_STEPS = 2
_SEPARATORS = (b"\t", b";", b",")
_STEP_NAMES = frozenset({b"time", b"t", b"timestamp", b"step", b"index", b"", b"date"})


class SeriesHeader(NamedTuple):
    """What is known of a series before it is read.

    Attributes:
        size: `(length,)`.
        channels: Numbers a step.
    """

    size: tuple[int, ...]
    channels: int


def accepts(path: Path) -> bool:
    """Return whether a file holds a series: an array, or columns of numbers."""
    suffix = suffix_of(path.name)
    if suffix not in SUFFIXES or not path.is_file():
        return False
    try:
        if suffix == ".npy":
            return _array_is_series(path)
        return _table_is_series(path)
    except (DataError, OSError, ValueError):
        return False


def peek(location: str) -> SeriesHeader:
    """Return length and channels of a file.

    Raises:
        DataError: If it cannot be read.
    """
    length, channels = _load(location).shape
    return SeriesHeader((length,), channels)


def decide(headers: Sequence[Header], options: DataOptions) -> Decision:
    """Decide on length and channels; see `series.series_layout`."""
    sizes = [(h.size[0], h.channels) for h in headers if isinstance(h, SeriesHeader)]
    return Decision(*series_layout(sizes))


def decode(
    location: str, layout: Layout, *, fitted: bool
) -> tuple[Reading, SeriesHeader]:
    """Read a file into a layout; see `Medium.decode`.

    Raises:
        DataError: If it cannot be read, or has other channels.
    """
    series = _load(location)
    header = SeriesHeader(series.shape[:1], series.shape[1])
    return as_reading(series, layout, fitted=fitted), header


def _load(location: str) -> Array:
    """Return the series of a file, shape `(length, channels)`.

    Raises:
        DataError: If it holds none.
    """
    path = Path(location)
    try:
        if path.stat().st_size == 0:
            raise DataError("empty file")
        series = _array(path) if suffix_of(path.name) == ".npy" else _table(path)
    except (OSError, ValueError, EOFError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"not a readable series: {error}") from error
    if series.ndim == 1:
        series = series[:, None]
    if series.ndim != 2 or not series.size:
        raise DataError(f"has shape {series.shape}, which is no series")
    return series


def _array(path: Path) -> Array:
    try:
        array = load_array(path)
    except DataError as error:
        raise DataError(f"not a readable series: {error}") from error
    if array.dtype.kind not in "biuf":
        raise DataError(f"holds values of type {array.dtype}, but numbers are needed")
    return array


def _array_is_series(path: Path) -> bool:
    with path.open("rb") as file:
        shape, dtype, _ = read_header(file, path.stat().st_size)
    if dtype.kind not in "biuf" or not 1 <= len(shape) <= 2:
        return False
    return form_of((1, *shape), source=path.name).kind == "series"


def _table_is_series(path: Path) -> bool:
    """Return whether the first lines, perhaps below one of names, are numbers."""
    with path.open("rb") as file:
        lines = [line.strip() for line in islice(file, 4)]
    lines = [line.removeprefix(b"\xef\xbb\xbf") for line in lines if line]
    if not lines:
        return False
    body = lines if _numeric(lines[0]) else lines[1:]
    widths = {len(_fields(line)) for line in body}
    return len(body) >= _FEWEST_STEPS and len(widths) == 1 and all(map(_numeric, body))


def _numeric(line: bytes) -> bool:
    try:
        values = numbers(_fields(line))
    except DataError:
        return False
    return bool((values == values).any())


def _fields(line: bytes) -> list[bytes]:
    for separator in _SEPARATORS:
        if separator in line:
            return line.split(separator)
    return line.split()


def _table(path: Path) -> Array:
    """Read lines of numbers; a column that its name calls the time is left out."""
    lines = [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
    lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
    kept: list[int] | None = None
    if not _numeric(lines[0]):
        names = [name.strip(b"\"' ").lower() for name in _fields(lines.pop(0))]
        kept = [i for i, name in enumerate(names) if name not in _STEP_NAMES]
        kept = kept or list(range(len(names)))
    rows = [_fields(line) for line in lines]
    if len({len(row) for row in rows}) != 1:
        raise DataError("has lines of different numbers of columns")
    series = np.stack([numbers(row) for row in rows])
    return series if kept is None else series[:, kept]


def fitting(layout: Layout) -> None:
    """Return `None`: nothing is learned from the training split."""
