"""Series in `.tsv` and `.txt` files of the UCR archive: a label, then the values."""

from __future__ import annotations

import re
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.samples import Array
from automl_datasets.series import numbers, without_padding
from automl_datasets.sources._series_lines import (
    Line,
    LineSource,
    Listed,
    lines_of,
)

_FEWEST_VALUES = 4
_SEPARATOR = re.compile(rb"\s*[,;\t]\s*|\s+")


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


def _listed(path: Path, options: DataOptions) -> Listed:
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


def _recognise_file(path: Path) -> str | None:
    _, first = next(lines_of(path), (0, b""))
    try:
        values = numbers(_fields(first))
    except DataError:
        return None
    if len(values) <= _FEWEST_VALUES or values[0] != values[0]:
        return None
    return f"a file named {path.suffix} with a label and a series in each line"


SOURCE = LineSource(
    NAME="tsv file of series",
    FORM="a .tsv file with a label and a series in each line",
    SUFFIXES=frozenset({".tsv", ".txt"}),
    recognise_file=_recognise_file,
    listing=_listed,
    parse=parse,
)
