"""From raw labels, as sources find them, to a task and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.labels import as_classes
from automl_datasets.naming import quoted
from automl_datasets.options import DataOptions
from automl_datasets.raw_labels import (
    are_even_codes,
    as_array,
    as_numbers,
    doubtful_separator,
    from_signs,
    from_truths,
    is_binary,
    is_exclusive,
    is_plainly_whole,
    is_whole,
    joining_of,
    parts_of,
    separator_of,
)
from automl_datasets.target_columns import target_columns

Value = int | tuple[float, ...]

# Whole numbers with more values than this, and this share of the samples, measure
# something, unless they are evenly spread codes; fewer are classes.
_MOST_CLASSES = 20
_MOST_CLASSES_SHARE = 0.05
_MOST_PARTS = 0.5  # of the texts that differ; more may be words of their names
_NAMES = {",": "commas", " ": "blanks"}


class Targets(NamedTuple):
    """What is to be told of each sample.

    Attributes:
        task: One of `spec.TASKS`.
        classes: Class names, or label names; empty for a regression.
        names: Names of the target columns of a regression; else empty.
        values: Target of each sample: the index of its class; or one number a label
            (0 or 1) or target.
        notes: One sentence each: what was taken for what, and how to overrule it.
    """

    task: str
    classes: tuple[str, ...]
    names: tuple[str, ...]
    values: list[Value]
    notes: tuple[str, ...] = ()


class _Make(Protocol):
    """Turns raw labels into the targets of one task."""

    def __call__(
        self,
        arrays: Mapping[str, NDArray[Any]],
        numbers: NDArray[np.float64] | None,
        *,
        source: str,
        order: Sequence[str] | None,
    ) -> Targets: ...


def decide(
    columns: Mapping[str, Sequence[Any]],
    options: DataOptions,
    *,
    source: str,
    order: Sequence[str] | None = None,
) -> Targets:
    """Decide on the task, and turn raw labels into targets.

    | labels | task |
    |---|---|
    | one column of text, or of few whole numbers | classification |
    | one column of 0 to K - 1, or 1 to K, each about as often | classification |
    | one column of texts that join labels by `|` or `;` | multilabel |
    | one column of fractions, or of many different numbers | regression |
    | several columns, or rows, of 0 and 1, exactly one 1 each | classification |
    | any other columns, or rows, of 0 and 1 | multilabel |
    | several columns, or rows, of -1 and 1 | as those of 0 and 1 |
    | several columns of True and False | as those of 0 and 1 |
    | several columns, or rows, of other numbers | regression |

    `options.task` overrules the table, and `options.target` chooses among the columns.
    Where the task is said to be multilabel, commas or blanks may join labels too.

    Args:
        columns: Raw labels of every sample by the name of their column: text, numbers
            or booleans, `(n,)`; or rows of numbers, `(n, k)`.
        options: Target columns and task that the user asks for.
        source: Where the labels come from, for messages.
        order: Order of the classes or labels, where the data states one; for whole
            numbers the name of class i at place i.

    Raises:
        DataError: If a column does not exist, or its labels cannot serve the task.

    Example:
        >>> options = DataOptions("a.csv")
        >>> decide({"animal": ["dog", "cat", "dog"]}, options, source="a.csv")[:4]
        ('classification', ('cat', 'dog'), (), [1, 0, 1])
        >>> decide({"age": ["1.5", "3"]}, options, source="a.csv")[:4]
        ('regression', (), ('age',), [(1.5,), (3.0,)])
    """
    chosen = target_columns(list(columns), options, source=source)
    arrays = {name: as_array(columns[name]) for name in chosen}
    for name, array in arrays.items():
        if array.ndim > 2:
            raise DataError(
                f"The labels {name!r} in {source} have shape {array.shape}; give one "
                "label, or one row of numbers, for each sample."
            )
    if len(arrays) > 1:  # the values of a single one are names of classes
        arrays = {name: from_truths(array) for name, array in arrays.items()}
    numbers = as_numbers(arrays, order)
    task = options.task
    if numbers is not None and numbers.shape[1] > 1 and task != "regression":
        numbers = from_signs(numbers)
    if task == "auto":
        task = _guess(arrays, numbers, order)
    several = partial(_multilabel, known=options.labels)
    makers: dict[str, _Make] = {"classification": _classify, "multilabel": several}
    make = makers.get(task, _regress)
    targets = make(arrays, numbers, source=source, order=order)
    if options.task != "auto":
        return targets
    notes = (_doubt(targets, arrays, order), _codes(targets, numbers, order))
    return targets._replace(notes=(*targets.notes, *filter(None, notes)))


def _guess(
    arrays: Mapping[str, NDArray[Any]],
    numbers: NDArray[np.float64] | None,
    order: Sequence[str] | None,
) -> str:
    if numbers is None:
        only = next(iter(arrays.values()))
        joined = order is None and len(arrays) == 1 and separator_of(only)
        return "multilabel" if joined else "classification"
    if numbers.shape[1] > 1:
        if not is_binary(numbers):
            return "regression"
        return "classification" if is_exclusive(numbers) else "multilabel"
    if not is_whole(numbers):
        return "regression"
    many = order is None and _are_many(numbers) and not are_even_codes(numbers)
    return "regression" if many else "classification"


def _are_many(numbers: NDArray[np.float64]) -> bool:
    distinct = len(np.unique(numbers))
    return distinct > max(_MOST_CLASSES, _MOST_CLASSES_SHARE * len(numbers))


def _classify(
    arrays: Mapping[str, NDArray[Any]],
    numbers: NDArray[np.float64] | None,
    *,
    source: str,
    order: Sequence[str] | None,
) -> Targets:
    labels = next(iter(arrays.values()))
    if len(arrays) > 1:
        if numbers is None or not is_binary(numbers) or not is_exclusive(numbers):
            raise DataError(
                f"The columns {_named(arrays)} in {source} are not one class for each "
                "sample; name one column, or columns with exactly one 1 in each row."
            )
        labels, order = numbers, list(arrays)
    elif numbers is not None and labels.dtype.kind == "U" and is_plainly_whole(labels):
        labels = np.rint(numbers[:, 0]).astype(np.int64)
    names = None if order is None else np.array(list(order), np.str_)
    (targets,), classes = as_classes([labels], names, source=source)
    return Targets("classification", classes, (), targets.tolist())


def _multilabel(
    arrays: Mapping[str, NDArray[Any]],
    numbers: NDArray[np.float64] | None,
    *,
    source: str,
    order: Sequence[str] | None,
    known: Sequence[str],
) -> Targets:
    if numbers is not None and is_binary(numbers):
        names = _column_names(arrays, order)
        return Targets("multilabel", names, (), _rows(numbers))
    if len(arrays) > 1 or next(iter(arrays.values())).ndim > 1:
        raise DataError(
            f"The columns {_named(arrays)} in {source} are no multi-label task; give "
            "0 or 1 in each."
        )
    (texts_,) = arrays.values()
    cells = texts_.astype(np.str_)
    separator = joining_of(cells, known if order is None else order)
    sets = [{*parts_of(text, separator)} - {""} for text in cells.tolist()]
    found = sorted(set().union(*sets))
    labels = tuple(order) if order is not None else tuple(found)
    if unknown := [label for label in found if label not in set(labels)]:
        raise DataError(
            f"The label {unknown[0]!r} in {source} is not among its labels; add it."
        )
    values: list[Value] = [tuple(float(x in s) for x in labels) for s in sets]
    return Targets("multilabel", labels, (), values)


def _regress(
    arrays: Mapping[str, NDArray[Any]],
    numbers: NDArray[np.float64] | None,
    *,
    source: str,
    order: Sequence[str] | None,
) -> Targets:
    if numbers is None:
        raise DataError(
            f"The targets {_named(arrays)} in {source} are not all numbers, which a "
            "regression needs; choose another column or task."
        )
    if not np.isfinite(numbers).all():
        raise DataError(
            f"The targets {_named(arrays)} in {source} hold NaN or infinite values, "
            "which nothing can be fitted to; remove those samples."
        )
    names = _column_names(arrays, order)
    return Targets("regression", (), names, _rows(numbers))


def _column_names(
    arrays: Mapping[str, NDArray[Any]], order: Sequence[str] | None
) -> tuple[str, ...]:
    names: list[str] = []
    for name, array in arrays.items():
        width = array.shape[1] if array.ndim > 1 else 1
        names += [name] if width == 1 else [f"{name} {i}" for i in range(width)]
    return tuple(order) if order is not None and len(order) == len(names) else (*names,)


def _rows(numbers: NDArray[np.float64]) -> list[Value]:
    return [tuple(row) for row in numbers.tolist()]


def _named(arrays: Mapping[str, NDArray[Any]]) -> str:
    return ", ".join(map(quoted, arrays))


def _doubt(
    targets: Targets, arrays: Mapping[str, NDArray[Any]], order: Sequence[str] | None
) -> str | None:
    """Return a note where another task could have been meant."""
    if targets.task == "regression":
        shown = ", ".join(targets.names[:5])
        return (
            f"Regression of {shown}: fractions, or many different numbers; a task of "
            "classification would take each number for a class."
        )
    if targets.task == "multilabel":
        return (
            f"Multi-label: each sample has any number of the {len(targets.classes)} "
            "labels."
        )
    if len(arrays) > 1:
        return (
            f"The columns {', '.join(arrays)} are classes: exactly one holds a 1 in "
            "each row."
        )
    return _joined(next(iter(arrays.values()))) if order is None else None


def _codes(
    targets: Targets, numbers: NDArray[np.float64] | None, order: Sequence[str] | None
) -> str | None:
    """Return a note where so many different numbers are codes of classes after all."""
    single = numbers is not None and numbers.shape[1] == 1 and order is None
    if targets.task != "classification" or numbers is None or not single:
        return None
    if not _are_many(numbers):
        return None
    return (
        f"The numbers {targets.classes[0]} to {targets.classes[-1]} are taken for "
        "classes, since none is left out and all are about equally frequent; a task of "
        "regression would take them for measures."
    )


def _joined(labels: NDArray[Any]) -> str | None:
    """Return a note where texts that are taken for classes look like several labels."""
    separator = doubtful_separator(labels, _MOST_PARTS)
    if separator is None:
        return None
    texts_ = sorted({text for text in labels.tolist() if text})
    parts = {part for text in texts_ for part in parts_of(text, separator)}
    example = max(texts_, key=lambda text: len(parts_of(text, separator)))
    return (
        f"Each of the {len(texts_)} labels such as {quoted(example)} is a class, but "
        f"{_NAMES[separator]} divide them into {len(parts)} that recur; a task of "
        "multilabel takes them apart."
    )
