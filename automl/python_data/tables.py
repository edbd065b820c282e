"""Paths or texts with their labels, into one CSV table."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from automl.python_data.rows import plain


def write_table(path: Path, columns: Mapping[str, Sequence[Any]]) -> Path:
    """Write columns of equal length, and return the table's path.

    What is missing becomes an empty cell, and half of a surrogate pair, which no file
    can hold, a question mark.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.tmp")
    pd.DataFrame(dict(columns), dtype=object).to_csv(
        aside,
        index=False,
        # Python leaves a lone carriage return unquoted, where readers end the row.
        quoting=csv.QUOTE_NONNUMERIC,
        errors="replace",
    )
    aside.replace(path)
    return path


def label_columns(labels: Any, names: Sequence[str] = ()) -> dict[str, list[Any]]:
    """Return labels `(n,)` as the column `label`; rows `(n, k)` as one column each."""
    array = plain(labels)
    if array.ndim == 1 or array.shape[1:] == (1,):
        return {"label": array.reshape(len(array)).tolist()}
    names = names or [f"label {index + 1}" for index in range(array.shape[1])]
    return {name: array[:, index].tolist() for index, name in enumerate(names)}


def write_frame(path: Path, frame: pd.DataFrame) -> Path:
    """Write a DataFrame; a column of paths becomes absolute ones.

    The paths are taken as relative to the working directory.
    """
    name = path_column(frame)
    if name is not None:
        absolute = [str(Path(cell).absolute()) for cell in frame[name]]
        frame = frame.assign(**{str(name): absolute})
    return write_table(path, {str(n): frame[n].tolist() for n in frame.columns})


def path_column(frame: pd.DataFrame) -> Any | None:
    """Return the name of the first column whose every cell is an existing file."""
    for name in frame.columns:
        cells = frame[name].head(20).tolist()
        if cells and all(isinstance(c, str | Path) and _exists(c) for c in cells):
            return name
    return None


def _exists(cell: str | Path) -> bool:
    try:
        return Path(cell).exists() and str(cell) not in ("", ".")
    except (OSError, ValueError):  # a text too long for a name, or with a zero byte
        return False


def is_texts(values: Any) -> bool:
    """Return whether values are texts, in a list or an array."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "US":
        return True
    first = next(iter(values), None) if len(values) else None
    return isinstance(first, str | bytes)
