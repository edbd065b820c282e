"""Columns of Hugging Face `datasets`: labels, and what stands beside samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from automl.errors import RequestError
from automl.python_data.rows import missing
from automl_datasets.usual_names import SPLIT_NAMES, TARGET_NAMES

_LABELS = ("label", "labels", "target", "targets", "class", "y")
_TEXTS = ("string", "large_string")
_NUMBERS = ("bool", "int", "uint", "float")

Features = Mapping[str, Any]
Columns = dict[str, list[Any]]


def label_names(features: Features, target: str | None) -> list[str]:
    """Return the columns of the labels.

    Raises:
        RequestError: If there is none, or not the one that is asked for.
    """
    if target is not None:
        names = [name.strip() for name in target.split(",")]
        for name in names:
            require(features, name)
        return names
    named = [name for name in _LABELS if name in features]
    typed = [n for n, f in features.items() if type(f).__name__ == "ClassLabel"]
    if not named and not typed:
        raise RequestError(
            f"No column is called like a label; the data has {', '.join(features)}. "
            "Name one as the target."
        )
    return (named or typed)[:1]


def require(features: Features, name: str) -> None:
    """Refuse the name of a column that is not there.

    Raises:
        RequestError: If it is not.
    """
    if name not in features:
        raise RequestError(
            f"There is no column {name!r}; the data has {', '.join(features)}."
        )


def is_text(feature: Any) -> bool:
    """Whether a column holds texts."""
    return getattr(feature, "dtype", "") in _TEXTS


def has_labels(part: Any, labels: Sequence[str]) -> bool:
    """Whether any sample of a split has a label."""
    return all(name in part.features for name in labels) and any(
        not blank for name in labels for blank in _blanks(part, name)
    )


def _blanks(part: Any, name: str) -> Iterable[bool]:
    """Return for each sample whether it lacks a label."""
    if getattr(part.features[name], "names", None):  # -1 stands for none
        return (value is None or value < 0 for value in part[name])
    return (value is None or bool(np.all(missing(value))) for value in part[name])


def answers(part: Any, labels: Sequence[str], *, called: str | None) -> Columns:
    """Return the columns of labels, with names in place of their numbers.

    Args:
        part: A data set.
        labels: The columns.
        called: What a single one is called; `None` for its own name.

    Returns:
        Cells by the name of their column; `None` where a label is missing.

    Raises:
        RequestError: If it holds lists of numbers that differ in length.
    """
    if len(labels) > 1:
        return {name: list(part[name]) for name in labels}
    name = labels[0]
    called = called or name
    feature = part.features[name]
    if getattr(feature, "names", None):
        return {called: _named(part, name)}
    values = list(part[name])
    if names := getattr(getattr(feature, "feature", None), "names", None):
        rows = [_flags(indices, len(names)) for indices in values]
        return _side_by_side(rows, names)
    widths = {len(value) for value in values if isinstance(value, list)}
    if not widths:
        return {called: values}
    if len(widths) > 1:
        raise RequestError(
            f"The column {name!r} holds lists of {min(widths)} to {max(widths)} labels;"
            " give equally many for each sample, or a list of ClassLabel."
        )
    width = widths.pop()
    names = [f"label {place + 1}" for place in range(width)]
    rows = [[None] * width if value is None else value for value in values]
    return _side_by_side(rows, names if width > 1 else [called])


def _side_by_side(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> Columns:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _named(part: Any, name: str) -> list[str | None]:
    """Return the classes of a column of numbers of classes."""
    names = part.features[name].names
    return [None if v is None or v < 0 else names[v] for v in part[name]]


def _flags(indices: Sequence[int] | None, count: int) -> list[int | None]:
    """Return a row of 0 and 1 for the labels that a sample has."""
    if indices is None:
        return [None] * count
    held = set(indices)
    return [int(place in held) for place in range(count)]


def beside_texts(parts: Sequence[Any], labels: Columns, group: str | None) -> Columns:
    """Return the texts, and what stands beside them, for the reader to choose from.

    Beside several columns of labels numbers are left out: they would pass for labels.
    """
    features = parts[0].features
    names = [name for name in _scalars(parts) if name not in labels]
    if len(labels) > 1:
        names = [
            name
            for name in names
            if name == group
            or (is_text(features[name]) and name.lower() not in TARGET_NAMES)
        ]
    return cells_of(parts, names)


def beside_files(parts: Sequence[Any], labels: Columns, group: str | None) -> Columns:
    """Return what may tell which samples belong together, such as speakers.

    A column whose every cell differs does not; and beside several columns of labels,
    what nobody asked for would pass for one.
    """
    names = [name for name in _scalars(parts) if name not in labels]
    return {
        name: cells
        for name, cells in cells_of(parts, names).items()
        if name == group or (len(labels) == 1 and len(set(cells)) < len(cells))
    }


def without_splits(columns: Columns) -> Columns:
    """Return columns but for those that would pass for a declaration of splits."""
    return {n: cells for n, cells in columns.items() if n.lower() not in SPLIT_NAMES}


def _scalars(parts: Sequence[Any]) -> list[str]:
    """Return the columns of texts, numbers and classes that all splits have."""
    return [
        name
        for name, feature in parts[0].features.items()
        if _is_scalar(feature) and all(name in part.features for part in parts)
    ]


def _is_scalar(feature: Any) -> bool:
    kind = type(feature).__name__
    if kind != "Value":
        return kind == "ClassLabel"
    return is_text(feature) or feature.dtype.startswith(_NUMBERS)


def cells_of(parts: Sequence[Any], names: Sequence[str]) -> Columns:
    """Return columns of several splits, with names in place of numbers of classes."""
    return {
        name: [
            cell
            for part in parts
            for cell in (
                _named(part, name)
                if getattr(part.features[name], "names", None)
                else part[name]
            )
        ]
        for name in names
    }
