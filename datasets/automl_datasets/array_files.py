"""NumPy's `.npy` format, in files that may be broken or hostile."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from automl_datasets.errors import DataError

_ZIP = b"PK\x03\x04"
_SURROGATES = range(0xD800, 0xE000)  # halves of characters, in UTF-16 alone


class ArrayHeader(NamedTuple):
    """Shape and dtype of an array, and whether its first axis varies fastest."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool = False

    @property
    def row_bytes(self) -> int:
        """Size of one sample."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize


def read_header(file: IO[bytes], held: int) -> ArrayHeader:
    """Read shape and dtype; the file then stands at the first number.

    Args:
        file: The file, at its start.
        held: Bytes that it holds, header included.

    Raises:
        DataError: If the header is broken, or claims more numbers than are held; the
            message is a plain reason.
    """
    read: Callable[..., tuple[tuple[int, ...], bool, np.dtype[Any]]]
    try:
        version = npy_format.read_magic(file)
        read = npy_format.read_array_header_1_0
        if version != (1, 0):
            read = npy_format.read_array_header_2_0
        shape, fortran, dtype = read(file)
    except Exception as error:  # numpy parses it as Python, which can fail in any way
        raise DataError(f"its header is broken: {reason_of(error)}") from error
    claimed = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or (not dtype.hasobject and claimed > held):
        raise DataError(
            f"its shape {shape} of {dtype} needs {claimed:,} bytes, but it holds "
            f"{held:,}"
        )
    return ArrayHeader(shape, dtype, fortran)


def load_array(path: Path, *, mapped: bool = False) -> NDArray[Any]:
    """Return the array of a `.npy` file.

    Args:
        path: The file.
        mapped: Whether to leave the numbers on the disk until they are asked for.

    Raises:
        DataError: If it cannot be read, or holds Python objects; the message is a
            plain reason.
    """
    mode: Literal["r"] | None = "r" if mapped else None
    try:
        with path.open("rb") as file:
            if file.read(4) == _ZIP:
                raise DataError("it is an archive of arrays, which is called .npz")
            file.seek(0)
            read_header(file, path.stat().st_size)
        array: NDArray[Any] = np.load(path, mmap_mode=mode, allow_pickle=False)
        check_text(array)
    except DataError:
        raise
    except Exception as error:
        raise DataError(reason_of(error)) from error
    return array


def check_text(array: NDArray[Any]) -> None:
    """Refuse texts of which not every character is one of Unicode.

    numpy takes whatever number a file has in the place of a character, and only turning
    it into a text fails.

    Raises:
        DataError: If there is such a text; the message is a plain reason.
    """
    if array.dtype.kind != "U" or not array.size or not array.itemsize:
        return
    number = np.dtype(np.uint32).newbyteorder(array.dtype.byteorder)
    points = np.ascontiguousarray(array).view(number)
    halves = (points >= _SURROGATES.start) & (points < _SURROGATES.stop)
    if points.max() > sys.maxunicode or halves.any():
        raise DataError("it holds texts with characters that do not exist")


def reason_of(error: Exception) -> str:
    """Return in a few words why a library could not read a file."""
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
