"""Opening image files, of which any may be hostile, and saying why one can't be."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from automl_datasets.errors import DataError

# Pillow's own limit between a warning and a refusal: 512 MiB of RGB pixels.
MAX_PIXELS = 178_956_970
_SMALL = 2**16
# Formats that Pillow only identifies, or hands to an outside program.
_NOT_DECODED = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"}
_TRIED_FIRST = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
logging.getLogger("PIL.TiffImagePlugin").setLevel(logging.CRITICAL)  # it raises as well


@cache
def formats() -> tuple[str, ...]:
    """Return Pillow's names of every format that it decodes, common ones first."""
    Image.init()
    others = sorted(set(Image.OPEN) - set(_TRIED_FIRST) - _NOT_DECODED)
    return tuple(name for name in (*_TRIED_FIRST, *others) if name in Image.OPEN)


@cache
def suffixes() -> frozenset[str]:
    """Return the file suffixes of every format that is decoded, in lower case."""
    known = set(formats())
    extensions = Image.registered_extensions().items()
    return frozenset(suffix for suffix, name in extensions if name in known)


def has_frames(path: str | Path) -> bool:
    """Return whether a file is an image of several frames or pages."""
    try:
        with opened(path) as (image, _):
            return shows_frames(image)
    except DataError:
        return False


@contextmanager
def opened(
    path: str | Path,
) -> Iterator[tuple[Image.Image, list[warnings.WarningMessage]]]:
    """Open an image; every failure inside becomes a `DataError` with its reason."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with Image.open(_content(path), formats=formats()) as image:
                _check_size(image.width * image.height)
                yield image, caught
        except DataError:
            raise
        except Exception as error:
            # Decoders meet hostile bytes and raise anything from struct.error to
            # KeyError; one bad file must never end the work on all the others.
            raise DataError(_reason(error, path)) from error


def shows_frames(image: Image.Image) -> bool:
    """Return whether an image has several frames or pages."""
    # The second "frame" of a PSD file is its first layer, part of the first.
    return image.format != "PSD" and bool(getattr(image, "is_animated", False))


def told_of(warning: warnings.WarningMessage) -> str:
    """Return a remark without numbers, so that equal warnings count as one."""
    return "Pillow warned: " + re.sub(r"\d+", "N", str(warning.message)).strip(". ")


def _content(path: str | Path) -> str | Path | io.BytesIO:
    """Return the content of a small file: decoders read it in many small steps."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - much faster
        content = file.read(_SMALL + 1)
    return path if len(content) > _SMALL else io.BytesIO(content)


def _check_size(pixels: int) -> None:
    # Pillow has checked already, unless somebody lifted its global limit.
    if pixels > MAX_PIXELS:
        raise DataError(_too_large(f"{pixels:,}"))


def _too_large(pixels: str) -> str:
    return f"claims {pixels} pixels, more than the limit of {MAX_PIXELS:,}"


def _reason(error: Exception, path: str | Path) -> str:
    text = str(error)
    if isinstance(error, Image.DecompressionBombError):
        claimed = re.search(r"\((\d+) pixels\)", text)
        return _too_large(f"{int(claimed[1]):,}" if claimed else "too many")
    if isinstance(error, UnidentifiedImageError):
        empty = Path(path).stat().st_size == 0
        return "empty file" if empty else "not an image, or its header is broken"
    if isinstance(error, MemoryError):
        return "needs more memory than there is"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened: {error.strerror}"
    if "truncated" in text or "Truncated" in text:
        return "truncated: the file ends too early"
    return f"broken image data ({text.splitlines()[0] or type(error).__name__})"
