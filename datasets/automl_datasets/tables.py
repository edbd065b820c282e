"""CSV and TSV files as columns of text."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.naming import suffix_of

SUFFIXES = frozenset({".csv", ".tsv", ".tab"})
_DELIMITERS = (",", "\t", ";")

Columns = dict[str, list[str]]


def read_columns(path: Path, *, rows: int | None = None) -> Columns:
    """Read a table whose first line names its columns.

    Args:
        path: The file, UTF-8; the first line tells the delimiter: comma, tab or
            semicolon.
        rows: How many rows to read at most.

    Returns:
        Cells by the name of their column; cells that a row lacks are empty.

    Raises:
        DataError: If the file is empty, no text, or names a column twice.
    """
    try:
        return _columns(path, rows)
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text; save it as UTF-8.") from error
    except csv.Error as error:
        raise DataError(f"{path} is no readable table ({error}).") from error
    except OSError as error:
        raise DataError(f"{path} cannot be opened: {error.strerror}.") from error


def _columns(path: Path, rows: int | None) -> Columns:
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(_DELIMITERS, key=first.count)
        if suffix_of(path.name) == ".tsv":
            delimiter = "\t"
        cells = csv.reader(file, delimiter=delimiter)
        names = [name.strip() for name in next(cells, [])]
        if not names:
            raise DataError(f"{path} is empty; give a table with named columns.")
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(
                f"{path} names the column {twice!r} twice; give each a name of its own."
            )
        return _transposed(names, itertools.islice(cells, rows))


def _transposed(names: list[str], rows: Iterator[list[str]]) -> Columns:
    columns: Columns = {name: [] for name in names}
    for row in rows:
        if not any(row):
            continue
        for place, name in enumerate(names):
            columns[name].append(row[place].strip() if place < len(row) else "")
    return columns
