"""Data that is known and yet not read: why, and what to give instead."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from automl_datasets.array_files import read_header
from automl_datasets.errors import DataError
from automl_datasets.listing import (
    entries,
    files_below,
    is_folder,
    is_regular,
)
from automl_datasets.naming import few, shown, suffix_of
from automl_datasets.sources import series_arff
from automl_datasets.unmarked import HEAD, is_pickle

_SAVE = "np.savez('data.npz', x_train=..., y_train=..., x_test=..., y_test=...)"
_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")
_LOOKED_AT = 1_000  # files below a folder

# Endings, what such a file is, and what opens it.
_FORMATS = (
    ((".mat",), "a MATLAB file", "scipy.io.loadmat"),
    ((".h5", ".hdf5"), "an HDF5 file", "h5py.File"),
    ((".parquet", ".feather", ".arrow"), "a file of columns", "pandas"),
    ((".xlsx", ".xls", ".ods"), "a spreadsheet", "pandas"),
    ((".edf", ".bdf"), "an EDF recording", "pyedflib"),
    ((".tfrecord", ".tfrecords"), "a file of TensorFlow records", "tf.data"),
)
# The same, of files that stand beside much that is no data as well.
_COMMON_FORMATS = (((".json", ".jsonl", ".ndjson"), "a JSON file", "pandas.read_json"),)
_MOST = 0.5  # share of the files below a folder from which on those are its data
_ARCHIVES = frozenset({".7z", ".rar", ".tar", ".tgz", ".zip"})
_COMPRESSED = frozenset({".br", ".bz2", ".gz", ".lz4", ".lzma", ".xz", ".z", ".zst"})
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
        return _why_file(path) or _why_common(path)
    archives = [e.name for e in entries(path) if _is_archive(e.name) and is_regular(e)]
    if len(archives) > 1:
        return (
            f"{path} holds {len(archives)} .npz files ({_few(archives)}), which are no "
            "splits of one data set; give the path of one, like "
            f"{path / shown(archives[0])}."
        )
    listed = filter(is_regular, islice(files_below(path), _LOOKED_AT))
    below = [Path(entry.path) for entry in listed]
    return next(filter(None, map(_why_file, below)), None) or _why_most(below)


def _is_archive(name: str) -> bool:
    return name.lower().endswith(".npz")


def _why_most(files: Sequence[Path]) -> str | None:
    """Return why the files of one ending, that most have, are not read."""
    if not files:
        return None
    endings = [suffix_of(file.name) for file in files]
    ending, count = Counter(endings).most_common(1)[0]
    if count < _MOST * len(files):
        return None
    return _why_common(files[endings.index(ending)], "all such files")


def _why_file(path: Path) -> str | None:
    """Return why a file is not read that is data wherever it stands."""
    if _is_pickle(path):
        return (
            f"{path} is a pickle, which is not opened, because opening one can run any "
            f"code; open it yourself where you trust it, and save its arrays with "
            f"{_SAVE}."
        )
    if _is_packed_folder(path.name):
        return (
            f"{path} is an archive, which is not read as it is; unpack it, and give "
            "the folder that it held."
        )
    if suffix_of(path.name) == ".arff":
        return series_arff.why_no_series(path)
    return _why_format(path, _FORMATS)


def _is_packed_folder(name: str) -> bool:
    """Return whether a file is called like an archive, compressed or not.

    Example:
        >>> list(map(_is_packed_folder, ["a.ZIP", "a.tar.gz", "a.csv.gz", "a.tar.md5"]))
        [True, True, False, False]
    """
    stem, ending = os.path.splitext(name.lower())  # noqa: PTH122 - as in `suffix_of`
    return ending in _ARCHIVES or (
        ending in _COMPRESSED and suffix_of(stem) in _ARCHIVES
    )


def _why_common(path: Path, which: str = "it") -> str | None:
    """Return why a file is not read that may well stand beside data of other kinds.

    Args:
        path: The file.
        which: What to do something about: it, or more than it.
    """
    suffix = suffix_of(path.name)
    if suffix in _COMPRESSED:
        return (
            f"{path} is compressed, and is not read as it is; unpack {which}, and give "
            "what was held."
        )
    if suffix == ".svg":
        return (
            f"{path} is a drawing, which has no pixels to read; save {which} as PNG, "
            "with rsvg-convert or Inkscape."
        )
    if suffix == ".npy":
        return (
            f"{path} is an array without labels beside it; save its samples and their "
            f"labels in one file with {_SAVE}."
        )
    return _why_format(path, _COMMON_FORMATS)


def _why_format(
    path: Path, formats: Iterable[tuple[tuple[str, ...], str, str]]
) -> str | None:
    for endings, noun, opens in formats:
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
    """Return whether a file is a pickle, or an array of Python objects, which is one.

    That is told by its ending, its first bytes, or the header of the array.
    """
    if path.suffix.lower() in _PICKLES:
        return True
    try:
        with path.open("rb") as file:
            if suffix_of(path.name) == ".npy":
                return read_header(file, path.stat().st_size).dtype.hasobject
            return is_pickle(file.read(HEAD))
    except (OSError, DataError):
        return False


def _few(names: Sequence[str]) -> str:
    return few([*map(shown, names)])
