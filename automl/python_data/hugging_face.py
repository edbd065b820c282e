"""Hugging Face `datasets`: told by what they can do, the library is never imported."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from automl.errors import RequestError
from automl.python_data.rows import GrowingRows, write_npz
from automl.python_data.tables import label_columns, write_table

_SPLITS = {"train": "train", "validation": "val", "valid": "val", "dev": "val"}
_SPLITS |= {"val": "val", "test": "test"}
_LABELS = ("label", "labels", "target", "targets", "class", "y")
_FILES = ("Image", "Audio")
_MAGIC = {b"RIFF": ".wav", b"fLaC": ".flac", b"OggS": ".ogg"}

_Parts = dict[str | None, Any]


def is_hugging_face(data: Any) -> bool:
    """Whether data is a `datasets.Dataset`, or a `DatasetDict` of them."""
    if isinstance(data, Mapping):
        return bool(data) and all(is_hugging_face(part) for part in data.values())
    return hasattr(data, "features") and hasattr(data, "cast_column")


def write_hugging_face(data: Any, folder: Path, target: str | None = None) -> Path:
    """Write a data set with its labels and splits, and return the path to read.

    Images and sounds are written as the files they came as, not decoded.

    Args:
        data: A `datasets.Dataset`, or a `DatasetDict`, whose names are the splits.
        folder: Where to write.
        target: Columns of the answer, separated by commas; by default the one that is
            called like a label, or is a `ClassLabel`.

    Raises:
        RequestError: If there is no column of labels, or of samples.
    """
    parts = _parts(data)
    features = next(iter(parts.values())).features
    labels = _label_names(features, target)
    sample = _sample_name(features, labels)
    splits = [name for name, part in parts.items() for _ in range(len(part))]
    answers = [_answers(part, labels) for part in parts.values()]
    columns = {n: np.concatenate([a[n] for a in answers]).tolist() for n in answers[0]}
    if splits and splits[0] is not None:
        columns["split"] = splits
    kind = type(features[sample]).__name__
    if kind in _FILES:
        paths = _write_files(parts, sample, folder / "files")
        return write_table(folder / "data.csv", {"path": paths, **columns})
    if getattr(features[sample], "dtype", "") in ("string", "large_string"):
        texts = [text for part in parts.values() for text in part[sample]]
        return write_table(folder / "data.csv", {"text": texts, **columns})
    return _write_arrays(parts, sample, answers, folder)


def _parts(data: Any) -> _Parts:
    if not isinstance(data, Mapping):
        return {None: data}
    if len(data) == 1:
        return {None: next(iter(data.values()))}
    unknown = [name for name in data if name not in _SPLITS]
    if unknown:
        raise RequestError(
            f"The split {unknown[0]!r} is not known; call splits train, validation "
            "and test, or give one of them."
        )
    return {_SPLITS[name]: part for name, part in data.items()}


def _label_names(features: Mapping[str, Any], target: str | None) -> list[str]:
    if target is not None:
        names = [name.strip() for name in target.split(",")]
        missing = [name for name in names if name not in features]
        if missing:
            raise RequestError(
                f"There is no column {missing[0]!r}; "
                f"the data has {', '.join(features)}."
            )
        return names
    named = [name for name in _LABELS if name in features]
    typed = [n for n, f in features.items() if type(f).__name__ == "ClassLabel"]
    if not named and not typed:
        raise RequestError(
            f"No column is called like a label; the data has {', '.join(features)}. "
            "Name one as the target."
        )
    return (named or typed)[:1]


def _sample_name(features: Mapping[str, Any], labels: list[str]) -> str:
    """Return the column of images or sounds, else of texts, else of arrays."""
    free = {name: f for name, f in features.items() if name not in labels}
    files = [name for name, f in free.items() if type(f).__name__ in _FILES]
    texts = [
        n
        for n, f in free.items()
        if getattr(f, "dtype", "") in ("string", "large_string")
    ]
    arrays = [name for name, f in free.items() if type(f).__name__ != "Value"]
    found = files or texts or arrays
    if not found:
        raise RequestError(
            f"No column holds images, sounds, texts or arrays; the data has "
            f"{', '.join(features)}."
        )
    return found[0]


def _answers(part: Any, labels: list[str]) -> dict[str, np.ndarray]:
    """Return the columns of labels, with names in place of their numbers."""
    if len(labels) > 1:
        return {name: np.asarray(part[name]) for name in labels}
    name = labels[0]
    feature = part.features[name]
    inner = getattr(feature, "feature", None)
    if names := getattr(feature, "names", None):
        return {"label": np.array([names[i] if i >= 0 else "" for i in part[name]])}
    if names := getattr(inner, "names", None):  # a list of labels for each sample
        held = np.zeros((len(part), len(names)), np.int64)
        for row, indices in enumerate(part[name]):
            held[row, list(indices)] = 1
        return {key: np.asarray(v) for key, v in label_columns(held, names).items()}
    return {k: np.asarray(v) for k, v in label_columns(list(part[name])).items()}


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


def _write_arrays(
    parts: _Parts, name: str, answers: list[dict[str, np.ndarray]], folder: Path
) -> Path:
    growing: dict[str, GrowingRows] = {}
    members: dict[str, Any] = {}
    try:
        for (split, part), columns in zip(parts.items(), answers, strict=True):
            ending = f"_{split}" if split else ""
            rows = growing[f"x{ending}"] = GrowingRows(folder / f".x{ending}.raw")
            for row in part.select_columns([name]):
                rows.append(np.asarray(row[name]))
            values = list(columns.values())
            members[f"y{ending}"] = (
                values[0] if len(values) == 1 else np.stack(values, 1)
            )
            if len(values) > 1:
                members["classes"] = np.array(list(columns))
        return write_npz(folder / "data.npz", {**growing, **members})
    finally:
        for rows in growing.values():
            rows.close()
