"""Which columns hold the targets, and which samples have none."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.raw_labels import as_array, as_numbers, is_whole, separator_of
from automl_datasets.usual_names import TARGET_NAMES

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # `className` holds two
_TARGET_WORDS = frozenset(name for name in TARGET_NAMES if len(name) > 1)  # not `[x,y]`
_LABEL_WORDS = frozenset({"label", "labels", "target"})  # no `ticket class`, an input
_NAME_WORDS = frozenset({"name", "names", "text"})
_COORDINATE = re.compile(r"y([ _]?\d+)?")


def target_columns(
    names: Sequence[str], options: DataOptions, *, source: str, guess: bool = False
) -> list[str]:
    """Return the columns that hold the targets.

    Args:
        names: Columns that could.
        options: `target` names some of them, separated by commas.
        source: Where the columns are, for messages.
        guess: Whether to look for a usual name where the user names none; otherwise
            all columns are taken.

    Raises:
        DataError: If a column that the user names does not exist.
    """
    if options.target is not None:
        asked = [options.target] if options.target in names else _split(options.target)
        return [named_column(name, names, source=source) for name in asked]
    if guess:
        usual = {name.strip().lower(): name for name in reversed(names)}
        if found := usual_targets(usual):
            return [usual[found[0]]]
    return list(names)


def usual_targets(keys: Collection[str]) -> list[str]:
    """Return the usual names of targets that are there, the likeliest first.

    Of these, `y` beside `x` or `z` is a coordinate where there is another.

    Args:
        keys: Names of columns, in lower case.

    Example:
        >>> usual_targets(["x", "y"]), usual_targets(["x", "y", "category"])
        (['y'], ['category'])
    """
    found = [name for name in TARGET_NAMES if name in keys]
    others = [name for name in found if not is_coordinate(name, keys)]
    return others or found


def is_coordinate(key: str, keys: Collection[str]) -> bool:
    """Return whether a name is `y` or `y1`, beside `x` or `z`, or `x1` or `z1`.

    Example:
        >>> is_coordinate("y", ["x", "y"]), is_coordinate("y2", ["x1", "y1", "y2"])
        (True, False)
    """
    match = _COORDINATE.fullmatch(key)
    place = "" if match is None else match[1] or ""
    return match is not None and any(axis + place in keys for axis in "xz")


def clearer_label(
    guessed: list[str], columns: Mapping[str, Sequence[str]], options: DataOptions
) -> tuple[list[str], list[str]]:
    """Return the column that is clearly meant, and why, or those that were guessed.

    Args:
        guessed: Columns that may hold the label.
        columns: Cells of all columns that could, by their names.
        options: The task that the user asks for.
    """
    if len(guessed) == 1:
        if points := _coordinates(guessed[0], columns, options):
            return points, [f"The targets are the coordinates {', '.join(points)}."]
        return instead_of_codes(guessed, columns, options)
    word = by_last_word(guessed)
    if word is None:
        return guessed, []
    return [word], [f"The label is in {word!r}, the only column called like one."]


def _coordinates(
    guessed: str, columns: Mapping[str, Sequence[str]], options: DataOptions
) -> list[str]:
    """Return `x`, `y` and perhaps `z` where `y` was guessed, and all measure something.

    A `y` whose whole numbers recur is rather a class, beside whatever `x` is.
    """
    keys = {name: name.strip().lower() for name in columns}
    named = [name for name, key in keys.items() if key in ("x", "y", "z")]
    point = is_coordinate(keys[guessed], list(keys.values()))
    asked = options.task in ("auto", "regression")
    return (
        named if point and asked and all(_measures(columns[n]) for n in named) else []
    )


def _measures(cells: Sequence[str]) -> bool:
    """Return whether cells are numbers, with fractions or hardly any twice."""
    present = [cell for cell in cells if cell]
    numbers = as_numbers({"": as_array(present)}, None) if present else None
    if numbers is None:
        return False
    return not is_whole(numbers) or 2 * len(set(present)) > len(present)


def by_last_word(names: Sequence[str]) -> str | None:
    """Return the only name whose last word is that of a label, or `None`.

    Example:
        >>> by_last_word(["Finding Labels", "Patient Age", "View Position"])
        'Finding Labels'
        >>> by_last_word(["hair label", "eye label"]) is None
        True
    """
    found = [name for name in names if _LABEL_WORDS.intersection(_words(name)[-1:])]
    return found[0] if len(found) == 1 else None


def instead_of_codes(
    guessed: list[str], columns: Mapping[str, Sequence[str]], options: DataOptions
) -> tuple[list[str], list[str]]:
    """Return the column of names that numbers of classes stand for, and why.

    Its own name must say that it holds classes or names, and nothing more where they do
    not recur. Each name must stand beside one number that no other stands beside;
    otherwise it may merely vary with the classes. Without such a column, or where
    numbers are asked for, what was guessed is returned.

    Args:
        guessed: Columns that may hold the label.
        columns: Cells of the columns that could, by their names.
        options: The task that the user asks for.

    Example:
        >>> columns = {"target": ["0", "1", "0", "1"], "category": list("abab")}
        >>> instead_of_codes(["target"], columns, DataOptions("a.csv"))[0]
        ['category']
    """
    numbers = columns[guessed[0]] if len(guessed) == 1 else []
    whole = any(numbers) and all(cell.isdecimal() for cell in numbers if cell)
    if not whole or options.task == "regression":
        return guessed, []
    for name, cells in columns.items():
        if name != guessed[0] and _are_names(name, cells, numbers):
            why = f"its names stand one each for the numbers in {guessed[0]!r}"
            return [name], [f"The label is in {name!r}: {why}."]
    return guessed, []


def _are_names(name: str, cells: Sequence[str], numbers: Sequence[str]) -> bool:
    words = frozenset(_words(name))
    if not words & (_TARGET_WORDS | {"name", "names"}):
        return False
    pairs = set(zip(cells, numbers, strict=True)) - {("", "")}
    names, codes = {name for name, _ in pairs}, {code for _, code in pairs}
    recur = 1 < len(names) <= len(cells) / 2  # else each row may have its own
    plain = words & _TARGET_WORDS and words <= _TARGET_WORDS | _NAME_WORDS
    one_each = len(pairs) == len(names) == len(codes)
    spelt = all(any(map(str.isalpha, name)) for name in names)
    return bool(recur or plain) and one_each and spelt


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _split(asked: str) -> list[str]:
    return [name.strip() for name in asked.split(",") if name.strip()]


def named_column(
    name: str, names: Sequence[str], *, source: str, what: str = "column"
) -> str:
    """Return `name` if there is such a column, or whatever the names are of.

    Raises:
        DataError: If not; the message names the columns there are.
    """
    if name in names:
        return name
    near = get_close_matches(name, names, n=1)
    there = ", ".join(repr(other) for other in names) or "none"
    raise DataError(
        f"There is no {what} {name!r} in {source}, which has {there}; "
        + (f"the nearest is {near[0]!r}." if near else "name one of these.")
    )


def unlabelled(
    columns: Mapping[str, Sequence[Any]], options: DataOptions, *, source: str
) -> list[int]:
    """Return the places of samples that lack a label, ascending.

    An empty text is no label, unless others join several labels: then it is none of
    them. Nor are `None` and NaN.

    Raises:
        DataError: If a column that the user names does not exist.
    """
    missing: set[int] = set()
    for name in target_columns(list(columns), options, source=source):
        values = columns[name]
        several = (
            options.task == "multilabel" or separator_of(as_array(values)) is not None
        )
        missing.update(
            place
            for place, value in enumerate(values)
            if _is_missing(value) and not (several and isinstance(value, str))
        )
    return sorted(missing)


def _is_missing(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (np.ndim(value) == 0 and value != value)
