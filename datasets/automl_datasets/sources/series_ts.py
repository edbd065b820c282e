"""Series in `.ts` files, the form of the UCR, UEA and TSER archives and of aeon.

Source: https://www.sktime.net/en/stable/api_reference/file_specifications/ts.html
"""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.samples import Array
from automl_datasets.series import numbers, side_by_side
from automl_datasets.sources._series_lines import (
    Line,
    LineSource,
    Listed,
    lines_of,
)
from automl_datasets.vocabulary import decoded

_HEADER_LINES = 2_000  # a video or a program of the same ending is not read further
_TRUE = "true"
_STAMPED = re.compile(rb"\(([^()]*)\)")
_BETWEEN_DIMENSIONS = re.compile(rb":(?![^(]*\))")  # not the colons of a clock


def parse(line: bytes, member: str) -> Array:
    """Return the series of a line: dimensions between colons, then the label.

    Args:
        line: Values between commas, `?` or NaN where missing; or pairs of a time stamp
            and a value, `(stamp,value)`, of which the stamps are dropped.
        member: Not used.

    Returns:
        Shape `(length, channels)`, padded at the end with NaN where dimensions differ
        in length.

    Raises:
        DataError: If a value is no number.

    Example:
        >>> parse(b"1,2,?:3,4:up", "").tolist()
        [[1.0, 3.0], [2.0, 4.0], [nan, nan]]
        >>> parse(b"(2020-01-01 00:05,1.5),(2020-01-01 00:10,2):up", "").tolist()
        [[1.5], [2.0]]
    """
    body = line.rpartition(b":")[0]
    if b"(" in body:
        parts = [_stamped(part) for part in _BETWEEN_DIMENSIONS.split(body)]
    else:
        parts = [part.split(b",") if part else [] for part in body.split(b":")]
    return side_by_side([numbers(fields) for fields in parts])


def _stamped(part: bytes) -> list[bytes]:
    return [pair.rpartition(b",")[2] for pair in _STAMPED.findall(part)]


def _listed(path: Path, options: DataOptions) -> Listed:
    header: dict[str, list[str]] = {}
    lines: list[Line] = []
    in_data = False
    for place, line in lines_of(path):
        if line.startswith((b"#", b"%")):
            continue
        if in_data:
            label = decoded(line.rpartition(b":")[2])[0].strip()
            lines.append(Line(place, label))
        elif line.startswith(b"@"):
            key, *values = decoded(line)[0].split()
            header[key.lower()] = values
            in_data = key.lower() == "@data"
    return _with_header(path, header, lines)


def _with_header(path: Path, header: dict[str, list[str]], lines: list[Line]) -> Listed:
    notes: tuple[str, ...] = ()
    if header.get("@timestamps", [""])[0].lower() == _TRUE:
        notes = ("Time stamps are dropped; values are taken in the order of the file.",)
    for key in ("@targetlabel", "@classlabel"):
        declared, *names = header.get(key, [""])
        if declared.lower() != _TRUE:
            continue
        if key == "@targetlabel":
            return Listed(lines, task="regression", target="target", notes=notes)
        order = tuple(names) or None
        return Listed(lines, task="classification", order=order, notes=notes)
    raise DataError(
        f"{path} declares neither `@classLabel true` nor `@targetLabel true`; give "
        "series with labels."
    )


def _recognise_file(path: Path) -> str | None:
    for _, line in islice(lines_of(path), _HEADER_LINES):
        if line.lower().startswith(b"@data"):
            return "a file named .ts with the header of a set of series"
        if not line.startswith((b"#", b"@", b"%")):
            return None
    return None


SOURCE = LineSource(
    NAME="ts file",
    FORM="a .ts file of series",
    SUFFIXES=frozenset({".ts"}),
    recognise_file=_recognise_file,
    listing=_listed,
    parse=parse,
)
