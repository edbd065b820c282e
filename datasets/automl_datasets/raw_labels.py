"""What raw labels look like, before anybody decides what they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.labels import texts

SEPARATORS = ("|", ";")
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d*)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def as_array(values: Sequence[Any]) -> NDArray[Any]:
    """Return labels as an array: text stripped, `(n,)` where one value a sample."""
    array = np.asarray(values)
    if array.dtype.kind == "S":
        array = np.array(texts(array), np.str_)
    if array.dtype.kind == "O":
        array = np.array([str(value) for value in values], np.str_)
    if array.dtype.kind == "U":
        array = np.char.strip(array)
    single = array.ndim > 1 and array.size == len(array)
    return array.ravel() if single else array


def as_numbers(
    arrays: Mapping[str, NDArray[Any]], order: Sequence[str] | None
) -> NDArray[np.float64] | None:
    """Return all columns side by side as numbers, `(n, k)`; `None` if they are not."""
    if order is not None and any(a.dtype.kind == "U" for a in arrays.values()):
        return None  # texts that the data itself calls classes
    try:
        parts = [np.asarray(a, np.float64) for a in arrays.values()]
    except ValueError:
        return None
    return np.column_stack([part.reshape(len(part), -1) for part in parts])


def is_binary(numbers: NDArray[np.float64]) -> bool:
    """Return whether all numbers are 0 or 1."""
    return bool(np.isin(numbers, (0, 1)).all())


def from_signs(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers that are all -1 or 1 as 0 and 1, and others as they are."""
    signs = bool(np.isin(numbers, (-1, 1)).all()) and bool((numbers == -1).any())
    return (numbers + 1) / 2 if signs else numbers


def are_flags(*columns: Sequence[str]) -> bool:
    """Return whether all cells are 0 or 1, or all are -1 or 1.

    Example:
        >>> are_flags(["0", "1"]), are_flags(["1", "-1"], ["1"]), are_flags(["2"])
        (True, True, False)
    """
    held = set().union(*columns)
    return held <= {"0", "1", "0.0", "1.0"} or held <= {"-1", "1", "-1.0", "1.0"}


def is_exclusive(numbers: NDArray[np.float64]) -> bool:
    """Return whether each row of zeros and ones has exactly one 1."""
    return bool((numbers.sum(axis=1) == 1).all())


def is_whole(numbers: NDArray[np.float64]) -> bool:
    """Return whether all numbers are whole."""
    return bool((numbers == np.rint(numbers)).all())


def is_plainly_whole(labels: NDArray[Any]) -> bool:
    """Return whether texts are numbers such as `-3` or `2.0e+00`, none like `007`."""
    return all(
        _NUMBER.fullmatch(text) and float(text).is_integer()
        for text in set(labels.tolist())
    )


def separator_of(array: NDArray[Any]) -> str | None:
    """Return what joins several labels in one text, if labels recur that way."""
    if array.dtype.kind != "U" or array.ndim != 1:
        return None
    for separator in SEPARATORS:
        lists = [text.split(separator) for text in array.tolist() if text]
        parts = Counter(part.strip() for several in lists for part in several)
        joined = any(len(several) > 1 for several in lists)
        if joined and "" not in parts and 2 * len(parts) <= parts.total():
            return separator
    return None
