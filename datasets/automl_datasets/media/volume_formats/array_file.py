"""Volumes as NumPy files: `.npy`, and `.npz` with a single array."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format

from automl_datasets.array_files import read_header
from automl_datasets.errors import DataError
from automl_datasets.listing import is_regular
from automl_datasets.media.volume_formats._base import (
    MAX_CHANNELS,
    Array,
    Volume,
    VolumeHeader,
    check_claim,
    check_length,
    guarded,
    kept_dtype,
    shown_shape,
)

SUFFIXES: frozenset[str] = frozenset()  # series and images are kept in such files too

_NOUN = "NumPy file"
ENDINGS = (".npy", ".npz")


def accepts(path: Path) -> bool:
    """Return whether a file holds one array that can only be a volume.

    Three dimensions with a last one of 1 to 4 are as likely an image with its
    colours: such a file is read as a volume only where that is asked for.
    """
    if not path.name.lower().endswith(ENDINGS) or not is_regular(path):
        return False
    try:
        with guarded(path, _NOUN):
            shape, _ = _claim(path)
    except DataError:
        return False
    colours = shape[-1:] and shape[-1] <= MAX_CHANNELS
    return (len(shape) == 3 and not colours) or (len(shape) == 4 and bool(colours))


def peek(path: Path) -> VolumeHeader:
    """Read the header; see `Format.peek`."""
    with guarded(path, _NOUN):
        shape, dtype = _claim(path)
        return _header(shape, dtype)


def read(path: Path) -> Volume:
    """Read the array; its axes stay as they are. See `Format.read`."""
    with guarded(path, _NOUN):
        shape, dtype = _claim(path)
        header = _header(shape, dtype)
        with _file(path) as file:
            array: Array = npy_format.read_array(file, allow_pickle=False)
        array = array.reshape(*header.size, header.channels)
        return Volume(array.astype(header.dtype, copy=False), header)


def _header(shape: tuple[int, ...], dtype: np.dtype[Any]) -> VolumeHeader:
    if len(shape) == 3:
        shape = (*shape, 1)
    if len(shape) != 4 or shape[3] > MAX_CHANNELS:
        raise DataError(
            f"its shape is {shown_shape(shape)}; a volume has depth, height, width and "
            f"at most {MAX_CHANNELS} channels, last"
        )
    return VolumeHeader(shape[:3], shape[3], kept_dtype(dtype), None)


def _claim(path: Path) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return shape and dtype as the header has them, checked against the file."""
    if not path.stat().st_size:
        raise DataError("empty file")
    with _file(path) as file:
        shape, dtype, _ = read_header(file, sys.maxsize)  # the limits here are tighter
        if dtype.hasobject:
            raise DataError("holds Python objects, which are never unpickled")
        check_claim(shape, dtype.itemsize, path.stat().st_size)
        if not isinstance(file, zipfile.ZipExtFile):
            expected = dtype.itemsize * int(np.prod(shape, dtype=object))
            check_length(expected, path.stat().st_size - file.tell())
    return shape, dtype


def _file(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(".npy"):
        return path.open("rb")
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        if len(names) != 1:
            raise DataError(f"holds {len(names)} arrays; a volume is a single one")
        return archive.open(names[0])
