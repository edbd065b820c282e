"""What is known of moving pictures in any format: headers, frames, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError

Pixels = NDArray[np.uint8]

MAX_PIXELS = 4096 * 2176  # of a frame: 16 of them in RGB fill 430 MB
MAX_FRAMES = 10_000  # that are looked at, six minutes of film, or fewer large ones
MAX_PIXELS_IN_ALL = 2**33
NO_VIDEO = "not a video, or its header is broken"
ONE_FRAME = "holds one frame, which is an image and no video"


class Header(NamedTuple):
    """What is known of a moving picture from its header and first frame.

    Attributes:
        size: `(frames, height, width)`; some formats only let estimate the frames.
        grey: Whether one channel holds all of its first frame.
    """

    size: tuple[int, int, int]
    grey: bool


class Opened(NamedTuple):
    """A moving picture at its first frame."""

    header: Header
    exact: bool  # whether the header states the number of frames
    frames: Iterator[Callable[[], Pixels]]  # (height, width, 1 or 3), if wanted


def checked_size(frames: int, height: int, width: int) -> tuple[int, int, int]:
    """Return the size of a moving picture.

    Raises:
        DataError: If it is too large, or holds one frame only.
    """
    if height * width > MAX_PIXELS:
        raise DataError(
            f"holds frames of {height}x{width} pixels, more than the limit of "
            f"{MAX_PIXELS:,}"
        )
    if height * width < 1:
        raise DataError("holds frames without pixels")
    if frames < 2:
        raise DataError(ONE_FRAME)
    return frames, height, width


def most_frames(header: Header) -> int:
    """Return how many frames are looked at."""
    _, height, width = header.size
    return min(MAX_FRAMES, MAX_PIXELS_IN_ALL // (height * width))
