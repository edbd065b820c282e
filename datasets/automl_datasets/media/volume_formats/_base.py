"""What a format of volumes is, and what all of them share."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.listing import is_folder, is_regular

Array = NDArray[Any]
Spacing = tuple[float, float, float]

# A CT of 1024 slices of 512x512; as float32, 1 GiB.
MAX_VOXELS = 2**28
MAX_CHANNELS = 4
# No codec here makes more of a file: gzip and zip end at 1032 to 1, and only blank
# pictures are packed tighter by the others.
_MOST_EXPANSION = 10_000
_TALKATIVE = ("nibabel", "nibabel.global", "pydicom", "pylibjpeg", "tifffile")


class VolumeHeader(NamedTuple):
    """What is known of a volume before its voxels are read.

    Attributes:
        size: `(depth, height, width)` in canonical orientation.
        channels: Numbers a voxel, 1 to `MAX_CHANNELS`.
        dtype: `uint8`, `uint16`, or `float32` for everything else.
        spacing: Millimetres between voxels along `size`; `None` where not stated.
    """

    size: tuple[int, ...]
    channels: int
    dtype: str
    spacing: Spacing | None


class Volume(NamedTuple):
    """A volume in canonical orientation.

    Depth runs to the head, height to the back and width to the left of the patient,
    as radiologists look at axial slices, as far as the file states directions.

    Attributes:
        array: Voxels `(depth, height, width, channels)`, in the dtype of the header.
        header: What is known of it.
        remarks: What had to be done to it.
    """

    array: Array
    header: VolumeHeader
    remarks: tuple[str, ...] = ()


class Format(Protocol):
    """A format of files; a module of this package with these names satisfies it.

    Attributes:
        SUFFIXES: Endings that stand for the format alone, lower case.
    """

    SUFFIXES: frozenset[str]

    def accepts(self, path: Path) -> bool:
        """Return whether a file or folder is of this format; never raises."""
        ...

    def peek(self, path: Path) -> VolumeHeader:
        """Read the header.

        Raises:
            DataError: If it cannot be read; the message is a plain reason.
        """
        ...

    def read(self, path: Path) -> Volume:
        """Read the volume.

        Raises:
            DataError: If it cannot be read; the message is a plain reason.
        """
        ...


@contextmanager
def guarded(path: Path, noun: str) -> Iterator[None]:
    """Turn every failure inside into a `DataError` and keep libraries quiet.

    Libraries quote the file in their warnings and errors, the patient's name perhaps.
    So none of their words go on: the reason is ours, and the cause is cut off.
    """
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except DataError:
        raise
    except Exception as error:  # hostile bytes make libraries raise anything
        raise DataError(_reason(error, path, noun)) from None
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _reason(error: Exception, path: Path, noun: str) -> str:
    if isinstance(error, PermissionError):
        return f"cannot be opened: {error.strerror}"
    if not is_regular(path) and not is_folder(path):
        return "there is no such file"
    if is_regular(path) and path.stat().st_size == 0:
        return "empty file"
    if isinstance(error, MemoryError):
        return "needs more memory than there is"
    if isinstance(error, EOFError):
        return "truncated: the file ends too early"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened: {error.strerror}"
    if isinstance(error, ImportError):
        return f"a library that reads it is missing ({error.name})"
    return f"not a {noun}, or broken ({type(error).__name__})"


def missing_extra(extra: str, noun: str) -> DataError:
    """Return the error that tells how to install what reads a format."""
    return DataError(
        f'reading {noun}s needs another library: pip install "conv-automl[{extra}]"'
    )


def check_claim(shape: tuple[int, ...], item_bytes: float, file_bytes: int) -> None:
    """Refuse a header that claims more than can be meant, before allocating it.

    Args:
        shape: All dimensions that the header claims.
        item_bytes: Bytes of one number.
        file_bytes: Size of the file.

    Raises:
        DataError: If a dimension is empty, there are more than `MAX_VOXELS` voxels
            or they cannot come out of a file that small.
    """
    count = int(np.prod(np.asarray(shape, dtype=object)))
    if not shape or min(shape) < 1:
        raise DataError(f"holds no voxels: its shape is {shown_shape(shape)}")
    if count > MAX_VOXELS:
        raise DataError(
            f"claims {count:,} voxels ({shown_shape(shape)}), more than the limit of "
            f"{MAX_VOXELS:,}"
        )
    if count * item_bytes > file_bytes * _MOST_EXPANSION:
        raise DataError(
            f"claims {count:,} voxels ({shown_shape(shape)}), more than a file of "
            f"{file_bytes:,} bytes can hold"
        )


def check_length(expected: float, found: int) -> None:
    """Refuse a file, not compressed, that is shorter than what it claims to hold.

    Raises:
        DataError: If bytes are missing.
    """
    if found < int(expected):
        raise DataError(
            f"truncated: {int(expected):,} bytes of voxels are claimed, "
            f"{found:,} are there"
        )


def shown_shape(shape: tuple[int, ...]) -> str:
    """Return a shape as people write it.

    Example:
        >>> shown_shape((3, 4, 5))
        '3x4x5'
    """
    return "x".join(str(size) for size in shape) or "a single number"


def kept_dtype(dtype: np.dtype[Any]) -> str:
    """Return the dtype that numbers are kept in, without loss below 24 bit.

    Example:
        >>> kept_dtype(np.dtype(">u2")), kept_dtype(np.dtype("int16"))
        ('uint16', 'float32')

    Raises:
        DataError: If they are not real numbers.
    """
    if dtype.kind not in "buif":
        raise DataError(f"holds {dtype} and no real numbers")
    if dtype.kind == "b" or dtype == np.uint8:
        return "uint8"
    return "uint16" if dtype.kind == "u" and dtype.itemsize == 2 else "float32"


def known_spacing(values: Any) -> Spacing | None:
    """Return three spacings rounded to what headers are good for, or `None`.

    Example:
        >>> known_spacing([1.0000001, 2, 3]), known_spacing([0, 1, 1])
        ((1.0, 2.0, 3.0), None)
    """
    numbers = [abs(float(value)) for value in values]
    if len(numbers) != 3 or not np.isfinite(numbers).all() or min(numbers) <= 0:
        return None
    depth, height, width = (float(f"{number:.5g}") for number in numbers)
    return depth, height, width
