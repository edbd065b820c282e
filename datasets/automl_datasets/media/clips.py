"""Reading evenly spaced frames of one moving picture, whatever its format."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from automl_datasets.errors import DataError
from automl_datasets.media.films import opened_film
from automl_datasets.media.frames import (
    MAX_PIXELS,
    NO_VIDEO,
    ONE_FRAME,
    Header,
    Opened,
    Pixels,
    most_frames,
)
from automl_datasets.media.pictures import SUFFIXES, is_picture, opened_picture
from automl_datasets.naming import suffix_of
from automl_datasets.resizing import resize_array

_CUT_SHORT = "cut short: holds fewer frames than its header says"


class Sampled(NamedTuple):
    """Frames of a moving picture, with its header and what was done to it.

    Attributes:
        pixels: uint8, shape `(frames, height, width, channels)`.
        header: The same that `peek` returns.
        remarks: What had to be done, one phrase each.
    """

    pixels: Pixels
    header: Header
    remarks: tuple[str, ...]


def peek(location: str) -> Header:
    """Read the header and the first frame.

    Raises:
        DataError: If there are not at least two frames; the message is a plain reason.
    """
    with _opened(location) as opened:
        return opened.header


def sample(
    location: str, frames: int, *, channels: int, size: tuple[int, int] | None = None
) -> Sampled:
    """Read evenly spaced frames.

    Args:
        location: The file; its content decides on the format, not its suffix.
        frames: How many; see `frame_indices` for which.
        channels: 1 for grey (ITU-R 601 luma of colours) or 3 for RGB.
        size: `(height, width)` to stretch them to; `None` keeps that of the first.

    Raises:
        DataError: If it cannot be read; the message is a plain reason.
    """
    with _opened(location) as opened:
        header, exact = opened.header, opened.exact
    limit = most_frames(header)
    claimed = min(header.size[0], limit)
    pixels = np.empty((frames, *(size or header.size[1:]), channels), np.uint8)
    found, coloured = _collect(location, claimed, pixels, limit=limit)
    if found != claimed:
        if found < 2:
            raise DataError(ONE_FRAME if found else "holds no whole frame")
        _, coloured = _collect(location, found, pixels, limit=limit)
    remarks = [_CUT_SHORT] if exact and found < claimed else []
    if found == limit < header.size[0]:
        remarks.append("very long, only its first part is used")
    if coloured:
        remarks.append("colours turned grey")
    return Sampled(pixels, header, tuple(remarks))


def frame_indices(total: int, count: int) -> list[int]:
    """Return which of `total` frames stand for all: the first, the last, even steps.

    Halves are rounded to the even number; frames repeat where there are too few.

    Example:
        >>> frame_indices(12, 4), frame_indices(2, 4), frame_indices(9, 1)
        ([0, 4, 7, 11], [0, 0, 1, 1], [0])
    """
    if count == 1:
        return [0]
    return [round(i * (total - 1) / (count - 1)) for i in range(count)]


def _collect(
    location: str, total: int, pixels: Pixels, *, limit: int
) -> tuple[int, bool]:
    """Fill `pixels`; return how many frames there are, and if colours were lost."""
    places: dict[int, list[int]] = {}
    for place, index in enumerate(frame_indices(total, len(pixels))):
        places.setdefault(index, []).append(place)
    found, coloured = 0, False
    with _opened(location) as opened:
        for index, frame in enumerate(islice(opened.frames, limit)):
            found = index + 1
            if index in places:
                whole, lost = _channels(frame(), pixels.shape[3])
                size = (pixels.shape[1], pixels.shape[2])
                pixels[places[index]] = resize_array(whole, size)
                coloured = coloured or lost
    return found, coloured


def _channels(pixels: Pixels, channels: int) -> tuple[Pixels, bool]:
    if pixels.shape[2] == channels:
        return pixels, False
    if channels == 3:
        return np.repeat(pixels, 3, axis=2), False
    luma = np.asarray(Image.fromarray(pixels).convert("L"))[:, :, None]
    return luma, bool((pixels != luma).any())


@contextmanager
def _opened(location: str) -> Iterator[Opened]:
    """Open a moving picture; failures become a `DataError` with a plain reason."""
    try:
        file = Path(location).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise DataError(f"cannot be opened: {error.strerror or error}") from error
    with file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are checked here, more strictly
        try:
            with _format(file) as opened:
                yield opened
        except DataError:
            raise
        except Exception as error:
            # Decoders meet hostile bytes and raise anything from struct.error to
            # KeyError; one bad file must never end the work on all the others.
            raise DataError(_reason(error)) from error


def _format(file: BinaryIO) -> AbstractContextManager[Opened]:
    head = file.read(12)
    file.seek(0)
    if not head:
        raise DataError("empty file")
    if is_picture(head):
        return opened_picture(file)
    # A broken GIF file must not be met with "install a reader of films".
    if suffix_of(file.name) in SUFFIXES:
        raise DataError(NO_VIDEO)
    return opened_film(file)


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return NO_VIDEO
    if isinstance(error, MemoryError):
        return "needs more memory than there is"
    if isinstance(error, Image.DecompressionBombError):
        return f"claims frames of more than the limit of {MAX_PIXELS:,} pixels"
    text = getattr(error, "strerror", None) or (str(error).splitlines() or [""])[0]
    if "truncated" in text.lower():
        return "truncated: the file ends too early"
    return f"not a video, or broken ({text or type(error).__name__})"
