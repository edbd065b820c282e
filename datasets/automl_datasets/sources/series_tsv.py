"""Series in `.tsv` and `.txt` files of the UCR archive: a label, then the values."""

from __future__ import annotations

import re
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.series import numbers, without_padding
from automl_datasets.sources._base import Array, Layout, Plan, Reading, Scan
from automl_datasets.sources._series_lines import (
    Line,
    LineReader,
    Listed,
    lines_of,
    plan_lines,
    scan_lines,
)
from automl_datasets.sources._split_files import has_training_file, other_splits

NAME = "tsv file of series"
FORM = "a .tsv file with a label and the values of a series in each line"
PARALLEL = False

_SUFFIXES = frozenset({".tsv", ".txt"})
_FEWEST_VALUES = 4
_SEPARATOR = re.compile(rb"\s*[,;\t]\s*|\s+")


def recognise(path: Path) -> str | None:
    """Return why a path is taken for series of the UCR archive, or `None`."""
    if path.is_dir():
        file = has_training_file(path, _SUFFIXES)
        named = file and recognise(file)
        return f"a folder that holds {named}" if named else None
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        return None
    _, first = next(lines_of(path), (0, b""))
    try:
        values = numbers(_fields(first))
    except DataError:
        return None
    if len(values) <= _FEWEST_VALUES or values[0] != values[0]:
        return None
    return f"a file named {path.suffix} with a label and a series in each line"


def scan(path: Path, options: DataOptions) -> Scan:
    """List the series of a file and of the other split beside it.

    Raises:
        DataError: If the labels cannot be used.
    """
    return scan_lines(path, options, _listed, _SUFFIXES)


def beside(path: Path) -> list[Path]:
    """Return the files of the other splits; see `Source.beside`."""
    return other_splits(path)


def plan(scan: Scan, options: DataOptions, *, thorough: bool) -> Plan:
    """Decide on the length from all series; see `Source.plan`."""
    return plan_lines(scan, parse)


def reader(layout: Layout) -> LineReader:
    """Return a reader into a layout that is given."""
    return LineReader(layout, parse)


def accepts(path: Path, kind: str) -> bool:
    """Return `False`: such a file holds many samples."""
    return False


def read_file(path: Path, layout: Layout) -> Reading:
    """Refuse a file of many samples.

    Raises:
        DataError: Always.
    """
    raise DataError("holds many series; give a file of one")


def parse(line: bytes, member: str) -> Array:
    r"""Return the series of a line, shape `(length, 1)`.

    Missing values at the end are padding, and left out.

    Args:
        line: The label and values, between tabs, commas or blanks.
        member: Not used.

    Raises:
        DataError: If a value is no number.

    Example:
        >>> parse(b"1\t0.5\tNaN\t2\tNaN", "").tolist()
        [[0.5], [nan], [2.0]]
    """
    return without_padding(numbers(_fields(line)[1:])[:, None])


def _fields(line: bytes) -> list[bytes]:
    if b"\t" in line:
        return line.split(b"\t")
    return _SEPARATOR.split(line.strip())


def _listed(path: Path) -> Listed:
    lines = []
    for place, line in lines_of(path):
        label = _SEPARATOR.split(line.strip(), maxsplit=1)[0]
        lines.append(Line(place, _plain(label)))
    whole = all("." not in line.label for line in lines)
    return Listed(lines, task="classification" if whole else "auto")


def _plain(field: bytes) -> str:
    """Return a label without the `.0` that some files write behind whole numbers."""
    text = field.decode("utf-8", "replace")
    try:
        value = float(text)
    except ValueError:
        return text
    if value != value:
        return ""
    return str(int(value)) if value.is_integer() else text
