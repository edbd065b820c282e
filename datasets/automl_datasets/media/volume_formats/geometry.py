"""Orientation, spacing and size of volumes: pure functions of arrays."""

from __future__ import annotations

from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.media.volume_formats._base import Array, Spacing

# Head, back and left of the patient, in the coordinates of DICOM (left, back, head).
_CANONICAL = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float)
_KEPT = 16


class Turn(NamedTuple):
    """How the axes of an array become depth, height and width.

    Attributes:
        order: Axis of the array that becomes each of them.
        flips: Whether each of them has to be reversed.
    """

    order: tuple[int, ...]
    flips: tuple[bool, ...]


UNTURNED = Turn((0, 1, 2), (False, False, False))


def turn_of(directions: NDArray[np.float64]) -> Turn:
    """Return the turn that brings an array closest to canonical orientation.

    Args:
        directions: Where each axis of the array points, `(3, 3)`, one row an axis, in
            the coordinates of DICOM: left, back, head of the patient. Lengths do not
            matter.

    Example:
        >>> turn_of(np.array([[0, 0, -2.0], [0, 1, 0], [1, 0, 0]]))
        Turn(order=(0, 1, 2), flips=(True, False, False))
    """
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    if not np.isfinite(directions).all() or (lengths == 0).any():
        return UNTURNED
    along = (directions / lengths) @ _CANONICAL.T
    order = max(
        permutations(range(3)),
        key=lambda axes: sum(abs(along[axis, i]) for i, axis in enumerate(axes)),
    )
    return Turn(order, tuple(bool(along[axis, i] < 0) for i, axis in enumerate(order)))


def turned(array: Array, turn: Turn) -> Array:
    """Return a view of an array `(a, b, c, channels)` after a turn."""
    steps = tuple(slice(None, None, -1 if flip else 1) for flip in turn.flips)
    return array.transpose(*turn.order, 3)[steps]


def spaced(size: tuple[int, ...], old: Spacing, new: Spacing) -> tuple[int, ...]:
    """Return the size that a volume has at another spacing.

    Example:
        >>> spaced((10, 10, 10), (2.0, 1.0, 1.0), (1.0, 1.0, 3.0))
        (20, 10, 3)
    """
    return tuple(
        max(1, round(count * before / after))
        for count, before, after in zip(size, old, new, strict=True)
    )


def resampled(array: Array, size: tuple[int, ...]) -> Array:
    """Resample a volume linearly, with a filter as wide as the new voxels.

    Where voxels grow, each is the mean of the old ones that it covers, weighted by a
    triangle, so that nothing aliases; where they shrink this is linear interpolation.
    The same is done to images (see `resizing`).

    Args:
        array: Volume `(depth, height, width, channels)`.
        size: The size to reach.

    Returns:
        The volume in its dtype, integers rounded, shape `(*size, channels)`.
    """
    if array.shape[:3] == tuple(size):
        return array
    depth, height, width = (
        _weights(old, new) for old, new in zip(array.shape[:3], size, strict=True)
    )
    # Slice by slice, so that a large volume is never held as float twice over.
    planes = [
        _along(width, _along(height, plane.astype(np.float32), 0), 1) for plane in array
    ]
    result = _along(depth, np.stack(planes), 0)
    if np.issubdtype(array.dtype, np.integer):
        limits = np.iinfo(array.dtype)
        result = np.clip(np.rint(result), limits.min, limits.max)
    return result.astype(array.dtype)


def _along(weights: Any, array: Array, axis: int) -> Array:
    """Multiply the vectors along an axis with a matrix."""
    first = np.moveaxis(array, axis, 0)
    flat = weights @ np.ascontiguousarray(first).reshape(first.shape[0], -1)
    return np.moveaxis(flat.reshape(-1, *first.shape[1:]), 0, axis)


def _weights(old: int, new: int) -> Any:
    """Return the sparse matrix `(new, old)` of a triangle filter; rows sum to 1."""
    from scipy import sparse

    scale = old / new
    centres = np.clip((np.arange(new) + 0.5) * scale - 0.5, 0, old - 1)
    distance = np.abs(np.arange(old)[None, :] - centres[:, None])
    weights = np.maximum(0, 1 - distance / max(1.0, scale))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return sparse.csr_array(weights.astype(np.float32))


def centred(array: Array, size: tuple[int, ...]) -> Array:
    """Crop or pad a volume around its centre; odd differences favour the end.

    Padding has the smallest value of the whole volume, that of air in a CT.

    Example:
        >>> centred(np.arange(3).reshape(3, 1, 1, 1), (2, 1, 1)).ravel().tolist()
        [0, 1]
        >>> centred(np.array([5, 4, 5]).reshape(3, 1, 1, 1), (6, 1, 1)).ravel().tolist()
        [4, 5, 4, 5, 4, 4]
    """
    if array.shape[:3] == tuple(size):
        return array
    result = np.full((*size, array.shape[3]), array.min(), array.dtype)
    kept, place = [], []
    for old, new in zip(array.shape[:3], size, strict=True):
        count = min(old, new)
        kept.append(slice((old - count) // 2, (old - count) // 2 + count))
        place.append(slice((new - count) // 2, (new - count) // 2 + count))
    result[tuple(place)] = array[tuple(kept)]
    return result


def coarsened(size: tuple[int, ...], spacing: Spacing, most: int) -> Spacing:
    """Return a spacing at which a volume has about so many voxels, if it has more.

    The finest axes grow first, towards cubes: thick slices lose nothing before the
    pixels within them are as wide. No axis becomes shorter than `_KEPT`, so that a
    few slices stay apart.

    Example:
        >>> coarsened((20, 256, 256), (5.0, 1.0, 1.0), 20 * 128 * 128)
        (5.0, 2.0, 2.0)
    """
    if np.prod(size) <= most:
        return spacing
    extent = np.multiply(size, spacing)
    widest = extent / np.minimum(size, _KEPT)
    low, high = min(spacing), float(max(extent))
    for _ in range(50):
        middle = (low + high) / 2
        count = np.prod(extent / np.clip(middle, spacing, widest))
        low, high = (middle, high) if count > most else (low, middle)
    depth, height, width = np.clip(high, spacing, widest).tolist()
    return float(f"{depth:.6g}"), float(f"{height:.6g}"), float(f"{width:.6g}")
