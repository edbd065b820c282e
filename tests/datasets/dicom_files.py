"""DICOM files that tests write, each with a patient that nobody may name."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    generate_uid,
)

from automl_datasets.errors import DataError
from automl_datasets.media.volume_formats import dicom, dicom_series
from automl_datasets.media.volume_formats._base import Format, Volume

PATIENT = "Privatus^Ignota"
AXIAL = [1, 0, 0, 0, 1, 0]
SAGITTAL = [0, 1, 0, 0, 0, -1]


def dataset_of(array: NDArray[Any], **elements: Any) -> Dataset:
    """Return a data set of frames `(n, rows, columns)` or one `(rows, columns)`."""
    frames = array.reshape(-1, *array.shape[-2:])
    bits = 8 * array.dtype.itemsize
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.PatientName, dataset.PatientID = PATIENT, PATIENT
    dataset.StudyDescription = PATIENT
    dataset.SeriesInstanceUID = "1.2.3"
    dataset.Rows, dataset.Columns = frames.shape[1:]
    if array.ndim == 3:
        dataset.NumberOfFrames = len(frames)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(array.dtype.kind == "i")
    dataset.PixelData = array.tobytes()
    for name, value in elements.items():
        setattr(dataset, name, value)
    return dataset


def write(path: Path, array: NDArray[Any], **elements: Any) -> Path:
    dataset = dataset_of(array, **elements)
    dataset.save_as(
        path, implicit_vr=False, little_endian=True, enforce_file_format=True
    )
    return path


def write_series(
    folder: Path,
    array: NDArray[Any],
    *,
    orientation: list[int] | None = None,
    places: list[float] | None = None,
    **elements: Any,
) -> Path:
    """Write slices whose names and numbers run against their positions."""
    folder.mkdir(exist_ok=True)
    orientation = orientation or AXIAL
    normal = np.cross(orientation[:3], orientation[3:])
    for place, pixels in enumerate(array):
        where = (places or [2.5 * i for i in range(len(array))])[place]
        write(
            folder / f"{len(array) - place:03d}",
            pixels,
            InstanceNumber=len(array) - place,
            ImagePositionPatient=(normal * where).tolist(),
            ImageOrientationPatient=orientation,
            PixelSpacing=[0.5, 0.75],
            **elements,
        )
    return folder


def pixels(*shape: int, dtype: str = "uint16") -> NDArray[Any]:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def read(path: Path) -> Volume:
    """Read a file or folder; its header must be the one that `peek` returns."""
    form: Format = dicom_series if path.is_dir() else dicom
    found = form.read(path)
    assert form.peek(path) == found.header
    assert found.array.shape == (*found.header.size, found.header.channels)
    assert found.array.dtype == found.header.dtype
    return found


def refusal(path: Path) -> str:
    """Return the reason of a refusal, in whose traceback no patient is named."""
    with pytest.raises(DataError) as caught:
        read(path)
    assert "Privatus" not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)
