"""NumPy `.npz` files: arrays of samples and labels, perhaps per split."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.labels import as_classes
from automl_datasets.naming import shown
from automl_datasets.resizing import resize_array
from automl_datasets.shapes import Form, form_of
from automl_datasets.sources._base import Layout, Plan, Reading, Sample, Scan

NAME = "npz file"
FORM = "an .npz file with x_train, y_train, x_test, y_test (or x, y)"
PARALLEL = False

# split, inputs, labels; compared in lower case.
_MEMBERS = (
    ("train", "x_train", "y_train"),
    ("val", "x_val", "y_val"),
    ("val", "x_valid", "y_valid"),
    ("test", "x_test", "y_test"),
    ("train", "train_images", "train_labels"),
    ("val", "val_images", "val_labels"),
    ("test", "test_images", "test_labels"),
    (None, "x", "y"),
)
_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, KeyError)
_EXACT_IN_FLOAT32 = 2**24


class _Pair(NamedTuple):
    split: str | None
    inputs: str
    labels: str


def recognise(path: Path) -> str | None:
    """Return why a file is taken for an `.npz` file, or `None`."""
    if not path.is_file():
        return None
    if path.suffix.lower() == ".npz":
        return "a file named .npz"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(name.endswith(".npy") for name in archive.namelist()):
                return "a zip file that holds .npy arrays"
    return None


def scan(path: Path) -> Scan:
    """List the samples and read the labels; inputs are not read.

    Raises:
        DataError: If arrays are missing, of unequal length, of Python objects, or
            of a shape or label that is not understood.
    """
    path = path.absolute()
    headers = _headers(path)
    pairs = _pairs(path, list(headers))
    for pair in pairs:
        _check_pair(path, pair, headers)
    form = _common_form(path, [headers[pair.inputs].shape for pair in pairs])
    labels = [_load(path, pair.labels) for pair in pairs]
    names = _load(path, "classes") if "classes" in headers else None
    targets, classes = as_classes(labels, names, source=str(path))
    samples = tuple(
        Sample(
            f"{pair.inputs}[{i}]", int(target), pair.split, str(path), pair.inputs, i
        )
        for pair, part in zip(pairs, targets, strict=True)
        for i, target in enumerate(part)
    )
    if not samples:
        raise DataError(f"{path} holds no samples; add some.")
    notes = [form.why]
    if given := [pair.inputs for pair in pairs if pair.split]:
        notes.append(f"Splits kept as given by the arrays {', '.join(given)}.")
    return Scan(form.kind, classes, samples, notes=tuple(notes))


def plan(scan: Scan, image_size: tuple[int, int] | None, *, thorough: bool) -> Plan:
    """Decide on shape and dtype from the headers of the arrays.

    Raises:
        DataError: If test data has another shape, or `image_size` is asked for data
            that is no image.
    """
    members = dict.fromkeys((s.location, s.member) for s in scan.samples)
    heads = [_headers(Path(location))[member] for location, member in members]
    where = scan.samples[0].location
    form = _common_form(Path(where), [head.shape for head in heads])
    dtype, notes = _prepared_dtype([head.dtype for head in heads])
    shape = form.shape
    if image_size is not None:
        if form.kind != "image":
            raise DataError(
                f"`image_size` is for images, but {where} holds samples of kind "
                f"{form.kind} and shape {shape}; leave it out."
            )
        shape = (*image_size, shape[-1])
        notes.append(f"Image size {image_size[0]}x{image_size[1]}, as asked for.")
    layout = Layout(form.kind, shape, dtype)
    return Plan(layout, NpzReader(layout), tuple(notes), sizes=(form.shape[:-1],))


@dataclass
class NpzReader:
    """Reads samples out of `.npz` files, holding one member in memory at a time."""

    layout: Layout
    _held: dict[tuple[str, str], NDArray[Any]] = field(default_factory=dict)

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Return one sample in the layout; see `Reader.read`."""
        key = (sample.location, sample.member)
        if key not in self._held:
            self._held.clear()
            self._held[key] = _load(Path(sample.location), sample.member)
        return _as_reading(self._held[key][sample.place], self.layout, fitted=fitted)


def reader(layout: Layout) -> NpzReader:
    """Return a reader into a layout that is given."""
    return NpzReader(layout)


def accepts(path: Path, kind: str) -> bool:
    """Return whether a file is a `.npy` array, which holds one sample of any kind."""
    return path.suffix.lower() == ".npy" and path.is_file()


def read_file(path: Path, layout: Layout) -> Reading:
    """Read one sample from a `.npy` file, without resizing.

    Raises:
        DataError: If it cannot be read, or has not the shape of a sample.
    """
    try:
        array = np.load(path, allow_pickle=False)
    except _BROKEN as error:
        raise DataError(f"not a readable .npy file: {error}") from error
    return _as_reading(array, layout, fitted=False)


def _as_reading(array: NDArray[Any], layout: Layout, *, fitted: bool) -> Reading:
    """Bring one sample to rank and dtype of the layout, and to its shape if asked."""
    if array.ndim == len(layout.shape) - 1 and layout.shape[-1] == 1:
        array = array[..., np.newaxis]
    fits = array.shape == layout.shape
    same_rank = array.ndim == len(layout.shape) and array.shape[-1] == layout.shape[-1]
    if not fits and not (layout.kind == "image" and same_rank and array.size):
        raise DataError(f"has shape {array.shape}, but {layout.shape} is needed")
    size = array.shape[:-1]
    array = _cast(array, np.dtype(layout.dtype))
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise DataError("holds NaN or infinite values")
    if fitted and not fits:
        array = resize_array(array, (layout.shape[0], layout.shape[1]))
    return Reading(array, size)


def _cast(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    if array.dtype == dtype:
        return array
    with np.errstate(invalid="ignore", over="ignore"):  # what does not fit is refused
        cast = array.astype(dtype)
    if dtype.kind == "u" and not np.array_equal(cast, array):
        raise DataError(f"holds values of type {array.dtype} that {dtype} cannot")
    return cast


class _ArrayHeader(NamedTuple):
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def _headers(path: Path) -> dict[str, _ArrayHeader]:
    """Read shape and dtype of every array without its data."""
    found = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".npy"):
                    with archive.open(name) as member:
                        found[name.removesuffix(".npy")] = _array_header(member)
    except _BROKEN as error:
        raise DataError(
            f"{path} is not a readable .npz file ({error}); save it again."
        ) from error
    return found


def _array_header(member: Any) -> _ArrayHeader:
    read: Callable[..., tuple[tuple[int, ...], bool, np.dtype[Any]]]
    version = npy_format.read_magic(member)
    read = npy_format.read_array_header_1_0
    if version != (1, 0):
        read = npy_format.read_array_header_2_0
    shape, _, dtype = read(member)
    return _ArrayHeader(shape, dtype)


def _load(path: Path, member: str) -> NDArray[Any]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            array: NDArray[Any] = archive[member]
    except _BROKEN as error:
        raise DataError(
            f"The array `{member}` in {path} cannot be read ({error}); save it again."
        ) from error
    return array


def _pairs(path: Path, members: list[str]) -> list[_Pair]:
    by_name = {name.lower(): name for name in members}
    pairs = []
    for split, inputs, labels in _MEMBERS:
        if inputs in by_name and labels not in by_name:
            raise DataError(
                f"{path} holds `{by_name[inputs]}` without labels; add `{labels}`."
            )
        if inputs in by_name:
            pairs.append(_Pair(split, by_name[inputs], by_name[labels]))
    if any(pair.split for pair in pairs):
        pairs = [pair for pair in pairs if pair.split]
    if not pairs:
        found = ", ".join(shown(name) for name in members) or "nothing"
        raise DataError(
            f"{path} holds {found}, but x_train, y_train, x_test, y_test (or x, y) "
            "are needed; rename the arrays."
        )
    return pairs


def _check_pair(path: Path, pair: _Pair, headers: dict[str, _ArrayHeader]) -> None:
    for member in (pair.inputs, pair.labels):
        if headers[member].dtype.hasobject:
            raise DataError(
                f"`{member}` in {path} holds Python objects, which may run code when "
                "loaded; save plain numbers or text instead."
            )
    inputs, labels = headers[pair.inputs], headers[pair.labels]
    if inputs.dtype.kind not in "biuf":
        raise DataError(
            f"`{pair.inputs}` in {path} is of type {inputs.dtype}, but numbers are "
            "needed."
        )
    if inputs.shape[:1] != labels.shape[:1] or not labels.shape:
        raise DataError(
            f"`{pair.inputs}` and `{pair.labels}` in {path} must be equally long, but "
            f"have shapes {inputs.shape} and {labels.shape}."
        )


def _common_form(path: Path, shapes: list[tuple[int, ...]]) -> Form:
    forms = {form_of(shape, source=str(path)) for shape in shapes}
    if len({form.shape for form in forms}) > 1:
        listed = ", ".join(str(shape) for shape in shapes)
        raise DataError(
            f"The arrays of {path} must hold samples of one shape, but have shapes "
            f"{listed}."
        )
    return forms.pop()


def _prepared_dtype(dtypes: list[np.dtype[Any]]) -> tuple[str, list[str]]:
    given = sorted({dtype.name for dtype in dtypes})
    if given in (["uint8"], ["bool"], ["bool", "uint8"]):
        return "uint8", []
    if given == ["uint16"]:
        return "uint16", []
    if given == ["float32"]:
        return "float32", []
    note = f"Values of type {', '.join(given)} are kept as float32"
    exact = all(np.can_cast(dtype, np.float32) for dtype in dtypes)
    limit = "" if exact else f" (integers are exact up to {_EXACT_IN_FLOAT32:,})"
    return "float32", [note + limit + "."]
