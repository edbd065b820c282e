"""NumPy `.npz` files: arrays of samples and labels, perhaps per split."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.array_files import load_array
from automl_datasets.errors import DataError
from automl_datasets.listing import is_folder, is_regular
from automl_datasets.media import video, volume
from automl_datasets.media.volume_formats._base import MAX_CHANNELS
from automl_datasets.naming import shown
from automl_datasets.options import DataOptions
from automl_datasets.resizing import resize_array
from automl_datasets.samples import (
    Layout,
    Plan,
    Reading,
    Sample,
    Scan,
    with_targets,
)
from automl_datasets.series import FIT, as_reading
from automl_datasets.shapes import Form, form_of
from automl_datasets.sources._npz_arrays import MemberRows, headers, rows_of
from automl_datasets.sources._npz_labels import groups_of, targets_of
from automl_datasets.sources._npz_pairs import Pair, pairs_of
from automl_datasets.sources._split_files import (
    candidate_file,
    first_file,
    other_splits,
)

NAME = "npz file"
FORM = "an .npz file with x and y, or x_train, y_train, x_test, y_test"
PARALLEL = False

_SUFFIXES = frozenset({".npz"})
_EXACT_IN_FLOAT32 = 2**24
_PREPROCESSING: dict[str, Callable[[tuple[int, ...]], dict[str, Any]]] = {
    "image": lambda shape: {},
    "series": lambda shape: {"length": shape[0], "fit": FIT},
    "volume": lambda shape: {"spacing": None, "fit": volume.FIT, "window": None},
    "video": lambda shape: {"frames": shape[0], "fit": video.FIT},
}


def recognise(path: Path) -> str | None:
    """Return why a path is taken for an `.npz` file, or `None`."""
    if is_folder(path):
        file = candidate_file(path, _SUFFIXES)
        return f"a folder that holds {shown(file.name)}" if file else None
    if not is_regular(path):
        return None
    if path.suffix.lower() in _SUFFIXES:
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
    start = (first_file(path, _SUFFIXES) or path) if path.is_dir() else path
    pairs, pair_notes = pairs_of(start, options)
    shapes = [pair.found[pair.inputs].shape for pair in pairs]
    form = _common_form(start, shapes, options.kind)
    if not sum(shape[0] for shape in shapes):
        raise DataError(f"{start} holds no samples; add some.")
    targets = targets_of(pairs, options)
    groups, notes = groups_of(pairs, options)
    several = len({pair.path for pair in pairs}) > 1
    samples = [
        sample
        for pair, names in zip(pairs, groups, strict=True)
        for sample in _samples(pair, names, several=several)
    ]
    if given := [pair.inputs for pair in pairs if pair.declared]:
        notes.append(f"Splits kept as given by the arrays {', '.join(given)}.")
    return Scan(
        form.kind,
        targets.classes,
        with_targets(samples, targets.values),
        notes=(form.why, *pair_notes, *notes, *targets.notes),
        task=targets.task,
        targets=targets.names,
    )


def _samples(
    pair: Pair, groups: Sequence[str | None], *, several: bool
) -> Iterator[Sample]:
    """Yield the samples of a pair; of several archives, they are named by the file."""
    called = shown(pair.path.name) if several else pair.inputs
    for i, group in enumerate(groups):
        name = f"{called}[{i}]"
        yield Sample(name, 0, pair.split, str(pair.path), pair.inputs, i, group)


def beside(path: Path) -> list[Path]:
    """Return the archives of the other splits; see `Source.beside`."""
    return other_splits(path)


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
    return path.suffix.lower() == ".npy" and is_regular(path)


def read_file(path: Path, layout: Layout) -> Reading:
    """Read one sample from a `.npy` file, without resizing.

    A volume is read as files of volumes are, since it may have been learned from such:
    it may have any size. Only arrays of an archive have more channels than those.

    Raises:
        DataError: If it cannot be read, or has not the shape of a sample.
    """
    if layout.kind == "volume" and layout.shape[-1] <= MAX_CHANNELS:
        return volume.decode(str(path), layout, fitted=False)[0]
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
