"""Hugging Face `datasets`: told by what they can do, the library is never imported."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from automl.errors import RequestError
from automl.python_data.hugging_face_columns import (
    Columns,
    answers,
    beside_files,
    beside_texts,
    cells_of,
    has_labels,
    is_text,
    label_names,
    require,
    without_splits,
)
from automl.python_data.rows import GrowingRows, refuse_missing, write_npz
from automl.python_data.tables import write_table

_SPLITS = {"train": "train", "validation": "val", "valid": "val", "dev": "val"}
_SPLITS |= {"val": "val", "test": "test"}
_FILES = ("Image", "Audio")
_MAGIC = {b"RIFF": ".wav", b"fLaC": ".flac", b"OggS": ".ogg"}

_Parts = dict[str | None, Any]


class _Given(NamedTuple):
    """A data set, split by split.

    Attributes:
        parts: The splits, by what they are called here; `None` for a single one.
        bare: Those in which no sample has a label.
        labels: The columns of the labels.
        target: The columns that are asked for, as a user writes them.
        group: The column of groups that is asked for.
    """

    parts: _Parts
    bare: _Parts
    labels: list[str]
    target: str | None
    group: str | None


def is_hugging_face(data: Any) -> bool:
    """Whether data is a `datasets.Dataset`, or a `DatasetDict` of them."""
    if isinstance(data, Mapping):
        return bool(data) and all(is_hugging_face(part) for part in data.values())
    return hasattr(data, "features") and hasattr(data, "cast_column")


def write_hugging_face(
    data: Any, folder: Path, target: str | None = None, group: str | None = None
) -> Path:
    """Write a data set with its labels and splits, and return the path to read.

    Images and sounds are written as the files they came as, not decoded. Splits without
    labels are left out, in a way that the reader tells of.

    Args:
        data: A `datasets.Dataset`, or a `DatasetDict`, whose names are the splits.
        folder: Where to write.
        target: Columns of the answer, separated by commas; by default the one that is
            called like a label, or is a `ClassLabel`.
        group: Column of what samples belong to.

    Raises:
        RequestError: If there is no column of labels, or of samples, or not the one
            that is asked for.
    """
    given = _given(data, target, group)
    features = next(iter(given.parts.values())).features
    sample = _sample_name(features, given.labels)
    if is_text(features[sample]):
        return write_table(folder / "data.csv", _text_columns(given))
    if type(features[sample]).__name__ in _FILES:
        columns = _file_columns(given, sample, folder / "files")
        return write_table(folder / "data.csv", columns)
    return _write_arrays(given, sample, folder)


def _given(data: Any, target: str | None, group: str | None) -> _Given:
    """Sort the splits of a data set into those with labels and those without."""
    given: dict[str, Any] = dict(data) if isinstance(data, Mapping) else {"": data}
    features = next(iter(given.values())).features
    labels = label_names(features, target)
    if group is not None:
        require(features, group)
    labelled = {name: p for name, p in given.items() if has_labels(p, labels)}
    if not labelled:
        raise RequestError(
            f"Not one sample has a label in {', '.join(map(repr, labels))}; give "
            "samples with labels, or name another column as the target."
        )
    if len(given) == 1:
        return _Given({None: next(iter(given.values()))}, {}, labels, target, group)
    unknown = [name for name in labelled if name not in _SPLITS]
    if unknown:
        raise RequestError(
            f"The split {unknown[0]!r} is not known; call splits train, validation "
            "and test, or give one of them."
        )
    bare: _Parts = {_SPLITS.get(n, n): given[n] for n in given if n not in labelled}
    parts: _Parts = {_SPLITS[name]: part for name, part in labelled.items()}
    return _Given(parts, bare, labels, target, group)


def _sample_name(features: Mapping[str, Any], labels: list[str]) -> str:
    """Return the column of images or sounds, else of texts, else of arrays."""
    free = {name: f for name, f in features.items() if name not in labels}
    files = [name for name, f in free.items() if type(f).__name__ in _FILES]
    texts = [name for name, f in free.items() if is_text(f)]
    arrays = [name for name, f in free.items() if type(f).__name__ != "Value"]
    found = files or texts or arrays
    if not found:
        raise RequestError(
            f"No column holds images, sounds, texts or arrays; the data has "
            f"{', '.join(features)}."
        )
    return found[0]


def _text_columns(given: _Given) -> Columns:
    """Return a table of texts; its reader chooses which column is meant."""
    labels = _label_columns(given)
    beside = beside_texts(list(given.parts.values()), labels, given.group)
    return _with_splits({**beside, **labels}, given)


def _file_columns(given: _Given, name: str, folder: Path) -> Columns:
    """Write images or sounds, and return the table that lists them."""
    labels = _label_columns(given)
    beside = beside_files(list(given.parts.values()), labels, given.group)
    columns = {**beside, "path": _write_files(given.parts, name, folder), **labels}
    table = _with_splits(columns, given)
    # Rows of splits that are left out name a file that is there, so that they are
    # skipped for their split, or for want of a label, and counted as such.
    table["path"] = [path or table["path"][0] for path in table["path"]]
    return table


def _label_columns(given: _Given) -> Columns:
    called = "label" if given.target is None else None
    found = [answers(p, given.labels, called=called) for p in given.parts.values()]
    return {name: [cell for part in found for cell in part[name]] for name in found[0]}


def _with_splits(columns: Columns, given: _Given) -> Columns:
    """Return columns with one of splits, and a row for each sample that is left out."""
    if None in given.parts:
        return columns
    parts = {**given.parts, **given.bare}
    left = sum(map(len, given.bare.values()))
    return {
        **{n: [*cells, *[None] * left] for n, cells in without_splits(columns).items()},
        "split": [name for name, part in parts.items() for _ in range(len(part))],
    }


def _write_files(parts: _Parts, name: str, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write_file(value, folder / f"{split or 'all'}-{index:07d}")
        for split, part in parts.items()
        for index, value in enumerate(_undecoded(part, name))
    ]


def _undecoded(part: Any, name: str) -> Iterator[dict[str, Any]]:
    feature = type(part.features[name])(decode=False)
    for row in part.select_columns([name]).cast_column(name, feature):
        yield row[name]


def _write_file(value: Mapping[str, Any], stem: Path) -> str:
    content = value.get("bytes")
    if content is None:
        return str(Path(value["path"]).absolute())
    suffix = Path(value.get("path") or "").suffix or _suffix_of(content)
    path = stem.with_name(stem.name + suffix)
    path.write_bytes(content)
    return str(path.absolute())


def _suffix_of(content: bytes) -> str:
    if content[:4] in _MAGIC and content[8:12] != b"WEBP":
        return _MAGIC[content[:4]]
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            return f".{(image.format or 'png').lower()}"
    except UnidentifiedImageError:
        return ".mp3"


def _write_arrays(given: _Given, name: str, folder: Path) -> Path:
    growing: dict[str, GrowingRows] = {}
    members: dict[str, Any] = {}
    try:
        for split, part in given.parts.items():
            ending = f"_{split}" if split else ""
            rows = growing[f"x{ending}"] = GrowingRows(folder / f".x{ending}.raw")
            for row in part.select_columns([name]):
                rows.append(np.asarray(row[name]))
            members |= _label_arrays(part, given, ending)
            if given.group is not None:
                groups = cells_of([part], [given.group])[given.group]
                members[f"{given.group}{ending}"] = groups
        # The reader tells of arrays that it does not use.
        left = {f"{split} (no labels)": np.zeros(0) for split in given.bare}
        return write_npz(folder / "data.npz", {**growing, **members, **left})
    finally:
        for rows in growing.values():
            rows.close()


def _label_arrays(part: Any, given: _Given, ending: str) -> dict[str, Any]:
    """Return the labels of a split, and the names of several, as members of `.npz`."""
    found = answers(part, given.labels, called=None)
    columns = list(found.values())
    values = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
    refuse_missing(values, ", ".join(given.labels))
    members = {f"{given.target or 'y'}{ending}": values}
    return members if len(columns) == 1 else {**members, "classes": list(found)}
