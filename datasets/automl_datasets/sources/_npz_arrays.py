"""`.npz` archives: headers without the data, arrays without Python objects."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.array_files import (
    ArrayHeader,
    check_text,
    read_header,
    reason_of,
)
from automl_datasets.errors import DataError

#: Larger arrays are read in blocks, since they may not fit the memory.
_WHOLE_BYTES = 512 * 2**20
_BLOCK_BYTES = 16 * 2**20


def headers(path: Path) -> dict[str, ArrayHeader]:
    """Read shape and dtype of every array without its data.

    Raises:
        DataError: If the archive cannot be read.
    """
    found = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.filename.endswith(".npy"):
                    with archive.open(info) as member:
                        name = info.filename.removesuffix(".npy")
                        found[name] = read_header(member, info.file_size)
    except Exception as error:  # of the archive, its compression or an array in it
        raise DataError(
            f"{path} is not a readable .npz file ({reason_of(error)}); save it again."
        ) from error
    return found


def rows_of(path: Path, member: str) -> NDArray[Any] | MemberRows:
    """Return an array, or what reads it in blocks if it is large.

    Raises:
        DataError: If it cannot be read, or holds Python objects.
    """
    header = headers(path)[member]
    size = header.shape[0] * header.row_bytes
    if size <= _WHOLE_BYTES or header.fortran or header.dtype.hasobject:
        return load(path, member)
    return MemberRows(path, member, header)


class MemberRows:
    """Rows of a large array, read in blocks: best asked for in ascending order."""

    def __init__(self, path: Path, member: str, header: ArrayHeader) -> None:
        """Check the whole member once, so that no damaged row is handed out.

        Raises:
            DataError: If it cannot be read.
        """
        self._path, self._member, self._header = path, member, header
        self._step = max(1, _BLOCK_BYTES // max(1, header.row_bytes))
        self._rewind()
        while len(self._block):
            self._read_block()
        self._rewind()

    def __getitem__(self, place: int) -> NDArray[Any]:
        """Return one row.

        Raises:
            DataError: If it cannot be read.
        """
        if place < self._start:
            self._rewind()
        while place >= self._start + len(self._block):
            self._read_block()
        row: NDArray[Any] = self._block[place - self._start]
        return row

    def _rewind(self) -> None:
        archive = zipfile.ZipFile(self._path)
        name = f"{self._member}.npy"
        self._file = archive.open(name)
        read_header(self._file, archive.getinfo(name).file_size)
        self._start = 0
        self._block = np.zeros((0, *self._header.shape[1:]), self._header.dtype)
        self._read_block()

    def _read_block(self) -> None:
        """Go on to the next block; an empty one is behind the last row."""
        self._start += len(self._block)
        left = self._header.shape[0] - self._start
        size = min(self._step, left) * self._header.row_bytes
        try:
            content = self._file.read(size)
            if len(content) < size:
                raise EOFError("it ends too early")
        except Exception as error:
            raise _unreadable(self._path, self._member, error) from error
        block = np.frombuffer(content, self._header.dtype)
        self._block = block.reshape(-1, *self._header.shape[1:])


def _unreadable(path: Path, member: str, error: Exception) -> DataError:
    return DataError(
        f"The array `{member}` in {path} cannot be read ({reason_of(error)}); save it "
        "again."
    )


def load(path: Path, member: str) -> NDArray[Any]:
    """Read one array.

    Raises:
        DataError: If it cannot be read, or holds Python objects.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            array: NDArray[Any] = archive[member]
        check_text(array)
    except Exception as error:
        raise _unreadable(path, member, error) from error
    return array
