"""Images: whatever Pillow decodes, and TIFF of many channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets import decoding
from automl_datasets.decoding import Header
from automl_datasets.errors import DataError
from automl_datasets.listing import is_regular
from automl_datasets.media._bands import decode_bands, is_tiff, peek_bands
from automl_datasets.media._base import Decision
from automl_datasets.media._base import Header as AnyHeader
from automl_datasets.naming import suffix_of
from automl_datasets.opened_images import suffixes
from automl_datasets.options import DataOptions
from automl_datasets.resizing import common_size, resize_array
from automl_datasets.samples import Fitting, Layout, Reading

KIND = "image"
NOUN = "image"
SUFFIXES = suffixes()
PARALLEL = True
REQUIRES = ""

# Images of one size up to this are used as they are; see `common_size`.
_KEPT_SIDE = 256
_LONGEST_SIDE = 128


def accepts(path: Path) -> bool:
    """Return whether a file is an image, by its suffix or else by its content."""
    if not is_regular(path):
        return False
    if suffix_of(path.name) in SUFFIXES:
        return True
    try:
        peek(str(path))
    except DataError:
        return False
    return True


def peek(location: str) -> Header:
    """Read the header of an image.

    Raises:
        DataError: If it is none, or broken; the message is the reason.
    """
    try:
        return decoding.peek(location)
    except DataError:
        if not is_tiff(location):
            raise
        return peek_bands(location)


def decide(headers: Sequence[AnyHeader], options: DataOptions) -> Decision:
    """Decide on size, channels and dtype; the headers are what `peek` returned."""
    return _decide([h for h in headers if isinstance(h, Header)], options)


def _decide(headers: Sequence[Header], options: DataOptions) -> Decision:
    size, why = common_size(
        [header.size for header in headers],
        options.image_size,
        noun=NOUN,
        kept_side=_KEPT_SIDE,
        longest_side=_LONGEST_SIDE,
    )
    depths = [header.depth for header in headers]
    dtype = "uint8"
    for depth, name in (("16", "uint16"), ("float", "float32")):
        if 2 * depths.count(depth) > len(depths):
            dtype = name
    notes = [why]
    bands, count = Counter(header.bands for header in headers).most_common(1)[0]
    channels = 1 if all(header.grey for header in headers) else 3
    preprocessing = {}
    if bands and 2 * count > len(headers):
        channels, preprocessing = bands, {"bands": bands}
        notes.append(f"{bands} channels, as most files have.")
    elif channels == 1:
        notes.append("One channel: every image is grey.")
    if dtype != "uint8":
        notes.append(f"Pixels are {dtype}: so are more than half of the images.")
    layout = Layout("image", (*size, channels), dtype, preprocessing)
    return Decision(layout, tuple(notes))


def decode(location: str, layout: Layout, *, fitted: bool) -> tuple[Reading, Header]:
    """Decode an image into a layout; see `Medium.decode`.

    Raises:
        DataError: If it cannot be decoded; the message is the reason.
    """
    height, width, channels = layout.shape
    if layout.preprocessing.get("bands"):
        pixels, header = decode_bands(location)
        pixels = _cast(_matched(pixels, channels), layout.dtype)
        pixels = resize_array(pixels, (height, width)) if fitted else pixels
        return Reading(pixels, header.size), header
    decoded = decoding.decode(
        location,
        channels=channels,
        dtype=layout.dtype,
        size=(height, width) if fitted else None,
    )
    header = decoded.header
    if header.grey and channels > 1:  # welcome among coloured ones: alike
        header = header._replace(grey=False)
    return Reading(decoded.pixels, header.size, decoded.remarks), header


def fitting(layout: Layout) -> Fitting | None:
    """Return `None`: nothing is learned from the training images."""
    return None


def _matched(pixels: NDArray[Any], channels: int) -> NDArray[Any]:
    if pixels.shape[2] != channels:
        raise DataError(f"has {pixels.shape[2]} channels, but {channels} are needed")
    return pixels


def _cast(pixels: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Keep values as they are: channels of instruments have units of their own."""
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise DataError("holds NaN or infinite values")
    cast = pixels.astype(dtype)
    if cast.dtype.kind == "u" and not np.array_equal(cast, pixels):
        raise DataError(f"holds values of type {pixels.dtype} that {dtype} cannot")
    return cast
