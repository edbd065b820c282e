"""Moving pictures that Pillow reads: GIF, APNG and WebP."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from automl_datasets.media.frames import Header, Opened, Pixels, checked_size

SUFFIXES = (".apng", ".gif", ".png", ".webp")
_FORMATS = ("GIF", "PNG", "WEBP")


def is_picture(head: bytes) -> bool:
    """Return whether the first bytes are those of a GIF, PNG or WebP file."""
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return webp or head.startswith((b"GIF8", b"\x89PNG"))


def is_animated(location: str | Path) -> bool:
    """Return whether a GIF, PNG or WebP file holds more than one frame."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(location, formats=_FORMATS) as image:
                return bool(getattr(image, "is_animated", False))
        except Exception:  # broken in one of a hundred ways: no animation
            return False


@contextmanager
def opened_picture(file: BinaryIO) -> Iterator[Opened]:
    """Open a moving picture; Pillow's errors pass."""
    with Image.open(file, formats=_FORMATS) as image:
        checked_size(2, image.height, image.width)  # before frames are looked for
        frames = int(getattr(image, "n_frames", 1))
        size = checked_size(frames, image.height, image.width)
        header = Header(size, _is_grey(image))
        yield Opened(header, exact=True, frames=_picture_frames(image, frames))


def _picture_frames(image: Image.Image, count: int) -> Iterator[Callable[[], Pixels]]:
    """Yield the frames, composed with what they leave standing, until one is broken."""
    for index in range(count):
        try:
            image.seek(index)
            image.load()
        except Exception:  # what came before is whole
            return
        yield partial(_opaque, image)


def _is_grey(image: Image.Image) -> bool:
    if image.mode != "P":
        return image.mode in {"1", "L", "LA", "La"} or image.mode.startswith("I")
    colours = np.array(image.getpalette("RGB")).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _opaque(image: Image.Image) -> Pixels:
    """Return a frame laid over white, grey or RGB."""
    if image.mode.startswith("I"):
        deep = np.asarray(image)[:, :, None]
        return np.rint(deep / 257).astype(np.uint8)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    mode = "L" if image.mode in {"1", "L"} else "RGB"
    pixels: Pixels = np.asarray(image.convert(mode))
    return pixels.reshape(*pixels.shape[:2], -1)
