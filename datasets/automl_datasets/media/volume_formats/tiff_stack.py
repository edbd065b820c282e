"""Stacks of slices as the pages of one TIFF file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageSequence

from automl_datasets.errors import DataError
from automl_datasets.listing import is_regular
from automl_datasets.media._tiff_pages import check_pages
from automl_datasets.media.volume_formats._base import (
    MAX_CHANNELS,
    Array,
    Spacing,
    Volume,
    VolumeHeader,
    check_claim,
    guarded,
    kept_dtype,
    known_spacing,
    missing_extra,
    shown_shape,
)

SUFFIXES: frozenset[str] = frozenset()  # most TIFF files are images

_NOUN = "TIFF file"
ENDINGS = (".tif", ".tiff")
_COLOURS = "CS"
_MILLIMETRES = {"micron": 1e-3, "um": 1e-3, "µm": 1e-3, "\\u00B5m": 1e-3, "mm": 1.0}


def accepts(path: Path) -> bool:
    """Return whether a file is a TIFF with at least two pages of one size."""
    if not path.name.lower().endswith(ENDINGS) or not is_regular(path):
        return False
    try:
        with guarded(path, _NOUN), Image.open(path, formats=("TIFF",)) as image:
            first = image.size
            image.seek(1)
            return image.size == first
    except DataError:
        return False


def peek(path: Path) -> VolumeHeader:
    """Read the header; see `Format.peek`."""
    with guarded(path, _NOUN), _opened(path) as file:
        return _header(file, path)[0]


def read(path: Path) -> Volume:
    """Read the pages as slices; their order is that of the file. See `Format.read`."""
    with guarded(path, _NOUN):
        with _opened(path) as file:
            header, axes, shape = _header(file, path)
            try:
                array = file.series[0].asarray()
            except ValueError as error:
                if "imagecodecs" not in str(error):
                    raise
                array = _by_pillow(path)
        if array.size != np.prod(shape):
            raise DataError("its pages do not add up to the shape that it states")
        array = _channels_last(array.reshape(shape), axes)
        return Volume(array.astype(header.dtype, copy=False), header)


def _opened(path: Path) -> Any:
    try:
        import tifffile
    except ImportError:
        raise missing_extra("medical", _NOUN) from None
    return tifffile.TiffFile(path)


def _header(file: Any, path: Path) -> tuple[VolumeHeader, str, tuple[int, ...]]:
    """Return the header, and axes and shape as they are stored."""
    check_pages(file, path)
    if len({page.shape for page in file.pages}) > 1:
        raise DataError("its pages differ in size")
    series = file.series[0]
    kept = [(a, n) for a, n in zip(series.axes, series.shape, strict=True) if n > 1]
    axes = "".join(axis for axis, _ in kept)
    check_claim(series.shape, series.dtype.itemsize, path.stat().st_size)
    colours = [n for axis, n in kept if axis in _COLOURS]
    size = tuple(n for axis, n in kept if axis not in _COLOURS)
    if len(size) != 3 or len(colours) > 1 or max(colours, default=1) > MAX_CHANNELS:
        raise DataError(
            f"its shape is {shown_shape(series.shape)} ({series.axes}); a stack has "
            f"depth, height, width and at most {MAX_CHANNELS} channels"
        )
    channels = colours[0] if colours else 1
    header = VolumeHeader(size, channels, kept_dtype(series.dtype), _spacing(file))
    return header, axes, tuple(n for _, n in kept)


def _channels_last(array: Array, axes: str) -> Array:
    for place, axis in enumerate(axes):
        if axis in _COLOURS:
            return np.moveaxis(array, place, -1)
    return array[..., None]


def _by_pillow(path: Path) -> Array:
    """Read the pages with Pillow, which knows more codecs but fewer layouts."""
    with Image.open(path, formats=("TIFF",)) as image:
        return np.stack([np.asarray(page) for page in ImageSequence.Iterator(image)])


def _spacing(file: Any) -> Spacing | None:
    """Return the spacing that ImageJ states: depth in its unit, pixels a unit."""
    stated = file.imagej_metadata or {}
    scale = _MILLIMETRES.get(str(stated.get("unit", "")).strip())
    tags = file.pages[0].tags
    if scale is None or not {"XResolution", "YResolution"} <= {t.name for t in tags}:
        return None
    width, height = (
        tags[name].value[1] / max(tags[name].value[0], 1)
        for name in ("XResolution", "YResolution")
    )
    values = (float(stated.get("spacing", 0)), height, width)
    return known_spacing([value * scale for value in values])
