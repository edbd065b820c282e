"""Where the slices of DICOM data sets lie: order, spacing, orientation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.media.volume_formats._base import Spacing, known_spacing
from automl_datasets.media.volume_formats.geometry import UNTURNED, Turn, turn_of

BY_NUMBER = "slices sorted by number: no positions upon each other are stated"
REPEATED = "several slices at one position, the first of each is used"
UNEQUAL = "slices at unequal distances, taken as equal"
_PARALLEL = 0.02  # difference of directions, unit vectors: about one degree
_SAME = 1e-3  # millimetres
_TOLERANCE = 0.05  # of the median distance: scanners round positions


class Stack(NamedTuple):
    """How slices make a volume.

    Attributes:
        order: Places of the slices that are used, as they lie upon each other.
        spacing: Millimetres between slices, rows and columns; `None` if not known.
        turn: How slices, rows and columns become depth, height and width.
        remarks: What is odd about them.
    """

    order: tuple[int, ...]
    spacing: Spacing | None
    turn: Turn
    remarks: tuple[str, ...] = ()


class Slice(NamedTuple):
    """Where one slice lies, as far as its data set says.

    Attributes:
        number: Its number in the series, or its place in the file.
        position: Of its first pixel, in millimetres to the left, back and head.
        orientation: Directions of its rows and columns, six numbers.
        pixel_spacing: Millimetres between rows, and between columns.
        thickness: Millimetres from one slice to the next.
    """

    number: float
    position: tuple[float, ...] | None
    orientation: tuple[float, ...] | None
    pixel_spacing: tuple[float, ...] | None
    thickness: float | None


def stack_of(datasets: Sequence[Any]) -> Stack:
    """Return how the frames of data sets of one series make a volume."""
    slices = [frame for dataset in datasets for frame in _slices(dataset)]
    heights = _heights(slices)
    if heights is None:
        order = sorted(range(len(slices)), key=lambda i: slices[i].number)
        said = (BY_NUMBER,) if len(datasets) > 1 else ()
        return Stack(tuple(order), _spacing(slices[0], None), UNTURNED, said)
    order = sorted(range(len(slices)), key=lambda i: (heights[i], slices[i].number))
    distances = np.diff([heights[i] for i in order])
    remarks = [REPEATED] if (distances < _SAME).any() else []
    apart = [True, *(distances >= _SAME).tolist()]
    order = [i for i, is_apart in zip(order, apart, strict=True) if is_apart]
    distances = distances[distances >= _SAME]
    if not distances.size:
        return Stack(tuple(order), _spacing(slices[0], None), UNTURNED, tuple(remarks))
    distance = float(np.median(distances))
    if (np.abs(distances - distance) > _TOLERANCE * distance).any():
        remarks.append(UNEQUAL)
    spacing = _spacing(slices[0], distance)
    return Stack(tuple(order), spacing, _turn(slices[0]), tuple(remarks))


def _heights(slices: Sequence[Slice]) -> list[float] | None:
    """Return where slices lie across themselves, or `None` if that is not stated."""
    normal = _normal(slices)
    positions = [frame.position for frame in slices if frame.position is not None]
    if normal is None or len(positions) < len(slices):
        return None
    heights: list[float] = (np.asarray(positions) @ normal).tolist()
    return heights


def _turn(frame: Slice) -> Turn:
    # The first direction is that along a row, in which the column changes.
    along_row, along_column = np.asarray(frame.orientation).reshape(2, 3)
    normal = np.cross(along_row, along_column)
    return turn_of(np.stack([normal, along_column, along_row]))


def _slices(dataset: Any) -> list[Slice]:
    count = int(dataset.get("NumberOfFrames") or 1)
    if count == 1 and "PerFrameFunctionalGroupsSequence" not in dataset:
        number = _numbers(dataset, "InstanceNumber")
        return [_slice(number[0] if number else 0, _Stated([dataset]))]
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or [])
    own = list(dataset.get("PerFrameFunctionalGroupsSequence") or [])
    frames = [
        _slice(i, _Stated([*own[i : i + 1], *shared, dataset])) for i in range(count)
    ]
    if own:
        return frames
    # Without a word on each frame, one position stands for the first of them.
    offsets = _numbers(dataset, "GridFrameOffsetVector") or ()
    return [
        frame._replace(position=_moved(frame, offsets, i))
        for i, frame in enumerate(frames)
    ]


class _Stated:
    """What is stated of one frame: by itself, for all frames, or for the file."""

    def __init__(self, places: Sequence[Any]) -> None:
        self._places = places

    def get(self, name: str, *sequences: str) -> tuple[float, ...] | None:
        """Return numbers from the first place that states them."""
        for place in self._places:
            inner = [item for s in sequences for item in (place.get(s) or [])]
            for holder in (*inner, place):
                if numbers := _numbers(holder, name):
                    return numbers
        return None


def _slice(number: float, stated: _Stated) -> Slice:
    measures = "PixelMeasuresSequence"
    position = stated.get("ImagePositionPatient", "PlanePositionSequence")
    orientation = stated.get("ImageOrientationPatient", "PlaneOrientationSequence")
    pixels = stated.get("PixelSpacing", measures) or stated.get("ImagerPixelSpacing")
    thickness = stated.get("SpacingBetweenSlices", measures) or stated.get(
        "SliceThickness", measures
    )
    return Slice(
        number,
        position if position and len(position) == 3 else None,
        orientation if orientation and len(orientation) == 6 else None,
        pixels if pixels and len(pixels) == 2 else None,
        thickness[0] if thickness else None,
    )


def _numbers(holder: Any, name: str) -> tuple[float, ...] | None:
    """Return what an element holds, or `None` where that is missing or no numbers."""
    value = holder.get(name)
    if value is None or isinstance(value, (str, bytes)) or value == "":
        return None
    try:
        numbers = tuple(float(number) for number in np.atleast_1d(np.asarray(value)))
    except (TypeError, ValueError):
        return None
    return numbers if np.isfinite(numbers).all() else None


def _moved(
    frame: Slice, offsets: tuple[float, ...], place: int
) -> tuple[float, ...] | None:
    normal = _normal([frame])
    if place >= len(offsets) or normal is None or frame.position is None:
        return None
    return tuple(np.add(frame.position, normal * offsets[place]).tolist())


def _normal(slices: Sequence[Slice]) -> NDArray[np.float64] | None:
    """Return the direction across the slices, or `None` where they have no common."""
    stated = [frame.orientation for frame in slices if frame.orientation is not None]
    if len(stated) < len(slices) or not np.allclose(stated, stated[0], atol=_PARALLEL):
        return None
    along_row, along_column = np.asarray(stated[0]).reshape(2, 3)
    normal: NDArray[np.float64] = np.cross(along_row, along_column)
    length = np.linalg.norm(normal)
    return None if length < 1e-6 else normal / length


def _spacing(frame: Slice, distance: float | None) -> Spacing | None:
    between = distance or frame.thickness
    if between is None or frame.pixel_spacing is None:
        return None
    return known_spacing((between, *frame.pixel_spacing))
