"""TIFF files of planes, or of channels that are no colours: satellites, microscopes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.decoding import Header
from automl_datasets.errors import DataError
from automl_datasets.media._tiff_pages import check_pages
from automl_datasets.opened_images import MAX_PIXELS

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MOST_BANDS = 4096
_NEEDS_CODECS = (
    "is packed in a way that the package imagecodecs alone unpacks; "
    "run `pip install imagecodecs`, or save it unpacked"
)


def is_tiff(location: str) -> bool:
    """Return whether a file begins like a TIFF file; never raises."""
    try:
        with Path(location).open("rb") as file:
            return file.read(4) in _MAGIC
    except OSError:
        return False


def peek_bands(location: str) -> Header:
    """Read size, depth and number of channels of a TIFF file.

    Raises:
        DataError: If it is none, or broken; the message is the reason.
    """
    with _opened(location) as series:
        shape, _ = _form(series)
        return _header(shape, series.dtype)


def decode_bands(location: str) -> tuple[NDArray[Any], Header]:
    """Decode all channels, or all pages, of a TIFF file.

    Returns:
        Pixels of shape `(height, width, channels)` in the dtype of the file, and the
        header.

    Raises:
        DataError: If it cannot be decoded; the message is the reason.
    """
    with _opened(location) as series:
        shape, moved = _form(series)
        pixels = np.asarray(series.asarray()).reshape(series.shape)
        if moved:
            pixels = np.moveaxis(pixels, 0, -1)
        return pixels.reshape(shape), _header(shape, series.dtype)


@contextmanager
def _opened(location: str) -> Iterator[Any]:
    """Open the first series; every failure inside becomes a `DataError`."""
    if not is_tiff(location):
        raise DataError("not a TIFF file, which alone has so many channels")
    try:
        import tifffile
    except ImportError as error:
        raise DataError(
            "TIFF of many channels needs the package tifffile; "
            "run `pip install tifffile`"
        ) from error
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # it logs what it raises
    try:
        with tifffile.TiffFile(location) as file:
            check_pages(file, location)
            yield file.series[0]
    except DataError:
        raise
    except Exception as error:  # decoders meet hostile bytes and raise anything
        if "imagecodecs" in str(error):
            raise DataError(_NEEDS_CODECS) from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"broken TIFF data ({reason})") from error


def _form(series: Any) -> tuple[tuple[int, int, int], bool]:
    """Return `(height, width, channels)`, and whether the channels come first."""
    axes, shape = series.axes, series.shape
    wide = [(axis, n) for axis, n in zip(axes, shape, strict=True) if n > 1]
    spatial = "".join(axis for axis, _ in wide)
    if len(wide) > 3 or "Y" not in axes or "X" not in axes:
        raise DataError(f"has pixels of shape {shape}, which is no image")
    height, width = shape[axes.index("Y")], shape[axes.index("X")]
    bands = int(np.prod(shape, dtype=np.int64)) // max(1, height * width)
    if not 0 < bands <= _MOST_BANDS or height * width > MAX_PIXELS // bands:
        raise DataError(
            f"claims {height}x{width} pixels of {bands} channels, more than the limit"
        )
    return (height, width, bands), not spatial.startswith("Y") and bands > 1


def _header(shape: tuple[int, int, int], dtype: np.dtype[Any]) -> Header:
    depths = {"uint8": "8", "bool": "8", "uint16": "16"}
    return Header(shape[:2], False, depths.get(dtype.name, "float"), shape[2])
