"""NIfTI, Analyze, MGH, MINC and AFNI, through nibabel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.listing import is_folder, is_regular
from automl_datasets.media.volume_formats._base import (
    MAX_CHANNELS,
    Array,
    Volume,
    VolumeHeader,
    check_claim,
    guarded,
    kept_dtype,
    known_spacing,
    missing_extra,
    shown_shape,
)
from automl_datasets.media.volume_formats.geometry import Turn, turn_of, turned

SUFFIXES = frozenset({".nii", ".nii.gz", ".mgz", ".mgh", ".mnc", ".head"})

# The voxels of these pairs; the header beside them stands for both.
_VOXELS_OF = {".img": ".hdr", ".img.gz": ".hdr", ".brik": ".HEAD", ".brik.gz": ".HEAD"}
_NOUN = "NIfTI file or one of its kin"
ENDINGS = (*SUFFIXES, ".hdr", *_VOXELS_OF)
_PACKED = (".gz", ".mgz", ".mnc", ".head", ".brik")
_OTHER_HALF = "the file that belongs to it, header or voxels, is missing beside it"
# nibabel states directions in right, front, head; we in left, back, head.
_TO_LEFT_BACK_HEAD = np.array([-1.0, -1.0, 1.0])


def accepts(path: Path) -> bool:
    """Return whether a file is of this format, by its ending; see `Format.accepts`.

    The voxels of a pair are not accepted beside their header, which stands for both.
    An ending `.hdr` has other uses, so its first bytes decide.
    """
    name = path.name.lower()
    if is_folder(path):
        return False
    if name.endswith(tuple(SUFFIXES)):
        return True
    for voxels, header in _VOXELS_OF.items():
        if name.endswith(voxels):
            stem = path.name[: -len(voxels)]
            return header == ".HEAD" and not is_regular(path.with_name(stem + header))
    return name.endswith(".hdr") and _is_analyze(path)


def _is_analyze(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        return False
    sizes = {int.from_bytes(start, "little"), int.from_bytes(start, "big")}
    return bool(sizes & {348, 540})


def peek(path: Path) -> VolumeHeader:
    """Read the header; see `Format.peek`."""
    with guarded(path, _NOUN):
        return _opened(path)[1]


def read(path: Path) -> Volume:
    """Read the volume, scaled and turned; see `Format.read`."""
    with guarded(path, _NOUN):
        image, header, turn, shape = _opened(path)
        array = _scaled(image.dataobj, header.dtype).reshape(shape)
        array = turned(array, turn).astype(header.dtype, copy=False)
        return Volume(array, header)


def _opened(path: Path) -> tuple[Any, VolumeHeader, Turn, tuple[int, ...]]:
    image = _load(path)
    claimed = tuple(int(size) for size in image.shape)
    shape = _four_dimensions(claimed)
    stored = image.get_data_dtype()
    file_bytes = max(Path(name).stat().st_size for name in _files(image)[:2])
    check_claim(claimed, stored.itemsize, file_bytes)
    if not path.name.lower().endswith(_PACKED) and file_bytes < stored.itemsize * int(
        np.prod(claimed)
    ):
        raise DataError("truncated: the file ends before the last voxel")
    # One voxel tells the dtype after scaling, whatever the rules of the format.
    corner = _voxels(image.dataobj[tuple(slice(0, 1) for _ in claimed)])
    colours = corner.shape[-1] if stored.fields else 1
    if colours > 1 and shape[3] > 1:
        raise DataError(f"holds colours in each of {shape[3]} volumes")
    shape = (*shape[:3], shape[3] * colours)
    directions = np.asarray(image.affine, float)[:3, :3].T * _TO_LEFT_BACK_HEAD
    turn = _turn(directions)
    zooms = [*image.header.get_zooms()[:3], 1.0, 1.0]
    scale = _millimetres(image.header)
    spacing = known_spacing([float(zooms[axis]) * scale for axis in turn.order])
    size = tuple(shape[axis] for axis in turn.order)
    header = VolumeHeader(size, shape[3], kept_dtype(corner.dtype), spacing)
    return image, header, turn, shape


def _load(path: Path) -> Any:
    try:
        import nibabel
    except ImportError:
        raise missing_extra("medical", _NOUN) from None
    try:
        image: Any = nibabel.load(path)
    except FileNotFoundError:
        if path.exists():
            raise DataError(_OTHER_HALF) from None
        raise
    if not all(Path(name).exists() for name in _files(image)[:2]):
        raise DataError(_OTHER_HALF)
    return image


def _files(image: Any) -> list[str]:
    """Return the files of an image, a `.mat` file of SPM last."""
    held = sorted(image.file_map.items(), key=lambda item: item[0] == "mat")
    return [holder.filename for _, holder in held if holder.filename]


def _millimetres(header: Any) -> float:
    """Return how many millimetres the unit of a header has; most state none."""
    units = getattr(header, "get_xyzt_units", None)
    unit = units()[0] if units else "mm"
    return {"meter": 1000.0, "micron": 0.001}.get(unit, 1.0)


def _four_dimensions(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return `(a, b, c, channels)`.

    Raises:
        DataError: If there are more than `MAX_CHANNELS` volumes.
    """
    padded = (*shape, 1, 1)[: max(4, len(shape))]
    channels = int(np.prod(padded[3:], dtype=object))
    if channels > MAX_CHANNELS:
        raise DataError(
            f"its shape is {shown_shape(shape)}: {channels:,} volumes, where at most "
            f"{MAX_CHANNELS} can be channels of one sample; split it into 3D files"
        )
    return (*padded[:3], channels)


def _scaled(proxy: Any, dtype: str) -> Array:
    """Return all numbers; as `float32` where they are scaled, to save memory."""
    if dtype == "float32" and hasattr(proxy, "get_scaled"):
        array: Array = proxy.get_scaled(np.float32)
        return array
    return _voxels(proxy)


def _voxels(proxy: Any) -> Array:
    """Return numbers, scaled if the header says so, colours as a last axis."""
    array: Array = np.asanyarray(proxy)
    if array.dtype.fields is None:
        return array
    return np.stack([array[name] for name in array.dtype.fields], axis=-1)


def _turn(directions: NDArray[np.float64]) -> Turn:
    lengths = np.linalg.norm(directions, axis=1)
    if not np.isfinite(directions).all() or (lengths == 0).any():
        directions = np.diag(_TO_LEFT_BACK_HEAD)  # what the standard falls back to
    return turn_of(directions)
