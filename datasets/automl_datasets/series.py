"""Series: their common length, and how one is brought to it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.missing import is_missing
from automl_datasets.naming import counted
from automl_datasets.samples import Array, Layout, Reading

FIT = "crop or pad at the end with missing values"

_MOST_STEPS = 16_384
_MOST_PADDING = 100  # times the numbers that a series holds
_SMALL = 10_000
_OUTLYING = 4  # times the median length; longer ones do not decide on the length


def series_layout(sizes: Sequence[tuple[int, int]]) -> tuple[Layout, tuple[str, ...]]:
    """Decide on the common length and the number of channels.

    Args:
        sizes: `(length, channels)` of each series; at least one.

    Returns:
        The layout, and one sentence a decision.

    Example:
        >>> layout, notes = series_layout([(7, 2), (9, 2)])
        >>> layout.shape, notes
        ((9, 2), ('Series have 7 to 9 steps; shorter ones are padded at the end.',))
    """
    lengths = np.array([length for length, _ in sizes])
    votes = Counter(channels for _, channels in sizes)
    channels = max(votes, key=lambda number: (votes[number], number))
    longest = int(lengths.max())
    kept, why = longest, ""
    if longest > _OUTLYING * float(np.median(lengths)):
        kept = math.ceil(np.percentile(lengths, 95))
        why = "the 95th percentile, since the longest is over 4 times the median"
    if kept > _MOST_STEPS:
        kept, why = _MOST_STEPS, "the most that is kept"
    notes = [_told(lengths, kept, why)]
    if len(votes) > 1:
        others = counted(len(sizes) - votes[channels], "series")
        notes.append(
            f"Series have {counted(channels, 'channel')}; {others} with another number "
            "cannot be used."
        )
    preprocessing = {"length": kept, "fit": FIT}
    return Layout("series", (kept, channels), "float32", preprocessing), tuple(notes)


def _told(lengths: NDArray[np.int64], kept: int, why: str) -> str:
    shortest, longest = int(lengths.min()), int(lengths.max())
    if shortest == longest == kept:
        return f"All series have {counted(kept, 'step')}."
    held = f"Series have {shortest:,} to {longest:,} steps"
    if not why:
        return f"{held}; shorter ones are padded at the end."
    cropped = int((lengths > kept).sum())
    return (
        f"{held}; all are brought to {kept:,}, {why}: shorter ones are padded and "
        f"{cropped:,} cropped at the end."
    )


def as_reading(array: Array, layout: Layout, *, fitted: bool) -> Reading:
    """Bring one series to a layout.

    Args:
        array: Numbers, NaN where missing, `(length, channels)`.
        layout: What `series_layout` decided on.
        fitted: Whether to crop it, or pad it with NaN, to the length of the layout.

    Raises:
        DataError: If it has other channels, no value at all or infinite ones.
    """
    steps, channels = layout.shape
    if array.ndim != 2 or array.shape[1] != channels:
        found = f"{counted(array.shape[-1], 'channel')}" if array.ndim else "no axis"
        raise DataError(
            f"has {found}, but {channels} {'are' if channels > 1 else 'is'} needed"
        )
    with np.errstate(over="ignore"):  # what becomes infinite is refused
        values = array.astype(np.float32)
    if np.isinf(values).any():
        raise DataError("holds infinite values, or ones too large for float32")
    if not (values == values).any():
        raise DataError("holds no value")
    size = (len(values),)
    if not fitted:
        return Reading(values, size)
    row = np.full(layout.shape, np.nan, np.float32)
    row[: len(values)] = values[:steps]
    return Reading(row, size)


def side_by_side(channels: Sequence[NDArray[np.float64]]) -> Array:
    """Return channels as one series, shorter ones padded with NaN at the end.

    Raises:
        DataError: If one long channel beside many short ones would need far more room
            than all of them have numbers.

    Example:
        >>> side_by_side([np.array([1.0, 2.0]), np.array([3.0])]).tolist()
        [[1.0, 3.0], [2.0, nan]]
    """
    longest, held = max(map(len, channels)), sum(map(len, channels))
    if longest * len(channels) > _MOST_PADDING * (held + _SMALL):
        raise DataError(
            f"has {len(channels):,} channels of up to {longest:,} values, but holds "
            f"{held:,} values in all"
        )
    series = np.full((longest, len(channels)), np.nan)
    for place, values in enumerate(channels):
        series[: len(values), place] = values
    return series


def without_padding(values: Array) -> Array:
    """Return a series without the steps at its end where every channel is missing.

    Args:
        values: Shape `(length, channels)`.

    Example:
        >>> without_padding(np.array([[1.0], [np.nan], [2.0], [np.nan]])).shape
        (3, 1)
    """
    observed = np.flatnonzero((values == values).any(axis=1))
    return values[: observed[-1] + 1] if len(observed) else values[:0]


def numbers(fields: Sequence[bytes]) -> NDArray[np.float64]:
    """Return fields of text as numbers, NaN where they are missing.

    Raises:
        DataError: If one is no number.

    Example:
        >>> numbers([b"1.5", b"?", b" 2", b"n/a"])
        array([1.5, nan, 2. , nan])
    """
    try:
        return np.array(fields, dtype=np.float64)
    except ValueError:
        return np.array([_number(field) for field in fields], dtype=np.float64)


def _number(field: bytes) -> float:
    text = field.strip().decode("utf-8", "replace")
    if is_missing(text):
        return math.nan
    try:
        return float(text)
    except ValueError:
        raise DataError(f"holds {text[:40]!r} where a number is needed") from None
