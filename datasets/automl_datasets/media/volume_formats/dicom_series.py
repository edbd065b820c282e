"""A folder whose DICOM files are the slices of one series."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, is_folder, is_regular
from automl_datasets.media.volume_formats import dicom
from automl_datasets.media.volume_formats._base import (
    Volume,
    VolumeHeader,
    check_claim,
    guarded,
)
from automl_datasets.media.volume_formats.dicom_geometry import Stack, stack_of
from automl_datasets.media.volume_formats.geometry import turned

SUFFIXES: frozenset[str] = frozenset()

_NOUN = "folder of DICOM slices"
_PROBES = 4  # files of a folder that are opened to know whether they belong together
_INDEX = "DICOMDIR"
LEFT_OUT = "files without readable slices in its folder left out"
LARGEST = "several series in its folder, the largest is used"
MAJORITY = "slices of another size left out"
PARALLEL = "slices of another direction left out"
FIRST_FILE = "several files of many frames in its folder, the first is used"


class _Item(NamedTuple):
    """A file and its elements, pixels left out."""

    file: Path
    dataset: Any


class _Series(NamedTuple):
    """The slices of a folder that make its volume."""

    files: tuple[Path, ...]
    first: Any
    stack: Stack
    header: VolumeHeader
    remarks: tuple[str, ...]


def accepts(path: Path) -> bool:
    """Return whether a folder is one sample: DICOM files of a series.

    It holds no visible folders. A few files are opened. Those of different series are
    samples each by themselves, such as views of many patients, unless half of them are
    of one series, or all are of one patient and two of one series.
    """
    if not is_folder(path):
        return False
    try:
        inside = _inside(path)
    except DataError:
        return False
    if any(map(is_folder, inside)):
        return False
    files = _files(inside)
    keys: list[Hashable] = []
    patients = set()
    for file in files[:: max(1, len(files) // _PROBES)][: 2 * _PROBES]:
        if not dicom.accepts(file):
            continue
        with suppress(DataError), guarded(file, dicom.NOUN):
            dataset = dicom.elements(file, pixels=False)
            keys.append(_series_of(dataset))
            patients.add(_patient_of(dataset))
    most = max(Counter(keys).values(), default=0)
    one_patient = len(patients) == 1
    return len(keys) == 1 or (most > 1 and (one_patient or 2 * most >= len(keys)))


def peek(path: Path) -> VolumeHeader:
    """Read the headers of all slices; see `Format.peek`."""
    with guarded(path, _NOUN):
        return _series(path).header


def read(path: Path) -> Volume:
    """Read the slices, sorted by their positions; see `Format.read`."""
    with guarded(path, _NOUN):
        series = _series(path)
    if len(series.files) == 1:
        volume = dicom.read(series.files[0])
        return volume._replace(remarks=(*series.remarks, *volume.remarks))
    with guarded(path, _NOUN):
        header, stack = series.header, series.stack
        rows, columns = int(series.first.Rows), int(series.first.Columns)
        shape = (len(stack.order), rows, columns, header.channels)
        array = np.empty(shape, header.dtype)
        remarks = [*series.remarks, *stack.remarks]
        for place, chosen in enumerate(stack.order):
            dataset = dicom.elements(series.files[chosen], pixels=True)
            frames, said = dicom.frames_of(dataset, header.dtype)
            array[place] = frames[0]
            remarks += said
        array = turned(array, stack.turn)
        return Volume(array, header, tuple(dict.fromkeys(remarks)))


def _inside(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return entries(folder)
    except DataError as error:  # names the folder, which may be called like a patient
        raise DataError("its folder cannot be listed") from error


def _files(inside: Iterable[os.DirEntry[str]]) -> list[Path]:
    return [Path(e) for e in inside if e.name != _INDEX and is_regular(e)]


def _series(path: Path) -> _Series:
    """Choose the slices of a folder.

    Raises:
        DataError: If there are none, or most would be left out.
    """
    found, left_out = _readable(path)
    _refuse_many_patients(found)
    remarks = [LEFT_OUT] if left_out else []
    for key, remark in ((_series_of, LARGEST), (_form, MAJORITY)):
        kept = _most_common(found, key)
        remarks += [remark] if len(kept) < len(found) else []
        found = kept
    kept = _most_common(found, _direction)
    if len(found) / 2 < len(kept) < len(found):  # else they turn on purpose
        found, remarks = kept, [*remarks, PARALLEL]
    if len(found) > 1 and int(found[0].dataset.get("NumberOfFrames") or 1) > 1:
        found, remarks = found[:1], [*remarks, FIRST_FILE]
    datasets = [item.dataset for item in found]
    stack = stack_of(datasets)
    header = dicom.header_of(datasets[0], stack)
    if len({dicom.dtype_of(dataset) for dataset in datasets}) > 1:
        header = header._replace(dtype="float32")  # each slice has its own slope
    check_claim((*header.size, header.channels), 0, 0)
    return _Series(
        tuple(item.file for item in found),
        found[0].dataset,
        stack,
        header,
        tuple(remarks),
    )


def _readable(path: Path) -> tuple[list[_Item], int]:
    """Return the files that have pixels, and how many DICOM files have not."""
    found, refused = [], []
    for file in _files(_inside(path)):
        if not dicom.accepts(file):
            continue
        try:
            with guarded(file, dicom.NOUN):
                found.append(_Item(file, dicom.elements(file, pixels=False)))
        except DataError as error:
            refused.append(str(error))
    if not found:
        first = f"; the first of them {refused[0]}" if refused else ""
        raise DataError(f"a folder without a readable DICOM slice{first}")
    return found, len(refused)


def _refuse_many_patients(items: list[_Item]) -> None:
    """Refuse a folder of which most would be left out, unless it is of one patient."""
    patients = {_patient_of(item.dataset) for item in items}
    sizes = Counter(_series_of(item.dataset) for item in items)
    largest = max(sizes.values())
    if len(patients) > 1 and 2 * largest < len(items):
        raise DataError(
            f"a folder of {len(sizes):,} DICOM series of {len(patients):,} patients, "
            f"the largest of which has only {largest:,} of its {len(items):,} files; "
            "give each a folder of its own"
        )


def _most_common(items: list[_Item], key: Callable[[Any], Hashable]) -> list[_Item]:
    """Return the items whose key most of them have; the first such key wins."""
    keys = [key(item.dataset) for item in items]
    chosen = Counter(keys).most_common(1)[0][0]
    return [item for item, own in zip(items, keys, strict=True) if own == chosen]


def _series_of(dataset: Any) -> Hashable:
    return str(dataset.get("SeriesInstanceUID", ""))


def _patient_of(dataset: Any) -> Hashable:
    return str(dataset.get("PatientID", ""))


def _form(dataset: Any) -> Hashable:
    names = ("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation")
    return tuple(str(dataset.get(name, "")) for name in names)


def _direction(dataset: Any) -> Hashable:
    orientation = dataset.get("ImageOrientationPatient") or ()
    return tuple(round(float(number), 1) for number in orientation)
