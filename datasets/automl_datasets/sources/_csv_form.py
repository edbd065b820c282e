"""How a CSV file is written: encoding, delimiter, header; told from its beginning."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.missing import is_missing
from automl_datasets.unmarked import HEAD, utf16_of
from automl_datasets.usual_names import GROUP_NAMES, SPLIT_NAMES, TARGET_NAMES

Rows = list[list[str]]

_DELIMITERS = (",", "\t", ";", "|")
_NOWHERE = "\x1f"  # divides the fields of a single column: no text holds it
_SAMPLE_BYTES = 2**22
_SAMPLE_ROWS = 1_000
_BLOCK = 2**20
_FEWEST_ALIKE = 0.9  # share of rows that have as many fields as the first
_FEWEST_STEPS = 8
_FEWEST_ABOVE = 2  # texts above numbers; a single one may be a spoilt number
_MOST_WORDS = 4  # of a name
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_USUAL_NAMES = frozenset((*TARGET_NAMES, *GROUP_NAMES, *SPLIT_NAMES, "id"))


@dataclass(frozen=True)
class CsvForm:
    """How a table is written.

    Attributes:
        encoding: A codec of Python.
        delimiter: Between the fields.
        decimal: Within the numbers.
        quoted: Whether quotes hold fields together; else they are part of the text.
        header: Whether the first row names the columns.
        names: Of the columns, each once; made up where there is no header.
    """

    encoding: str
    delimiter: str
    decimal: str
    quoted: bool
    header: bool
    names: tuple[str, ...]


def number(cell: str, decimal: str = ".") -> float | None:
    """Return a cell as a number, NaN where missing; `None` if it is text.

    Example:
        >>> number("1,5", ","), number("?"), number("one")
        (1.5, nan, None)
    """
    if is_missing(cell):
        return math.nan
    try:
        return float(cell.replace(",", ".") if decimal == "," else cell)
    except ValueError:
        return None


def plain(cell: str, decimal: str) -> str:
    """Return a label; a number gets a decimal point, what is missing nothing.

    Example:
        >>> plain(" 1,5", ","), plain("a,b", ","), plain("NaN", ".")
        ('1.5', 'a,b', '')
    """
    text = cell.strip()
    if decimal == "," and _DECIMAL_COMMA.fullmatch(text):
        return text.replace(",", ".")
    return "" if is_missing(text) else text


def read_form(path: Path, *, fewest_columns: int = 2) -> tuple[CsvForm, Rows]:
    """Tell how a table is written.

    Args:
        path: The file.
        fewest_columns: 1 where a table may hold nothing but a column of texts.

    Returns:
        The form, and the first rows below the header, each as wide as it.

    Raises:
        DataError: If the file cannot be read, or is no table of as many columns.
    """
    try:
        encoding = _encoding(path)
        with path.open("rb") as file:
            sample = file.read(_SAMPLE_BYTES)
            cut = bool(file.read(1))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}).") from error
    text = sample.decode(encoding, "ignore")
    if not text.strip():
        raise DataError(f"{path} is empty; give a table with a column of labels.")
    rows, delimiter = _best_rows(text, cut)
    plain_rows = _unquoted(text, cut, rows) if delimiter == "\t" else None
    quoted = plain_rows is None
    rows = plain_rows or rows
    if not rows and fewest_columns == 1:
        rows, delimiter = _parsed(text, _NOWHERE, cut, quoted=True), _NOWHERE
    if not rows:
        raise DataError(
            f"{path} is no table of two columns or more: its rows do not have equally "
            "many fields between commas, tabs, semicolons or bars; add a column of "
            "labels, or check how it was saved."
        )
    header, body = _split_header(rows)
    if not body:
        raise DataError(f"{path} has a header, but no rows; add some.")
    decimal = _decimal(body, delimiter)
    names = _unique(header or [f"column {i + 1}" for i in range(len(rows[0]))])
    form = CsvForm(encoding, delimiter, decimal, quoted, header is not None, names)
    return form, body


def _encoding(path: Path) -> str:
    """Return the encoding of a whole file, one block in memory at a time."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        if (wide := utf16_of(file.read(HEAD))) is not None:
            return wide
        file.seek(0)
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _best_rows(text: str, cut: bool, *, quoted: bool = True) -> tuple[Rows, str]:
    """Return the rows under the delimiter that divides them most evenly."""
    best: tuple[float, int] = (0.0, 0)
    chosen: tuple[Rows, str] = ([], ",")
    for delimiter in _DELIMITERS:
        rows = _parsed(text, delimiter, cut, quoted=quoted)
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        # Missing fields are filled up, and blank ones at the end are harmless.
        alike = [len(row) == width or not any(row[width:]) for row in rows]
        full = sum(len(row) == width for row in rows) / len(rows)
        score = (full, width)
        if sum(alike) >= _FEWEST_ALIKE * len(rows) and score > best:
            even = [row for row, fits in zip(rows, alike, strict=True) if fits]
            padded = [(row + [""] * width)[:width] for row in even]
            best, chosen = score, (padded, delimiter)
    return chosen


def _unquoted(text: str, cut: bool, rows: Rows) -> Rows | None:
    """Return the rows with quotes as part of the text, if that is what they are.

    A quote that is never closed swallows the rows below it, which without it are all
    as wide as the first.
    """
    if not any("\n" in field for row in rows for field in row):
        return None
    plain_rows = _parsed(text, "\t", cut, quoted=False)
    even = len({len(row) for row in plain_rows}) == 1
    return plain_rows if even else None


def _parsed(text: str, delimiter: str, cut: bool, *, quoted: bool) -> Rows:
    lines = io.StringIO(text, newline="")
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )
    rows: Rows = []
    try:
        for row in islice(reader, _SAMPLE_ROWS + 2):
            if any(field.strip() for field in row):
                rows.append(row)
    except csv.Error:  # a field too long for this parser: what came before will do
        return rows
    whole = cut and len(rows) > 1 and len(rows) <= _SAMPLE_ROWS
    return rows[:-1] if whole else rows[: _SAMPLE_ROWS + 1]


def _split_header(rows: Rows) -> tuple[list[str] | None, Rows]:
    first, body = rows[0], rows[1:]
    if body and not _is_header(first, body):
        return None, rows
    return [name.strip() for name in first], body


def _is_header(first: Sequence[str], body: Rows) -> bool:
    """Return whether the first row names the columns.

    Several short texts above numbers are names, unless there are as many numbers above
    numbers. Else names do not recur below, and one of them is usual, or they number the
    columns, or one is a text above numbers; without that, no number stands above
    numbers.
    """
    below = [[row[i] for row in body] for i in range(len(first))]
    pairs = list(zip(first, below, strict=True))
    texts = [(field, cells) for field, cells in pairs if number(field) is None]
    numbers = [(f, cells) for f, cells in pairs if number(f) is not None and f.strip()]
    above = [(field, cells) for field, cells in texts if _all_numbers(cells)]
    names = {field for field, cells in above if not all(map(is_missing, cells))}
    rivals = sum(_all_numbers(cells) for _, cells in numbers)
    short = all(len(field.split()) <= _MOST_WORDS for field, _ in texts)
    if short and len(names) >= _FEWEST_ABOVE and len(names) > rivals:
        return True
    if any(field in cells for field, cells in texts):
        return False
    usual = any(field.strip().lower() in _USUAL_NAMES for field, _ in texts)
    if usual or _counts_up([field for field, _ in numbers]):
        return True
    if above:
        return True
    return bool(texts) and not any(_all_numbers(cells) for _, cells in numbers)


def _all_numbers(cells: Sequence[str]) -> bool:
    return all(number(cell) is not None for cell in cells)


def _counts_up(fields: Sequence[str]) -> bool:
    values = [number(field) for field in fields]
    steps = {b - a for a, b in pairwise(values) if a is not None and b is not None}
    return len(fields) >= _FEWEST_STEPS and steps == {1.0}


def _decimal(body: Rows, delimiter: str) -> str:
    if delimiter == ",":
        return "."
    fields = [field.strip() for row in body for field in row]
    return "," if any(map(_DECIMAL_COMMA.fullmatch, fields)) else "."


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(unique)
