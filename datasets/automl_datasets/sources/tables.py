"""CSV and TSV files as columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from automl_datasets.sources._csv_chunks import as_codes, chunks
from automl_datasets.sources._csv_form import CsvForm, plain, read_form

SUFFIXES = frozenset({".csv", ".tsv", ".tab"})

Columns = dict[str, list[str]]

_HEAD_ROWS = 64  # that tell what a table is


def encoding_notes(forms: Iterable[CsvForm]) -> tuple[str, ...]:
    """Return what to say of tables whose encoding had to be guessed."""
    if any(form.encoding == "cp1252" for form in forms):
        return ("Read as Windows-1252, since it is not UTF-8.",)
    return ()


def read_columns(path: Path, *, problems: list[str]) -> Columns:
    """Read a table of one column or more, however it is written.

    Args:
        path: The file.
        problems: What is told of rows that cannot be used is added here.

    Returns:
        Cells by the name of their column, as `columns_of` returns them.

    Raises:
        DataError: If the file cannot be read, or is no table.
    """
    form, _ = read_form(path, fewest_columns=1)
    return columns_of(path, form, problems=problems)


def head_of(path: Path) -> tuple[CsvForm, Columns]:
    """Return how a table is written, and its first rows.

    Raises:
        DataError: If the file cannot be read, or is no table of two columns or more.
    """
    form, rows = read_form(path)
    return form, {
        name: [plain(row[place], form.decimal) for row in rows[:_HEAD_ROWS]]
        for place, name in enumerate(form.names)
    }


def columns_of(path: Path, form: CsvForm, *, problems: list[str]) -> Columns:
    """Read all columns of a table.

    Args:
        path: The file.
        form: How it is written.
        problems: What is told of rows that cannot be used is added here.

    Returns:
        Cells by the name of their column, with decimal points; those that are missing
        are empty.

    Raises:
        DataError: If the file cannot be read.
    """
    columns = cells_of(path, form, range(len(form.names)), problems=problems)
    return dict(zip(form.names, columns, strict=True))


def cells_of(
    path: Path,
    form: CsvForm,
    wanted: Sequence[int | None],
    *,
    problems: list[str],
) -> list[list[str]]:
    """Return the cells of some columns; empty ones for what is not wanted.

    Args:
        path: The file.
        form: How it is written.
        wanted: Places of the columns; `None` for a column of empty cells.
        problems: What is told of rows that cannot be used is added here.

    Raises:
        DataError: If the file cannot be read.
    """
    columns: list[list[str]] = [[] for _ in wanted]
    texts = sorted({place for place in wanted if place is not None})
    once: dict[str, str] = {}  # equal cells are kept once, since there may be millions
    for frame in chunks(path, form, texts, problems=problems):
        for column, place in zip(columns, wanted, strict=True):
            if place is None:
                column += [""] * len(frame)
                continue
            codes, found = as_codes(frame, place)
            cells = [plain(cell, form.decimal) for cell in found]
            cells = [once.setdefault(cell, cell) for cell in cells]
            column += [cells[code] for code in codes]
    return columns
