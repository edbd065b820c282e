"""The IDX format, plain or compressed by gzip, in files that may be hostile.

Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits,
http://yann.lecun.com/exdb/mnist/, "File formats for the MNIST database".
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.samples import Array

_UNSIGNED_BYTES = 8  # the code of the one type of number that is read
_MOST_AXES = 4
_BLOCK = 2**20
_MOST_BY_GZIP = 1032  # bytes that one byte of a gzip file can stand for


@dataclass
class IdxFile:
    """An array of bytes in an IDX file, read forward; going back starts again.

    Attributes:
        path: The file.
        shape: Shape of the array; at least one axis.
        start: Where its first number is.
    """

    path: Path
    shape: tuple[int, ...]
    start: int
    _rows: Iterator[bytes] | None = None
    _place: int = -1
    _content: bytes = b""

    def check(self) -> None:
        """Read the file once, to see that it holds as much as its header says.

        Raises:
            DataError: If it holds less, or more; the message is a plain reason.
        """
        claimed = math.prod(self.shape)
        held = 0
        with _opened(self.path) as file:
            file.seek(self.start)
            while block := file.read(min(_BLOCK, claimed + 1 - held)):
                held += len(block)
        if held != claimed:
            more = "more" if held > claimed else f"{held:,}"
            raise DataError(
                f"its header says {claimed:,} bytes follow it, but there are {more}"
            )

    def row(self, place: int) -> Array:
        """Return one row of the array, uint8, shape `shape[1:]`.

        Raises:
            DataError: If it cannot be read; the message is a plain reason.
        """
        if self._rows is None or place < self._place:
            self._rows, self._place = self._forward(), -1
        while self._place < place:
            self._content = next(self._rows, b"")
            self._place += 1
        if len(self._content) < math.prod(self.shape[1:]):
            raise DataError("is no longer in the file")
        return np.frombuffer(self._content, np.uint8).reshape(self.shape[1:])

    def _forward(self) -> Iterator[bytes]:
        with _opened(self.path) as file:  # closed with this generator
            file.seek(self.start)
            for _ in range(self.shape[0]):
                yield file.read(math.prod(self.shape[1:]))


def read_idx_header(path: Path) -> IdxFile:
    """Return what the header of a file says.

    Raises:
        DataError: If it is no IDX file of bytes, or its header claims more than the
            file can hold; the message is a plain reason.
    """
    with _opened(path) as file:
        head = file.read(4)
        if len(head) < 4 or head[:2] != b"\0\0" or not 1 <= head[3] <= _MOST_AXES:
            raise DataError("it does not begin as an IDX file does")
        if head[2] != _UNSIGNED_BYTES:
            raise DataError(
                f"its numbers are of the type {head[2]:#04x}, but only unsigned bytes "
                "(0x08) are read"
            )
        sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise DataError("it ends within its header")
    shape = struct.unpack(f">{head[3]}I", sizes)
    held = path.stat().st_size * (_MOST_BY_GZIP if _is_gzip(path) else 1)
    if math.prod(shape) > held:
        raise DataError(
            f"its header claims an array of {shape}, but the file has only "
            f"{path.stat().st_size:,} bytes"
        )
    return IdxFile(path, shape, 4 + len(sizes))


def read_idx_labels(path: Path) -> Array:
    """Return the labels in a file, uint8, shape `(n,)`.

    Raises:
        DataError: If it cannot be read; the message is a plain reason.
    """
    labels = read_idx_header(path)
    labels.check()
    with _opened(path) as file:
        file.seek(labels.start)
        return np.frombuffer(file.read(labels.shape[0]), np.uint8)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with _reasons(), _open(path) as file:
        yield file


@contextmanager
def _reasons() -> Iterator[None]:
    """Turn what gzip and the disk complain of into plain reasons."""
    try:
        yield
    except OSError as error:  # that of gzip has no words of the system
        raise DataError(error.strerror or f"it is damaged: {error}") from error
    except (EOFError, zlib.error) as error:
        raise DataError("its compressed content is damaged") from error


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path) if _is_gzip(path) else path.open("rb"))


def _is_gzip(path: Path) -> bool:
    return path.suffix.lower() == ".gz"
