"""`.npz` archives: headers without the data, arrays without Python objects."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from automl_datasets.errors import DataError

BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, KeyError)


class ArrayHeader(NamedTuple):
    """Shape and dtype of an array."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def headers(path: Path) -> dict[str, ArrayHeader]:
    """Read shape and dtype of every array without its data.

    Raises:
        DataError: If the archive cannot be read.
    """
    found = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".npy"):
                    with archive.open(name) as member:
                        found[name.removesuffix(".npy")] = _array_header(member)
    except BROKEN as error:
        raise DataError(
            f"{path} is not a readable .npz file ({error}); save it again."
        ) from error
    return found


def _array_header(member: Any) -> ArrayHeader:
    read: Callable[..., tuple[tuple[int, ...], bool, np.dtype[Any]]]
    version = npy_format.read_magic(member)
    read = npy_format.read_array_header_1_0
    if version != (1, 0):
        read = npy_format.read_array_header_2_0
    shape, _, dtype = read(member)
    return ArrayHeader(shape, dtype)


def load(path: Path, member: str) -> NDArray[Any]:
    """Read one array.

    Raises:
        DataError: If it cannot be read, or holds Python objects.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            array: NDArray[Any] = archive[member]
    except BROKEN as error:
        raise DataError(
            f"The array `{member}` in {path} cannot be read ({error}); save it again."
        ) from error
    return array
