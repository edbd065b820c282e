"""DICOM: one file of one or more frames, or a folder that is a series.

Only the elements listed here are ever read from a file. What names a patient, a doctor
or a day is not among them, so it can't get anywhere.
"""

from __future__ import annotations

import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.listing import is_regular
from automl_datasets.media.volume_formats._base import (
    MAX_CHANNELS,
    Array,
    Volume,
    VolumeHeader,
    check_claim,
    check_length,
    guarded,
    missing_extra,
)
from automl_datasets.media.volume_formats.dicom_geometry import Stack, stack_of
from automl_datasets.media.volume_formats.geometry import turned

SUFFIXES = frozenset({".dcm", ".dicom", ".ima"})

NOUN = "DICOM file"
_PALETTE = "PALETTE COLOR"
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_MOST_INFLATED = 2**29
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_ELEMENTS = [
    # pixels
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PlanarConfiguration",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    *_PIXELS,
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    # what they mean
    "RescaleSlope",
    "RescaleIntercept",
    "DoseGridScaling",
    *(
        f"{colour}PaletteColorLookupTable{part}"
        for colour in ("Red", "Green", "Blue")
        for part in ("Descriptor", "Data")
    ),
    *(f"Segmented{c}PaletteColorLookupTableData" for c in ("Red", "Green", "Blue")),
    # where they are
    "SeriesInstanceUID",
    "PatientID",  # only compared, so that no volume is made of several people
    "InstanceNumber",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "SpacingBetweenSlices",
    "SliceThickness",
    "GridFrameOffsetVector",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
]


def accepts(path: Path) -> bool:
    """Return whether a file is DICOM, by its ending or else by its first bytes."""
    if not is_regular(path):
        return False
    return path.name.lower().endswith(tuple(SUFFIXES)) or looks_like(path)


def looks_like(path: Path) -> bool:
    """Return whether a file starts as DICOM does, with a preamble or without.

    Without one, the first element has to be of group 2 or 8, and either name a value
    representation or have a short value.
    """
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:
        return False
    if start[128:] == b"DICM":
        return True
    if len(start) < 132 or start[:2] not in (b"\x02\x00", b"\x08\x00"):
        return False
    named = start[4:6] in (b"UL", b"UI", b"CS", b"OB", b"SH", b"LO", b"DA")
    return named or (start[3] == 0 and int.from_bytes(start[4:8], "little") <= 64)


def peek(path: Path) -> VolumeHeader:
    """Read the header; see `Format.peek`."""
    with guarded(path, NOUN):
        dataset = elements(path, pixels=False)
        return header_of(dataset, stack_of([dataset]))


def read(path: Path) -> Volume:
    """Read the frames of a file as slices; see `Format.read`."""
    with guarded(path, NOUN):
        dataset = elements(path, pixels=True)
        stack = stack_of([dataset])
        header = header_of(dataset, stack)
        array, remarks = frames_of(dataset, header.dtype)
        array = turned(array[list(stack.order)], stack.turn)
        return Volume(array, header, (*remarks, *stack.remarks))


def elements(path: Path, *, pixels: bool) -> Any:
    """Return the listed elements of a file, as a pydicom data set.

    Raises:
        DataError: If it is no DICOM file, has no pixels or fewer than it claims.
    """
    try:
        import pydicom
    except ImportError:
        raise missing_extra("medical", NOUN) from None
    if not looks_like(path):
        raise DataError(f"not a {NOUN}, or its header is broken")
    _check_deflated(path)
    with path.open("rb") as file:
        dataset = pydicom.dcmread(
            file, force=True, stop_before_pixels=not pixels, specific_tags=_ELEMENTS
        )
        left = path.stat().st_size - file.tell()
    if "Rows" not in dataset or "Columns" not in dataset:
        raise DataError("holds no pixels: a report, plan or waveform, or broken")
    _complete_meta(dataset)
    _check_pixels(dataset, path.stat().st_size, left)
    return dataset


def _check_deflated(path: Path) -> None:
    """Refuse a file, deflated as a whole, that would grow beyond all measure.

    pydicom inflates such files at once, even to read their headers.
    """
    with path.open("rb") as file:
        start = file.read(2048)
        if _DEFLATED not in start:
            return
        file.seek(144 + int.from_bytes(start[140:144], "little"))  # past group 2
        inflater, grown = zlib.decompressobj(-zlib.MAX_WBITS), 0
        while block := file.read(2**16):
            grown += len(inflater.decompress(block))
            if grown > _MOST_INFLATED:
                raise DataError(f"inflates to more than {_MOST_INFLATED:,} bytes")


def _complete_meta(dataset: Any) -> None:
    """State the transfer syntax where it is only known from how reading went."""
    from pydicom import uid

    if "TransferSyntaxUID" in dataset.file_meta:
        return
    implicit, little = dataset.original_encoding
    explicit = uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
    dataset.file_meta.TransferSyntaxUID = (
        uid.ImplicitVRLittleEndian if implicit else explicit
    )


def _check_pixels(dataset: Any, file_bytes: int, left: int) -> None:
    """Refuse pixels that cannot be; `left` bytes of the file are not read yet."""
    frames, channels = _frame_count(dataset), int(dataset.get("SamplesPerPixel", 1))
    shape = (frames, int(dataset.Rows), int(dataset.Columns), channels)
    bits = int(dataset.get("BitsAllocated", 0))
    if bits not in (1, 8, 16, 32, 64):
        raise DataError(f"states {bits} bits a pixel, which cannot be")
    if channels > MAX_CHANNELS:
        raise DataError(f"has {channels} colours a pixel; at most 4 can be")
    check_claim(shape, bits / 8, file_bytes)
    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated and not syntax.is_deflated:
        halved = "422" in str(dataset.get("PhotometricInterpretation", ""))
        count = int(np.prod(shape, dtype=object)) * (2 / 3 if halved else 1)
        pixels = next((dataset[n] for n in _PIXELS if n in dataset), None)
        check_length(count * bits / 8, len(pixels.value) if pixels else left)


def _frame_count(dataset: Any) -> int:
    return int(dataset.get("NumberOfFrames") or 1)


def header_of(dataset: Any, stack: Stack) -> VolumeHeader:
    """Return the header of a volume whose slices are like those of a data set."""
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    channels = 3 if photometric == _PALETTE else int(dataset.get("SamplesPerPixel", 1))
    size = (len(stack.order), int(dataset.Rows), int(dataset.Columns))
    spacing = stack.spacing and tuple(stack.spacing[axis] for axis in stack.turn.order)
    turned_size = tuple(size[axis] for axis in stack.turn.order)
    return VolumeHeader(turned_size, channels, dtype_of(dataset), spacing)  # type: ignore[arg-type]


def dtype_of(dataset: Any) -> str:
    """Return the dtype that holds the rescaled numbers of a data set."""
    if str(dataset.get("PhotometricInterpretation", "")) == _PALETTE:
        return "uint8"
    plain = all(line == (1.0, 0.0) for line in set(rescaling(dataset)))
    unsigned = int(dataset.get("PixelRepresentation", 0)) == 0
    if not plain or not unsigned or int(dataset.BitsAllocated) > 16:
        return "float32"
    return "uint16" if int(dataset.BitsAllocated) == 16 else "uint8"


def rescaling(dataset: Any) -> list[tuple[float, float]]:
    """Return slope and intercept of each frame."""
    frames = _frame_count(dataset)
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or [])
    places = [[*list(per_frame)[i : i + 1], *shared] for i in range(frames)]
    return [_line(groups, dataset) for groups in places]


def _line(groups: list[Any], dataset: Any) -> tuple[float, float]:
    for group in groups:
        for item in group.get("PixelValueTransformationSequence") or []:
            return _slope(item, 1), float(item.get("RescaleIntercept") or 0)
    slope = _slope(dataset, dataset.get("DoseGridScaling"))
    return slope, float(dataset.get("RescaleIntercept") or 0)


def _slope(stated: Any, otherwise: Any) -> float:
    slope = stated.get("RescaleSlope", otherwise)
    return 1.0 if slope is None else float(slope)


def frames_of(dataset: Any, dtype: str) -> tuple[Array, tuple[str, ...]]:
    """Decode the frames of a data set.

    Returns:
        Frames `(n, rows, columns, channels)` in the dtype asked for, rescaled, in
        the order of the file; and remarks.

    Raises:
        DataError: If their compression is not known here.
    """
    array = _decoded(dataset)
    photometric = str(dataset.get("PhotometricInterpretation", ""))
    remarks: tuple[str, ...] = ()
    if photometric == _PALETTE:
        from pydicom.pixels.processing import apply_color_lut

        array, remarks = apply_color_lut(array, dataset), ("palette applied",)
        if array.dtype != np.uint8:  # 16 bits a colour, which no screen shows
            array = (array >> 8).astype(np.uint8)
    elif photometric == "MONOCHROME1":
        array, remarks = _inverted(array, dataset), ("inverted: white was 0",)
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    array = array.reshape(_frame_count(dataset), rows, columns, -1)
    if dtype != "float32" or photometric == _PALETTE:
        return array.astype(dtype, copy=False), remarks
    result = array.astype(np.float32)
    for frame, (slope, intercept) in zip(result, rescaling(dataset), strict=True):
        frame *= slope
        frame += intercept
    return result, remarks


def _decoded(dataset: Any) -> Array:
    from pydicom.pixels.utils import pixel_array

    syntax = dataset.file_meta.TransferSyntaxUID
    has_gdcm = _silence_gdcm()
    try:
        array: Array = pixel_array(dataset)
    except (RuntimeError, NotImplementedError):
        if not syntax.is_encapsulated:
            raise
        if has_gdcm:
            reason = "which cannot be decoded: broken, or of a form not known here"
        else:
            reason = 'which needs more: pip install "conv-automl[medical]"'
        raise DataError(
            f"its pixels are compressed as {syntax.name}, {reason}"
        ) from None
    return array


def _silence_gdcm() -> bool:
    """Keep the decoder from writing what it thinks of a file; `False` if not there."""
    try:
        trace = import_module("gdcm").Trace
    except ImportError:
        return False
    for off in (trace.DebugOff, trace.WarningOff, trace.ErrorOff):
        off()
    return True


def _inverted(array: Array, dataset: Any) -> Array:
    if int(dataset.get("PixelRepresentation", 0)):
        return np.invert(array)
    most = 2 ** int(dataset.get("BitsStored", dataset.BitsAllocated)) - 1
    inverted: Array = most - np.minimum(array, most)
    return inverted.astype(array.dtype)
