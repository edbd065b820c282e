"""Volumes: CT, MRI, microscopy stacks, arrays of voxels; a file or a folder each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.listing import is_folder, is_regular
from automl_datasets.media._base import Decision, Header
from automl_datasets.media.volume_formats import (
    array_file,
    dicom,
    dicom_series,
    nifti,
    tiff_stack,
)
from automl_datasets.media.volume_formats._base import (
    Array,
    Format,
    Spacing,
    VolumeHeader,
    known_spacing,
    shown_shape,
)
from automl_datasets.media.volume_formats.geometry import (
    centred,
    coarsened,
    resampled,
    spaced,
)
from automl_datasets.naming import counted
from automl_datasets.options import DataOptions
from automl_datasets.samples import Fitted, Fitting, Layout, Reading, shape_median

KIND = "volume"
NOUN = "volume"
PARALLEL = True
REQUIRES = "medical"

# The particular first; DICOM last, since it also tries files without an ending.
FORMATS: tuple[Format, ...] = (nifti, array_file, tiff_stack, dicom_series, dicom)
SUFFIXES = frozenset(suffix for form in FORMATS for suffix in form.SUFFIXES)

MOST_VOXELS = 64**3
FIT = "resampled to the common spacing; cropped or padded around the centre"
_ALIKE = 0.02  # spacings that differ by less are one
_UNKNOWN: Spacing = (1.0, 1.0, 1.0)  # voxels stand for millimetres
_WINDOW = (0.5, 99.5)
_ROW_VOXELS = 4096
_MOST_SAMPLED = 2**21


def accepts(path: Path) -> bool:
    """Return whether a file, or a folder that is one series, is a volume."""
    return any(form.accepts(path) for form in FORMATS)


def peek(location: str) -> VolumeHeader:
    """Read the header of a volume; see `Medium.peek`."""
    path = Path(location)
    return _format_of(path).peek(path)


def decide(headers: Sequence[Header], options: DataOptions) -> Decision:
    """Decide on spacing, shape, channels and dtype; see `Medium.decide`."""
    volumes = cast("Sequence[VolumeHeader]", headers)
    channels = Counter(header.channels for header in volumes).most_common(1)[0][0]
    spacing, notes = _common_spacing(volumes)
    size = shape_median([_size_at(header, spacing) for header in volumes])
    coarse = coarsened(size, spacing or _UNKNOWN, MOST_VOXELS)
    if coarse != (spacing or _UNKNOWN):
        fine, spacing = shown_shape(size), coarse
        size = shape_median([_size_at(header, spacing) for header in volumes])
        notes.append(
            f"Voxels are made coarser, {_shown(spacing)}, so that {shown_shape(size)} "
            f"stand for {fine}: about {MOST_VOXELS:,} a sample are enough."
        )
    dtypes = {header.dtype for header in volumes}
    dtype = dtypes.pop() if len(dtypes) == 1 else "float32"
    preprocessing = {
        "spacing": None if spacing is None else list(spacing),
        "fit": FIT,
        "window": None,
    }
    layout = Layout(KIND, (*size, channels), dtype, preprocessing)
    return Decision(layout, (*notes, *_shape_notes(volumes, layout)))


def decode(
    location: str, layout: Layout, *, fitted: bool
) -> tuple[Reading, VolumeHeader]:
    """Read a volume into a layout; see `Medium.decode`.

    Unfitted it has the spacing of the layout and any size.
    """
    path = Path(location)
    volume = _format_of(path).read(path)
    header, remarks = volume.header, list(volume.remarks)
    if header.channels != layout.shape[3]:
        raise DataError(
            f"has {counted(header.channels, 'channel')}, where the data has "
            f"{layout.shape[3]}"
        )
    array = _finite(volume.array, remarks)
    array = resampled(array, _size_at(header, layout.preprocessing.get("spacing")))
    if fitted:
        array = centred(array, layout.shape[:3])
    array = _converted(np.ascontiguousarray(array), layout.dtype, remarks)
    return Reading(array, header.size, tuple(remarks)), header


def fitting(layout: Layout) -> Fitting | None:
    """Return what is to be learned from the training split: the intensity window."""
    return None if layout.dtype == "uint8" else learn_window


def learn_window(rows: Iterable[Array]) -> Fitted:
    """Learn the window of intensities that hold information.

    Args:
        rows: Chunks of the training split, each `(n, depth, height, width, channels)`.

    Returns:
        A window `[low, high]` for the record, the 0.5 and 99.5 percentile of a random
        sample of at most 2 million voxels; `None` where all are equal. Rows stay as
        they are: the model clips.

    Source:
        Isensee et al. (2021), nnU-Net, Nature Methods 18: CT intensities are clipped
        to these percentiles.
    """
    random = np.random.default_rng(0)
    sample, share = np.empty(0, np.float32), 1.0
    for chunk in rows:
        flat = chunk.reshape(-1)
        count = round(share * min(flat.size, len(chunk) * _ROW_VOXELS))
        drawn = flat[random.integers(flat.size, size=count)].astype(np.float32)
        sample = np.concatenate([sample, drawn])
        while sample.size > _MOST_SAMPLED:  # every voxel keeps the same chance
            sample = sample[random.random(sample.size) < 0.5]
            share /= 2
    if not sample.size:
        return Fitted({"window": None})
    low, high = (float(value) for value in np.percentile(sample, _WINDOW))
    return Fitted({"window": [low, high] if high > low else None})


def _format_of(path: Path) -> Format:
    if is_folder(path):
        return dicom_series
    for form in FORMATS:
        if form.accepts(path):
            return form
    for form in (nifti, array_file, tiff_stack):  # what `accepts` was unsure of
        if path.name.lower().endswith(form.ENDINGS):
            return form
    if not is_regular(path):
        raise DataError("there is no such file")
    raise DataError("not a volume of a format that is known")


def _common_spacing(
    headers: Sequence[VolumeHeader],
) -> tuple[Spacing | None, list[str]]:
    stated = [header.spacing for header in headers if header.spacing is not None]
    common = known_spacing(np.median(stated, axis=0)) if stated else None
    if common is None:
        return None, ["No file states the distance between voxels."]
    notes = []
    if missing := len(headers) - len(stated):
        notes.append(
            f"{counted(missing, 'file')} of {len(headers):,} do not state the distance "
            "between voxels: 1 mm is assumed."
        )
    if all(_alike(own, common) for own in stated):
        notes.append(f"Voxels are {_shown(common)} (depth, height, width).")
    else:
        notes.append(
            f"Spacings differ: all are resampled to {_shown(common)} (depth, height, "
            "width), the median of each."
        )
    return common, notes


def _shape_notes(headers: Sequence[VolumeHeader], layout: Layout) -> list[str]:
    size = shown_shape(layout.shape[:3])
    if (
        len({header.size for header in headers}) == 1
        and headers[0].size == layout.shape[:3]
    ):
        notes = [f"All volumes are {size} (depth x height x width)."]
    else:
        notes = [
            f"Volumes are cropped or padded around their centre to {size} (depth x "
            "height x width), the median size."
        ]
    if all(min(header.size) == 1 for header in headers):
        notes.append("Every file is a single slice: a volume of depth 1.")
    if layout.dtype != "uint8":
        notes.append(f"Voxels are {layout.dtype}.")
    return notes


def _size_at(header: VolumeHeader, spacing: Sequence[float] | None) -> tuple[int, ...]:
    own = header.spacing or _UNKNOWN
    if spacing is None or _alike(own, spacing):
        return header.size
    depth, height, width = spacing
    return spaced(header.size, own, (depth, height, width))


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    return bool(np.allclose(one, other, rtol=_ALIKE, atol=0))


def _shown(spacing: Sequence[float]) -> str:
    return " x ".join(f"{value:.4g}" for value in spacing) + " mm"


def _finite(array: Array, remarks: list[str]) -> Array:
    """Put the smallest number where there is none, as outside of a brain mask."""
    if array.dtype != np.float32:
        return array
    with np.errstate(invalid="ignore"):
        if np.isfinite([array.min(), array.max()]).all():
            return array
    finite = np.isfinite(array)
    if not finite.any():
        raise DataError("holds no finite number")
    remarks.append("NaN or infinite voxels set to the smallest value")
    array[~finite] = array[finite].min()
    return array


def _converted(array: Array, dtype: str, remarks: list[str]) -> Array:
    """Bring voxels to the dtype of a layout; the numbers stay, they are not scaled."""
    if array.dtype == dtype:
        return array
    if dtype == "float32":
        return array.astype(np.float32)
    limits = np.iinfo(dtype)
    if array.min() < limits.min or array.max() > limits.max:
        remarks.append(f"voxels beyond {limits.min} to {limits.max} clipped")
    clipped: Array = np.rint(np.clip(array, limits.min, limits.max))
    return clipped.astype(dtype)
