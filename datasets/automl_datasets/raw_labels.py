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
DOUBTFUL_SEPARATORS = (",", " ")  # as in a single name: `Washington, D.C.`
_TRUTHS = frozenset({"true", "false"})
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


def from_truths(array: NDArray[Any]) -> NDArray[Any]:
    """Return texts that are all `True` or `False` as 1 and 0, and others as they are.

    Example:
        >>> from_truths(np.array(["True", "False"])).tolist()
        [1, 0]
    """
    if array.dtype.kind != "U" or not {t.lower() for t in array.tolist()} <= _TRUTHS:
        return array
    return np.array([text.lower() == "true" for text in array.tolist()], np.int64)


def are_flags(*columns: Sequence[str]) -> bool:
    """Return whether all cells are 0 or 1, or all -1 or 1, or all True or False.

    Example:
        >>> are_flags(["0", "1"]), are_flags(["1", "-1"], ["1"]), are_flags(["2"])
        (True, True, False)
        >>> are_flags(["True"], ["False"]), are_flags(["True"], ["0"])
        (True, False)
    """
    held = set().union(*columns)
    if {cell.lower() for cell in held} <= _TRUTHS:
        return True
    return held <= {"0", "1", "0.0", "1.0"} or held <= {"-1", "1", "-1.0", "1.0"}


def is_exclusive(numbers: NDArray[np.float64]) -> bool:
    """Return whether each row of zeros and ones has exactly one 1."""
    return bool((numbers.sum(axis=1) == 1).all())


def is_whole(numbers: NDArray[np.float64]) -> bool:
    """Return whether all numbers are whole."""
    return bool((numbers == np.rint(numbers)).all())


def are_even_codes(numbers: NDArray[np.float64]) -> bool:
    """Return whether numbers are all of 0 to K - 1, or 1 to K, about equally often.

    Each is there twice or more, and half as often as any other or more: numbers that
    measure something vary more.

    Example:
        >>> are_even_codes(np.array([0, 1, 2, 0, 1, 2]))
        True
        >>> are_even_codes(np.array([0, 0, 2, 2])), are_even_codes(np.array([0, 1]))
        (False, False)
    """
    values, counts = np.unique(numbers, return_counts=True)
    least = values.min()
    whole = bool(least in (0, 1) and (values == least + np.arange(len(values))).all())
    return whole and bool(counts.min() >= 2 and 2 * counts.min() >= counts.max())


def is_plainly_whole(labels: NDArray[Any]) -> bool:
    """Return whether texts are numbers such as `-3` or `2.0e+00`, none like `007`."""
    return all(
        _NUMBER.fullmatch(text) and float(text).is_integer()
        for text in set(labels.tolist())
    )


def parts_of(text: str, separator: str) -> list[str]:
    """Return what a separator divides in a text; blanks count as one.

    Example:
        >>> parts_of("a | b", "|"), parts_of("a  b", " ")
        (['a', 'b'], ['a', 'b'])
    """
    parts = text.split() if separator == " " else text.split(separator)
    return [part.strip() for part in parts]


def separator_of(
    array: NDArray[Any], separators: Sequence[str] = SEPARATORS
) -> str | None:
    """Return what joins several labels in one text, if labels recur that way."""
    if array.dtype.kind != "U" or array.ndim != 1:
        return None
    for separator in separators:
        lists = [parts_of(text, separator) for text in array.tolist() if text]
        parts = Counter(part for several in lists for part in several)
        joined = any(len(several) > 1 for several in lists)
        if joined and "" not in parts and 2 * len(parts) <= parts.total():
            return separator
    return None


def doubtful_separator(array: NDArray[Any], share: float = 1.0) -> str | None:
    """Return the comma or blank that may join several labels in one text.

    The labels have to be fewer than the texts that differ: else these are names.

    Args:
        array: The texts.
        share: How many labels there may be at most, of the texts that differ.
    """
    for separator in DOUBTFUL_SEPARATORS:
        if separator_of(array, (separator,)) is None:
            continue
        texts_ = {text for text in array.tolist() if text}
        parts = {part for text in texts_ for part in parts_of(text, separator)}
        if len(parts) < len(texts_) and len(parts) <= share * len(texts_):
            return separator
    return None


def joining_of(array: NDArray[Any], known: Sequence[str]) -> str:
    """Return what joins the labels of texts that are said to hold several.

    Args:
        array: The texts.
        known: Labels of the data that these belong to; none where they are the first.
    """
    texts_ = {text for text in array.tolist() if text}
    for separator in (*SEPARATORS, *DOUBTFUL_SEPARATORS) if known else ():
        parts = {part for text in texts_ for part in parts_of(text, separator)}
        if parts <= {*known, ""}:
            return separator
    if any(mark in text for text in texts_ for mark in SEPARATORS):
        return separator_of(array) or SEPARATORS[0]
    return separator_of(array, (",",)) or doubtful_separator(array) or SEPARATORS[0]
