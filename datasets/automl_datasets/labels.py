"""From labels as arrays hold them to class names and targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.naming import natural_key

Targets = NDArray[np.int64]


def as_classes(
    labels: list[NDArray[Any]], names: NDArray[Any] | None, *, source: str
) -> tuple[list[Targets], tuple[str, ...]]:
    """Turn labels into indices of classes.

    Args:
        labels: One array per split: integers, text, whole floats or booleans, of
            shape `(n,)` or `(n, 1)`; or one-hot rows of shape `(n, classes)`.
        names: Name of class i at place i, for integer labels; for labels that are
            names themselves, their order. `None` takes each label's own text.
        source: Where they come from, for messages.

    Returns:
        Targets per split, int64, shape `(n,)`, and the class names.

    Raises:
        DataError: If labels are none of these, or `names` does not cover them.

    Example:
        >>> targets, classes = as_classes([np.array([7, 3, 7])], None, source="a.npz")
        >>> targets[0].tolist(), classes
        ([1, 0, 1], ('3', '7'))
    """
    plain = [_plain(part, source) for part in labels]
    kinds = {"text" if part.dtype.kind == "U" else "number" for part in plain}
    if len(kinds) > 1:
        raise DataError(
            f"The labels in {source} are text in one split and numbers in another; "
            "use the same in all."
        )
    values = np.unique(np.concatenate(plain)).tolist()
    if names is None:
        return _own_text(plain, values)
    given = texts(np.ravel(names))
    if kinds == {"text"}:
        return _ordered(plain, values, given, source)
    if values and (values[0] < 0 or values[-1] >= len(given)):
        raise DataError(
            f"The labels in {source} run from {values[0]} to {values[-1]}, but "
            f"`classes` names {len(given)}; label i is named by classes[i]."
        )
    return [part.astype(np.int64) for part in plain], tuple(given)


def _own_text(
    plain: list[NDArray[Any]], values: list[Any]
) -> tuple[list[Targets], tuple[str, ...]]:
    text = bool(values) and isinstance(values[0], str)
    ordered = sorted(values, key=natural_key) if text else values
    return _index(plain, ordered), tuple(str(value) for value in ordered)


def _ordered(
    plain: list[NDArray[Any]], values: list[str], given: list[str], source: str
) -> tuple[list[Targets], tuple[str, ...]]:
    unknown = [value for value in values if value not in set(given)]
    if unknown:
        raise DataError(
            f"The label {unknown[0]!r} in {source} is not among `classes`; add it."
        )
    return _index(plain, given), tuple(given)


def _index(plain: list[NDArray[Any]], ordered: list[Any]) -> list[Targets]:
    place = {value: index for index, value in enumerate(ordered)}
    return [np.array([place[v] for v in part.tolist()], np.int64) for part in plain]


def texts(values: NDArray[Any]) -> list[str]:
    """Return text, or bytes of UTF-8, as a list of texts."""
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    return [str(value) for value in values.tolist()]


def _plain(labels: NDArray[Any], source: str) -> NDArray[Any]:
    """Return labels as text, integers or booleans of shape `(n,)`."""
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = _from_one_hot(labels, source)
    if labels.size != len(labels):
        raise DataError(
            f"Labels of shape {labels.shape} in {source} are not understood; give one "
            "label for each sample."
        )
    labels = labels.ravel()
    if labels.dtype.kind in "SU":
        return np.array(texts(labels), dtype=np.str_)
    if labels.dtype.kind == "f":
        return _whole(labels, source)
    return labels


def _whole(labels: NDArray[Any], source: str) -> NDArray[Any]:
    odd = labels[~(np.isfinite(labels) & (labels == np.rint(labels)))]
    if len(odd):
        raise DataError(
            f"The labels in {source} hold {odd[0]}, which is no class; give whole "
            "numbers or names."
        )
    return labels.astype(np.int64)


def _from_one_hot(labels: NDArray[Any], source: str) -> NDArray[Any]:
    numbers = labels.dtype.kind in "biuf"
    hot = numbers and np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all()
    if not hot:
        raise DataError(
            f"Labels of shape {labels.shape} in {source} are not one-hot; give one "
            "class for each sample."
        )
    classes: NDArray[Any] = labels.argmax(axis=1)
    return classes
