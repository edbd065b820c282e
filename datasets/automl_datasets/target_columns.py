"""Which columns hold the targets, and which samples have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.raw_labels import as_array, separator_of
from automl_datasets.usual_names import TARGET_NAMES


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
        for name in TARGET_NAMES:
            if name in usual:
                return [usual[name]]
    return list(names)


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
