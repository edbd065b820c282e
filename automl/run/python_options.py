"""Options as people give them in Python, in the types that a request has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from automl.errors import RequestError


def image_sides(value: Any) -> tuple[int, int] | None:
    """Return the height and width of images, from both or from one for both.

    Raises:
        RequestError: If it is neither.

    Example:
        >>> image_sides(64), image_sides((48, 64))
        ((64, 64), (48, 64))
    """
    if value is None:
        return None
    sides = (value, value) if isinstance(value, int) else value
    match sides:
        case [int(height), int(width)]:
            return height, width
    raise RequestError(
        "image_size must be a height and a width in pixels, such as (48, 64), but got "
        f"{value!r}."
    )


def joined(value: Any) -> Any:
    """Return a list of names as one text, as the command line has them.

    Example:
        >>> joined(["age", "height"]), joined("age"), joined(None)
        ('age,height', 'age', None)
    """
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


def optional_text(value: Any) -> Any:
    """Return a path as text, and all else as it is."""
    return str(value) if isinstance(value, Path) else value


def worker_count(value: Any) -> Any:
    """Return how many workers are asked for, `None` for `auto`."""
    return None if value == "auto" else value
