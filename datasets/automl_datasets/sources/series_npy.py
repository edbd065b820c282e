"""Series in a `.npy` array, with their labels in another beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from automl_datasets.array_files import load_array
from automl_datasets.errors import DataError
from automl_datasets.listing import is_folder, is_regular
from automl_datasets.naming import plural, shown
from automl_datasets.options import DataOptions
from automl_datasets.samples import (
    Array,
    Layout,
    Plan,
    Reading,
    Sample,
    Scan,
    with_targets,
)
from automl_datasets.series import as_reading
from automl_datasets.shapes import form_of
from automl_datasets.sources._many_samples import LastOpened
from automl_datasets.sources._many_samples import accepts as accepts
from automl_datasets.sources._many_samples import read_file as read_file
from automl_datasets.sources._series_lines import plan_series
from automl_datasets.sources._split_files import other_splits, split_files, split_of
from automl_datasets.target_columns import unlabelled
from automl_datasets.targets import decide

NAME = "npy file"
FORM = "x.npy of series beside y.npy of labels"
PARALLEL = False

_INPUTS = ("x", "inputs", "data", "series")


def recognise(path: Path) -> str | None:
    """Return why a path is taken for an array of series, or `None`."""
    if is_folder(path):
        file = _inputs_in(path)
        return f"a folder that holds {recognise(file)}" if file else None
    if path.suffix.lower() != ".npy" or not is_regular(path):
        return None
    labels = _labels_beside(path)
    if labels is None:
        return None
    return f"an array of series, its labels in {shown(labels.name)}"


def scan(path: Path, options: DataOptions) -> Scan:
    """List the series of an array, and of the other split beside it.

    Raises:
        DataError: If the array holds no series, or labels are missing or cannot be
            used.
    """
    path = path.absolute()
    start = (_inputs_in(path) or path) if is_folder(path) else path
    if options.group is not None:
        raise DataError(
            f"{path} has no columns, so none to group by such as {options.group!r}; "
            "leave `group` out, or give a CSV file."
        )
    _refuse_others(start, options)
    files, notes = split_files(start)
    labels = [_labels(file) for _, file in files]
    samples = [
        Sample(f"{shown(file.name)}[{i}]", 0, split, str(file), place=i)
        for (split, file), of_file in zip(files, labels, strict=True)
        for i in range(len(of_file))
    ]
    found = _labelled(samples, _columns(labels, start), options, source=start)
    return replace(found, notes=(*notes, *found.notes))


def _labelled(
    samples: Sequence[Sample],
    columns: Mapping[str, Sequence[Any]],
    options: DataOptions,
    *,
    source: Path,
) -> Scan:
    """Return the samples that have labels, with their targets.

    Raises:
        DataError: If none has, or the labels cannot be used.
    """
    missing = set(unlabelled(columns, options, source=str(source)))
    kept = [place for place in range(len(samples)) if place not in missing]
    if not kept:
        raise DataError(f"{source} holds no labelled series; add some.")
    chosen = {
        name: [values[place] for place in kept] for name, values in columns.items()
    }
    targets = decide(chosen, options, source=str(source))
    return Scan(
        "series",
        targets.classes,
        with_targets((samples[place] for place in kept), targets.values),
        tuple((samples[place].name, "has no label") for place in sorted(missing)),
        targets.notes,
        targets.task,
        targets.names,
    )


def beside(path: Path) -> list[Path]:
    """Return the other splits, and the labels of all; see `Source.beside`."""
    if path.is_dir():
        return []
    splits = [path, *other_splits(path)]
    labels = [labels for file in splits if (labels := _labels_beside(file))]
    return [*splits[1:], *labels]


def plan(scan: Scan, options: DataOptions, *, thorough: bool) -> Plan:
    """Decide on length and channels from the shapes of the arrays."""
    arrays = Arrays()
    return plan_series(scan, arrays.series, ArrayReader)


def reader(layout: Layout) -> ArrayReader:
    """Return a reader into a layout that is given."""
    return ArrayReader(layout)


@dataclass(frozen=True)
class Arrays:
    """Memory-mapped arrays, one at a time."""

    last: LastOpened[Array] = field(default_factory=LastOpened)

    def series(self, sample: Sample) -> Array:
        """Return the series of a sample, shape `(length, channels)`.

        Raises:
            DataError: If the file cannot be read.
        """
        path = Path(sample.location)
        array = self.last.get(path, lambda: _load(path))[sample.place]
        series: Array = array[:, None] if array.ndim == 1 else array
        return series


@dataclass(frozen=True)
class ArrayReader:
    """Reads series out of `.npy` arrays.

    Attributes:
        layout: The form to reach.
        arrays: The arrays in use.
    """

    layout: Layout
    arrays: Arrays = field(default_factory=Arrays)

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Read the series of a sample; see `Reader.read`."""
        return as_reading(self.arrays.series(sample), self.layout, fitted=fitted)


def _load(path: Path) -> Array:
    try:
        return load_array(path, mapped=True)
    except DataError as error:
        raise DataError(
            f"{path} is not a readable .npy file of numbers or text ({error}); save it "
            "again."
        ) from error


def _refuse_others(path: Path, options: DataOptions) -> None:
    asked = "series" if options.kind == "series" else "auto"
    array = _load(path)
    form = form_of(array.shape, source=str(path), kind=asked)
    if form.kind != "series":
        raise DataError(
            f"{path} holds {plural(form.kind)} of shape {form.shape}, but only series "
            "are read from .npy files with labels beside them; save both into one file "
            "with np.savez('data.npz', x=x, y=y)."
        )
    if array.dtype.kind not in "biuf":
        raise DataError(
            f"{path} holds values of type {array.dtype}, but numbers are needed; save "
            "the series as numbers."
        )


def _labels_beside(path: Path) -> Path | None:
    """Return the file of labels of an array: `NAME_labels.npy`, or `y` for `x`."""
    by_name = {p.name.lower(): p for p in path.parent.glob("*.[nN][pP][yY]")}
    for name in _label_names(path.stem.lower()):
        found = by_name.get(f"{name}.npy")
        if found is not None and found.name != path.name:
            return found
    return None


def _label_names(stem: str) -> list[str]:
    names = [f"{stem}_labels", f"{stem}_label", f"{stem}_y", f"{stem}_targets"]
    named = split_of(Path(f"{stem}.npy"))
    name, split = named if named else (stem, "")
    ending = stem[len(name) :]
    if name in _INPUTS:
        names += [f"y{ending}", f"labels{ending}"]
    if name.endswith("_x"):
        names.append(f"{name[:-2]}_y{ending}")
    if not split:
        names += ["y", "labels"]
    return names


def _inputs_in(folder: Path) -> Path | None:
    files = sorted(folder.glob("*.[nN][pP][yY]"))
    stems = {
        name + ending for name in _INPUTS for ending in ("", "_train", "_training")
    }
    for file in files:
        if file.stem.lower() in stems and recognise(file):
            return file
    return None


def _labels(path: Path) -> Array:
    beside = _labels_beside(path)
    if beside is None:
        raise DataError(
            f"{path} has no labels beside it; add {shown(path.stem)}_labels.npy."
        )
    labels, inputs = _load(beside), _load(path)
    if labels.ndim not in (1, 2) or len(labels) != len(inputs):
        raise DataError(
            f"{path} and {beside} must be equally long, but have shapes {inputs.shape} "
            f"and {labels.shape}."
        )
    return labels


def _columns(parts: list[Array], path: Path) -> dict[str, list[Any]]:
    if len({part.shape[1:] for part in parts}) > 1:
        raise DataError(
            f"The labels of the splits of {path} differ in shape; give as many for "
            "each sample."
        )
    labels = np.concatenate([np.asarray(part) for part in parts])
    return {"label": list(labels.tolist())}
