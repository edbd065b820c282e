"""Data that is known and yet not read: why, and what to give instead."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.listing import (
    entries,
    files_below,
    is_folder,
    is_regular,
)
from automl_datasets.naming import counted, shown
from automl_datasets.unmarked import HEAD, is_pickle

_SAVE = "np.savez('data.npz', x_train=..., y_train=..., x_test=..., y_test=...)"
_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")
_LOOKED_AT = 1_000  # files below a folder
_NAMED = 3

# Endings, what such a file is, and what opens it.
_FORMATS = (
    ((".mat",), "a MATLAB file", "scipy.io.loadmat"),
    ((".h5", ".hdf5"), "an HDF5 file", "h5py.File"),
    ((".parquet", ".feather"), "a file of columns", "pandas"),
    ((".tfrecord", ".tfrecords"), "a file of TensorFlow records", "tf.data"),
)
_SET_ENDINGS = (".tsv", ".txt", ".ts", ".arff", ".csv", ".npz")
_TWIN = re.compile(r"[xy](_\w+)?\.(txt|csv|tsv|tab|dat)", re.IGNORECASE)
_SETS_LOOKED_AT = 200


class _Twins(NamedTuple):
    """A file of samples, and that of their labels beside it."""

    samples: Path
    labels: Path


def refuse_misread(path: Path) -> None:
    """Refuse data that would be taken for something that it is not.

    Raises:
        DataError: If a folder holds data sets of their own rather than classes, or
            the labels of a text file of numbers lie in another.
    """
    inside = entries(path) if is_folder(path) else None
    if inside is not None and len(sets := _sets_in(inside)) > 1:
        raise DataError(
            f"{path} holds many data sets ({_few(sets)}), each a folder with training "
            "and test files of its own; give the path of one, like "
            f"{path / shown(sets[0])}."
        )
    twins = _twins_of(path) if inside is None else _twins_in(inside)
    if twins is not None:
        samples, labels = (shown(file.name) for file in twins)
        raise DataError(
            f"The labels of {twins.samples} lie in {labels} beside it, and samples and "
            f"labels in two text files are not read; load {samples} and {labels} with "
            f"np.loadtxt or pandas, and save both in one file with {_SAVE}."
        )


def _sets_in(inside: Sequence[os.DirEntry[str]]) -> list[str]:
    """Return the folders of the form `NAME/NAME_TRAIN.tsv` and `NAME/NAME_TEST.tsv`."""
    first = islice(filter(is_folder, inside), _SETS_LOOKED_AT)
    return [entry.name for entry in first if _is_set(Path(entry.path))]


def _is_set(folder: Path) -> bool:
    beginning = folder / folder.name
    return any(
        is_regular(Path(f"{beginning}_TRAIN{ending}"))
        and is_regular(Path(f"{beginning}_TEST{ending}"))
        for ending in _SET_ENDINGS
    )


def _twins_in(inside: Sequence[os.DirEntry[str]]) -> _Twins | None:
    """Return such files in a folder, or in its folders called by splits."""
    deeper = {entry.name: entry.path for entry in inside if is_folder(entry)}
    splits = (entries(deeper[name]) for name in ("train", "test") if name in deeper)
    for one in chain([inside], splits):
        named = (Path(e.path) for e in one if _TWIN.fullmatch(e.name))
        if (twins := next(filter(None, map(_twins_of, named)), None)) is not None:
            return twins
    return None


def _twins_of(path: Path) -> _Twins | None:
    """Return `X_train.txt` and `y_train.txt` for either of them."""
    if not _TWIN.fullmatch(path.name):
        return None
    samples, labels = _beside(path, "Xx"), _beside(path, "yY")
    return _Twins(samples, labels) if samples and labels else None


def _beside(path: Path, firsts: str) -> Path | None:
    """Return the file whose name differs in the first letter alone."""
    files = [path.with_name(first + path.name[1:]) for first in firsts]
    return next(filter(is_regular, files), None)


def why_unread(path: Path) -> str | None:
    """Return the sentence to refuse data with that no source reads, if it is known.

    Args:
        path: A file or folder that exists.
    """
    if is_regular(path):
        return _why_file(path)
    archives = [e.name for e in entries(path) if _is_archive(e.name) and is_regular(e)]
    if len(archives) > 1:
        return (
            f"{path} holds {len(archives)} .npz files ({_few(archives)}), which are no "
            "splits of one data set; give the path of one, like "
            f"{path / shown(archives[0])}."
        )
    below = filter(is_regular, islice(files_below(path), _LOOKED_AT))
    return next(filter(None, (_why_file(Path(entry.path)) for entry in below)), None)


def _is_archive(name: str) -> bool:
    return name.lower().endswith(".npz")


def _why_file(path: Path) -> str | None:
    if _is_pickle(path):
        return (
            f"{path} is a pickle, which is not opened, because opening one can run any "
            f"code; open it yourself where you trust it, and save its arrays with "
            f"{_SAVE}."
        )
    for endings, noun, opens in _FORMATS:
        # The parts of a set are called like train.tfrecord-00000-of-00010.
        if any(_ends(path.name.lower(), ending) for ending in endings):
            return (
                f"{path} is {noun}, which is not read; open it with {opens}, and save "
                f"its arrays with {_SAVE}, or its table as CSV."
            )
    return None


def _ends(name: str, ending: str) -> bool:
    return name.endswith(ending) or f"{ending}-" in name


def _is_pickle(path: Path) -> bool:
    """Return whether a file is a pickle, by its ending or its first bytes."""
    if path.suffix.lower() in _PICKLES:
        return True
    try:
        with path.open("rb") as file:
            return is_pickle(file.read(HEAD))
    except OSError:
        return False


def _few(names: list[str]) -> str:
    listed = ", ".join(map(shown, names[:_NAMED]))
    more = len(names) - _NAMED
    return listed if more <= 0 else f"{listed} and {counted(more, 'other')}"
