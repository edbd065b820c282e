"""Series in files of one sample each: `.npy` arrays, or columns of numbers in text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from automl_datasets.array_files import load_array, read_header
from automl_datasets.errors import DataError
from automl_datasets.listing import is_regular
from automl_datasets.media._base import Decision, Header
from automl_datasets.naming import suffix_of
from automl_datasets.options import DataOptions
from automl_datasets.samples import Array, Layout, Reading
from automl_datasets.series import as_reading, numbers, series_layout
from automl_datasets.shapes import form_of
from automl_datasets.usual_names import TIME_NAMES

KIND = "series"
NOUN = "series file"
SUFFIXES = frozenset({".npy", ".csv", ".tsv", ".txt"})
PARALLEL = False
REQUIRES = ""

_FEWEST_STEPS = 2
_SEPARATORS = (b"\t", b";")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STEP_NAMES = frozenset({*TIME_NAMES, "index", ""})


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
    if suffix not in SUFFIXES or not is_regular(path):
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
        rows = _rows(list(islice(file, 4)))
    return len(rows) >= _FEWEST_STEPS and all(map(_numeric, rows))


def _numeric(row: Sequence[bytes]) -> bool:
    try:
        values = numbers(row)
    except DataError:
        return False
    return bool((values == values).any())


def _table(path: Path) -> Array:
    rows = _rows(path.read_bytes().splitlines())
    if not rows:
        raise DataError("holds no value")
    return np.stack([numbers(row) for row in rows])


def _rows(lines: Sequence[bytes]) -> list[list[bytes]]:
    """Return the fields of lines, without names and what these call the time.

    Raises:
        DataError: If the lines have different numbers of fields.
    """
    filled = [line.strip().removeprefix(_BYTE_ORDER_MARK) for line in lines]
    rows = [_fields(line) for line in filled if line]
    names = rows.pop(0) if rows and not _numeric(rows[0]) else []
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise DataError("has lines of different numbers of columns")
    kept = [place for place, name in enumerate(names) if not _names_time(name)]
    if not kept or widths != {len(names)}:
        return rows
    return [[row[place] for place in kept] for row in rows]


def _names_time(name: bytes) -> bool:
    return name.strip(b"\"' ").decode("utf-8", "replace").lower() in _STEP_NAMES


def _fields(line: bytes) -> list[bytes]:
    for separator in _SEPARATORS:
        if separator in line:
            # Commas between such fields are within numbers.
            return line.replace(b",", b".").split(separator)
    return line.split(b",") if b"," in line else line.split()


def fitting(layout: Layout) -> None:
    """Return `None`: nothing is learned from the training split."""
