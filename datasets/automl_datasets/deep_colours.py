"""Colours of 16 bits, of which Pillow keeps the upper byte alone.

It keeps the lower one where it is told that the bytes of each value come in the other
order, so that loading an image twice gives all of the bits, whatever packs them.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

_RAW_MODE = re.compile(r"(RGB|RGBA|RGBa|RGBX);16[LBN]")
_OTHER_ORDER = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}
_PREMULTIPLIED = "RGBa"
_GREY_AND_ALPHA = "LA;16B"
_FULL = 65535
_LUMA = (19595, 38470, 7471)  # in 65536ths, as Pillow weighs colours of 8 bits
_BITS_PER_SAMPLE = 0x0102
_PLANAR_CONFIGURATION = 0x011C
_IN_PLANES = 2

Pixels = NDArray[np.uint16]


def has_deep_colours(image: Image.Image) -> bool:
    """Return whether an image, not loaded yet, has colours of 16 bits."""
    return bool(_RAW_MODE.fullmatch(_raw_mode(image))) and not has_deep_planes(image)


def has_deep_planes(image: Image.Image) -> bool:
    """Return whether each colour of 16 bits has a plane of its own, as in some TIFF.

    Pillow takes those for planes of 8 bits, unless they are packed.
    """
    return (
        isinstance(image, TiffImageFile)
        and image.tag_v2.get(_PLANAR_CONFIGURATION) == _IN_PLANES
        and max(image.tag_v2.get(_BITS_PER_SAMPLE, (1,))) > 8
        and len(image.getbands()) > 1
    )


def has_deep_grey(image: Image.Image) -> bool:
    """Return whether an image, not loaded yet, has grey of 16 bits and transparency."""
    return _raw_mode(image) == _GREY_AND_ALPHA


def is_premultiplied(image: Image.Image) -> bool:
    """Return whether colours, not loaded yet, are multiplied by their opacity."""
    return _raw_mode(image).startswith(_PREMULTIPLIED)


def load_bytes(image: Any, *, upper: bool) -> None:
    """Load one byte of each value of 16 bits, as the file holds it.

    Args:
        image: An image of deep colours, not loaded yet.
        upper: Whether to load the upper byte, or else the lower one.
    """
    raw = _raw_mode(image).replace(_PREMULTIPLIED, "RGBA")  # else Pillow divides
    if not upper:
        raw = raw[:-1] + _OTHER_ORDER[raw[-1]]
    image.tile = [
        tile._replace(args=raw if isinstance(tile.args, str) else (raw, *tile.args[1:]))
        for tile in image.tile
    ]
    image.load()


def over_white(pixels: Pixels, *, premultiplied: bool) -> Pixels:
    """Lay colours `(height, width, 4)`, whose last is their opacity, over white."""
    opacity = pixels[:, :, 3].astype(np.uint32)
    laid = np.empty((*opacity.shape, 3), np.uint16)
    for channel in range(3):
        colour = pixels[:, :, channel].astype(np.uint32)
        if not premultiplied:
            colour *= opacity
            colour += _FULL // 2
            colour //= _FULL
        colour += _FULL - opacity
        laid[:, :, channel] = np.minimum(colour, _FULL, out=colour)
    return laid


def luma(pixels: Pixels) -> Pixels:
    """Return colours `(height, width, 3)` as grey `(height, width, 1)`."""
    grey = np.full(pixels.shape[:2], 2**15, np.uint32)
    for channel, weight in enumerate(_LUMA):
        grey += pixels[:, :, channel] * np.uint32(weight)
    return (grey >> 16).astype(np.uint16)[:, :, None]


def _raw_mode(image: Image.Image) -> str:
    """Return what Pillow calls the form of the values in the file, if it says so."""
    tiles = getattr(image, "tile", ())
    args = tiles[0][3] if tiles else ""
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""
