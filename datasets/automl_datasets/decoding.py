"""Decoding one image file into pixels, whatever its format and mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from automl_datasets.deep_colours import (
    has_deep_colours,
    has_deep_grey,
    has_deep_planes,
    is_premultiplied,
    load_bytes,
    luma,
    over_white,
)
from automl_datasets.errors import DataError
from automl_datasets.intensities import rescale, stretched
from automl_datasets.opened_images import opened, shows_frames, told_of
from automl_datasets.resizing import resize_array, resize_image

_SEVERAL_FRAMES = "several frames, only the first is used"
_OVER_WHITE = "transparency laid over white"
_PLANES = "holds a plane for each colour of 16 bits, unlike most of the images"
_DEEP_GREY = "16-bit grey with transparency reduced to 8 bit"
_OTHER_COLOURS = {"CMYK", "HSV", "LAB", "YCbCr"}
_ORIENTATION = 0x0112
_SAMPLES_PER_PIXEL = 0x0115
_EXTRA_SAMPLES = 0x0152
_PHOTOMETRIC = 0x0106
_RGB = 2  # photometric interpretation
_MOST_COLOURS = 4  # CMYK, or RGB with transparency
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Header(NamedTuple):
    """What an image's header says.

    Attributes:
        size: `(height, width)` after EXIF rotation.
        grey: Whether one channel holds all of it.
        depth: `8`, `16` or `float`.
        bands: Channels of a TIFF file that are no colours, or are planes of more than
            8 bits, or its pages; else 0.
    """

    size: tuple[int, int]
    grey: bool
    depth: str
    bands: int = 0


class Decoded(NamedTuple):
    """Pixels of one image, with its header and what was done to it."""

    pixels: NDArray[Any]
    header: Header
    remarks: tuple[str, ...]


def peek(path: str | Path) -> Header:
    """Read the header of an image.

    Raises:
        DataError: If the file is no image, or broken; the message is the reason.
    """
    with opened(path) as (image, _):
        header = _header(image)._replace(bands=_bands(image))
        if _orientation(image) >= 5 and image.format != "TIFF":
            return header._replace(size=header.size[::-1])
        return header


def decode(
    path: str | Path, *, channels: int, dtype: str, size: tuple[int, int] | None = None
) -> Decoded:
    """Decode the first frame of an image, upright and opaque.

    Args:
        path: The file; its content decides on the format, not its suffix.
        channels: 1 for grey (ITU-R 601 luma of colours) or 3 for RGB.
        dtype: `uint8`, `uint16`, or `float32`; see `rescale` for the conversions.
        size: `(height, width)` to stretch the image to; `None` keeps its own.

    Returns:
        Pixels of shape `(height, width, channels)`.

    Raises:
        DataError: If the file is no image, or broken; the message is the reason.
    """
    with opened(path) as (image, caught):
        remarks = [_SEVERAL_FRAMES] if shows_frames(image) else []
        bands = _bands(image)
        if has_deep_planes(image):
            raise DataError(_PLANES)
        if has_deep_colours(image):
            pixels, header = _deep_colours(path, image, channels, remarks)
            pixels = rescale(pixels, header.depth, dtype, remarks)
        else:
            pixels, header = _loaded(image, channels, dtype, size, remarks)
        pixels = resize_array(pixels, size) if size else pixels
        remarks += [told_of(w) for w in caught]
    told = tuple(dict.fromkeys(remarks)) if remarks else ()
    return Decoded(pixels, header._replace(bands=bands), told)


def _header(image: Image.Image) -> Header:
    mode = image.mode
    deep = mode.startswith("I") or has_deep_colours(image) or has_deep_planes(image)
    depth = "float" if mode == "F" else "16" if deep else "8"
    grey = mode in {"1", "L", "LA", "La", "F"} or mode.startswith("I")
    return Header((image.height, image.width), grey, depth)


def _orientation(image: Image.Image) -> int:
    if image.format == "JPEG" and "exif" not in image.info:
        return 1
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # broken metadata must not cost an image that is fine
        return 1


def _bands(image: Image.Image) -> int:
    """Return the number of channels, or of pages, that colours cannot stand for."""
    if not isinstance(image, TiffImageFile):
        return 0
    samples = int(image.tag_v2.get(_SAMPLES_PER_PIXEL, 1))
    unspecified = 0 in image.tag_v2.get(_EXTRA_SAMPLES, ())
    coloured = image.tag_v2.get(_PHOTOMETRIC) == _RGB
    if samples > _MOST_COLOURS or (coloured and unspecified) or has_deep_planes(image):
        return samples
    return image.n_frames if image.n_frames > 1 else 0


def _upright(image: Image.Image, remarks: list[str]) -> Image.Image:
    method = _TRANSPOSE.get(_orientation(image))
    if method is None:
        return image
    remarks.append("turned upright as its EXIF orientation says")
    return image.transpose(method)


def _opaque(image: Image.Image, remarks: list[str]) -> Image.Image:
    """Lay transparent pixels over white."""
    if not image.has_transparency_data or image.mode.startswith("I"):
        return image
    remarks.append(_OVER_WHITE)
    grey = image.mode in {"1", "L", "LA", "La"}
    with_alpha = image.convert("LA" if grey else "RGBA")
    opaque = Image.new("L" if grey else "RGB", image.size, "white")
    opaque.paste(with_alpha.convert(opaque.mode), mask=with_alpha.getchannel("A"))
    return opaque


def _loaded(
    image: Image.Image,
    channels: int,
    dtype: str,
    size: tuple[int, int] | None,
    remarks: list[str],
) -> tuple[NDArray[Any], Header]:
    """Return the pixels that Pillow gives, and their header."""
    remarks += [_DEEP_GREY] if has_deep_grey(image) else []
    image.load()
    upright = _opaque(_upright(image, remarks), remarks)
    if upright.mode in _OTHER_COLOURS:
        remarks.append(f"{upright.mode} colours converted")
    header = _header(upright)
    if header.depth == "8" and dtype == "uint8":
        return _eight_bit(upright, channels, size), header
    return _deep(upright, channels, dtype, remarks), header


def _deep_colours(
    path: str | Path, image: Image.Image, channels: int, remarks: list[str]
) -> tuple[NDArray[np.uint16], Header]:
    """Return colours of 16 bits, upright and opaque, and their header."""
    premultiplied = is_premultiplied(image)
    load_bytes(image, upper=True)
    pixels = np.asarray(_upright(image, remarks)).astype(np.uint16)
    pixels <<= 8
    with opened(path) as (again, _):
        load_bytes(again, upper=False)
        pixels |= np.asarray(_upright(again, []))
    if pixels.shape[2] > 3:
        remarks.append(_OVER_WHITE)
        pixels = over_white(pixels, premultiplied=premultiplied)
    elif (clear := image.info.get("transparency")) is not None:
        remarks.append(_OVER_WHITE)
        pixels[(pixels == clear).all(axis=2)] = 65535
    header = Header(pixels.shape[:2], False, "16")
    return luma(pixels) if channels == 1 else pixels, header


def _eight_bit(
    image: Image.Image, channels: int, size: tuple[int, int] | None
) -> NDArray[Any]:
    mode = "L" if channels == 1 else "RGB"
    image = image if image.mode == mode else image.convert(mode)
    if size and size != (image.height, image.width):
        image = resize_image(image, size)
    # Faster than the array interface, which asks for the same bytes.
    pixels = np.frombuffer(image.tobytes(), np.uint8)
    return pixels.reshape(image.height, image.width, channels)


def _deep(
    image: Image.Image, channels: int, dtype: str, remarks: list[str]
) -> NDArray[Any]:
    header = _header(image)
    if header.depth == "8":
        pixels = _eight_bit(image, channels, None)
    else:
        pixels = np.asarray(image)[:, :, None]
        if channels > 1:
            pixels = np.repeat(pixels, channels, axis=2)
        if header.depth == "16" and (pixels.min() < 0 or pixels.max() > 65535):
            remarks.append("32-bit integers stretched to 16 bit by their range")
            pixels = stretched(pixels) * 65535
            if dtype != "float32":
                pixels = np.rint(pixels).astype(np.uint16)
    return rescale(pixels, header.depth, dtype, remarks)
