"""NumPy `.npz` files: arrays of samples and labels, perhaps per split."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.array_files import ArrayHeader, load_array
from automl_datasets.errors import DataError
from automl_datasets.media import video, volume
from automl_datasets.naming import shown
from automl_datasets.options import DataOptions
from automl_datasets.resizing import resize_array
from automl_datasets.series import FIT, as_reading
from automl_datasets.shapes import Form, form_of
from automl_datasets.sources._base import (
    Layout,
    Plan,
    Reading,
    Sample,
    Scan,
    with_targets,
)
from automl_datasets.sources._npz_arrays import MemberRows, headers, rows_of
from automl_datasets.sources._npz_labels import Pair, groups_of, partner, targets_of

NAME = "npz file"
FORM = "an .npz file with x and y, or x_train, y_train, x_test, y_test"
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
_EXACT_IN_FLOAT32 = 2**24
_PREPROCESSING: dict[str, Callable[[tuple[int, ...]], dict[str, Any]]] = {
    "image": lambda shape: {},
    "series": lambda shape: {"length": shape[0], "fit": FIT},
    "volume": lambda shape: {"spacing": None, "fit": volume.FIT, "window": None},
    "video": lambda shape: {"frames": shape[0], "fit": video.FIT},
}


def recognise(path: Path) -> str | None:
    """Return why a file is taken for an `.npz` file, or `None`."""
    if not path.is_file():
        return None
    if path.suffix.lower() == ".npz":
        return "a file named .npz"
    return "a zip file that holds .npy arrays" if _is_archive(path) else None


def _is_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except Exception:  # no zip file, or broken in one of a hundred ways
        return False


def scan(path: Path, options: DataOptions) -> Scan:
    """List the samples and read the labels; inputs are not read.

    Raises:
        DataError: If arrays are missing, of unequal length, of Python objects, or
            of a shape or label that is not understood.
    """
    path = path.absolute()
    found = headers(path)
    pairs = _pairs(path, list(found), options)
    for pair in pairs:
        _check_pair(path, pair, found)
    shapes = [found[pair.inputs].shape for pair in pairs]
    form = _common_form(path, shapes, options.kind)
    if not sum(shape[0] for shape in shapes):
        raise DataError(f"{path} holds no samples; add some.")
    targets = targets_of(path, pairs, found, options)
    groups, notes = groups_of(path, pairs, found, options)
    samples = [
        Sample(f"{pair.inputs}[{i}]", 0, pair.split, str(path), pair.inputs, i, name)
        for pair, names in zip(pairs, groups, strict=True)
        for i, name in enumerate(names)
    ]
    if given := [pair.inputs for pair in pairs if pair.split]:
        notes.append(f"Splits kept as given by the arrays {', '.join(given)}.")
    return Scan(
        form.kind,
        targets.classes,
        with_targets(samples, targets.values),
        notes=(form.why, *notes, *targets.notes),
        task=targets.task,
        targets=targets.names,
    )


def beside(path: Path) -> list[Path]:
    """Return nothing: all of the data is at the path."""
    return []


def plan(scan: Scan, options: DataOptions, *, thorough: bool) -> Plan:
    """Decide on shape and dtype from the headers of the arrays.

    Raises:
        DataError: If test data has another shape, or `image_size` is asked for data
            that is no image.
    """
    image_size = options.image_size
    members = dict.fromkeys((s.location, s.member) for s in scan.samples)
    heads = [headers(Path(location))[member] for location, member in members]
    where = scan.samples[0].location
    form = _common_form(Path(where), [head.shape for head in heads], scan.kind)
    dtype, notes = _prepared_dtype([head.dtype for head in heads], form.kind)
    shape = form.shape
    if image_size is not None:
        if form.kind != "image":
            raise DataError(
                f"`image_size` is for images, but {where} holds samples of kind "
                f"{form.kind} and shape {shape}; leave it out."
            )
        shape = (*image_size, shape[-1])
        notes.append(f"Image size {image_size[0]}x{image_size[1]}, as asked for.")
    layout = Layout(form.kind, shape, dtype, _PREPROCESSING[form.kind](shape))
    return Plan(
        layout,
        NpzReader(layout),
        tuple(notes),
        sizes=(form.shape[:-1],),
        fitting=volume.fitting(layout) if form.kind == "volume" else None,
    )


@dataclass
class NpzReader:
    """Reads samples out of `.npz` files, one member at a time."""

    layout: Layout
    _held: dict[tuple[str, str], NDArray[Any] | MemberRows] = field(
        default_factory=dict
    )

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Return one sample in the layout; see `Reader.read`."""
        key = (sample.location, sample.member)
        if key not in self._held:
            self._held.clear()
            self._held[key] = rows_of(Path(sample.location), sample.member)
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
        array = load_array(path)
    except DataError as error:
        raise DataError(f"not a readable .npy file: {error}") from error
    return _as_reading(array, layout, fitted=False)


def _as_reading(array: NDArray[Any], layout: Layout, *, fitted: bool) -> Reading:
    """Bring one sample to rank and dtype of the layout, and to its shape if asked."""
    if array.ndim == len(layout.shape) - 1 and layout.shape[-1] == 1:
        array = array[..., np.newaxis]
    if layout.kind == "series":
        return as_reading(array, layout, fitted=fitted)
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


def _pairs(path: Path, members: list[str], options: DataOptions) -> list[Pair]:
    by_name = {name.lower(): name for name in members}
    pairs = []
    for split, inputs, usual in _MEMBERS:
        labels = usual
        if inputs in by_name and options.target is not None:
            labels = partner(options.target, split, members, path).lower()
        if inputs in by_name and labels not in by_name:
            raise DataError(
                f"{path} holds `{by_name[inputs]}` without labels; add `{labels}`."
            )
        if inputs in by_name:
            pairs.append(Pair(split, by_name[inputs], by_name[labels]))
    if any(pair.split for pair in pairs):
        pairs = [pair for pair in pairs if pair.split]
    if not pairs:
        found = ", ".join(shown(name) for name in members) or "nothing"
        raise DataError(
            f"{path} holds {found}, but x_train, y_train, x_test, y_test (or x, y) "
            "are needed; rename the arrays."
        )
    return pairs


def _check_pair(path: Path, pair: Pair, found: Mapping[str, ArrayHeader]) -> None:
    for member in (pair.inputs, pair.labels):
        if found[member].dtype.hasobject:
            raise DataError(
                f"`{member}` in {path} holds Python objects, which may run code when "
                "loaded; save plain numbers or text instead."
            )
    inputs, labels = found[pair.inputs], found[pair.labels]
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


def _common_form(path: Path, shapes: list[tuple[int, ...]], kind: str) -> Form:
    forms = {form_of(shape, source=str(path), kind=kind) for shape in shapes}
    if len({form.shape for form in forms}) > 1:
        listed = ", ".join(str(shape) for shape in shapes)
        raise DataError(
            f"The arrays of {path} must hold samples of one shape, but have shapes "
            f"{listed}."
        )
    return forms.pop()


def _prepared_dtype(dtypes: list[np.dtype[Any]], kind: str) -> tuple[str, list[str]]:
    given = sorted({dtype.name for dtype in dtypes})
    if kind == "series":
        given = given if given == ["float32"] else ["numbers"]
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
