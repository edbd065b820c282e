"""What numbers are pixels, and what square images so many of them make."""

from __future__ import annotations

import math

SHORTEST_SIDE = 8
LARGEST = 255


def image_shape(count: int) -> tuple[int, int, int] | None:
    """Return the shape of a square image of so many values, channels last.

    Example:
        >>> image_shape(784), image_shape(2352), image_shape(140)
        ((28, 28, 1), (28, 28, 3), None)
    """
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if count and side * side * channels == count:
            return side, side, channels
    return None


def is_pixel(value: float) -> bool:
    """Return whether a number is whole, and one of 0 to 255."""
    return value.is_integer() and 0 <= value <= LARGEST
