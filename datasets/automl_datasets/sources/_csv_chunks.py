"""Reading a CSV file, some rows at a time, and what the cells of those rows hold."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.missing import SPELLINGS, is_missing
from automl_datasets.sources._csv_form import CsvForm

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.parsers import TextFileReader

_CHUNK_CELLS = 2_000_000
_CHUNK_ROWS = 20_000


def chunks(
    path: Path, form: CsvForm, texts: Sequence[int], *, problems: list[str]
) -> Iterator[pd.DataFrame]:
    """Yield the rows of a table, some at a time; columns are called by their places.

    Args:
        path: The file.
        form: How it is written.
        texts: Places of the columns to keep as they are written; others become
            numbers where all of a chunk are, missing ones NaN.
        problems: What is told of rows that cannot be used is added here.

    Raises:
        DataError: If it cannot be read.
    """
    import pandas as pd

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frames = _frames(path, form, texts)
        with frames:  # closed with this generator, however far it was read
            yield from _caught(frames, problems)
        problems += _told(caught)
    except (OSError, ValueError, pd.errors.ParserError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{path} cannot be read as a table ({str(error).strip()}); check how it "
            "was saved."
        ) from error


def _frames(path: Path, form: CsvForm, texts: Sequence[int]) -> TextFileReader:
    """Open a table, whose frames are then read one after the other."""
    import pandas as pd

    places = range(len(form.names))
    missing: Any = {place: SPELLINGS for place in places if place not in texts}
    return pd.read_csv(
        path,
        sep=form.delimiter,
        decimal=form.decimal,
        quoting=csv.QUOTE_MINIMAL if form.quoted else csv.QUOTE_NONE,
        encoding=form.encoding,
        encoding_errors="replace",
        header=0 if form.header else None,
        names=list(places),
        index_col=False,
        dtype=cast("dict[Any, type[str]]", dict.fromkeys(texts, str)),
        keep_default_na=False,
        na_values=missing,
        on_bad_lines="warn",
        low_memory=False,
        chunksize=max(1, min(_CHUNK_ROWS, _CHUNK_CELLS // len(places))),
    )


def _caught(
    frames: Iterator[pd.DataFrame], problems: list[str]
) -> Iterator[pd.DataFrame]:
    """Yield frames, with what pandas warns of turned into problems."""
    while True:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = next(frames, None)
        problems += _told(caught)
        if frame is None:
            return
        yield frame


def _told(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    lines = [line for one in caught for line in str(one.message).splitlines()]
    return [line.strip() for line in lines if line.startswith("Skipping line")]


def as_texts(frame: pd.DataFrame, place: int) -> list[str]:
    """Return a column as it is written; cells that a row lacks are empty."""
    return [str(cell) for cell in frame[place].fillna("").tolist()]


def as_codes(frame: pd.DataFrame, place: int) -> tuple[list[int], list[str]]:
    """Return a column as indices into its different cells, and these as written."""
    import pandas as pd

    codes, found = pd.factorize(frame[place].fillna(""))
    return codes.tolist(), [str(cell) for cell in found]


def series_name(cell: str) -> str:
    """Return the name of a series by which its rows, and its label, are found.

    It is what is written, but for blanks around it: `NA` is a name too.
    """
    return cell.strip()


def as_numbers(
    frame: pd.DataFrame, places: Sequence[int], decimal: str
) -> tuple[NDArray[np.float64], dict[int, str]]:
    """Return columns as numbers, `(rows, places)`, and why rows are no numbers."""
    import pandas as pd

    values = np.empty((len(frame), len(places)), np.float64)
    refusals: dict[int, str] = {}
    for column, place in enumerate(places):
        cells = frame[place]
        if cells.dtype.kind in "biuf":
            values[:, column] = cells.to_numpy()
            continue
        # One cell that is no number leaves the whole column as it is written.
        pointed = cells.astype(str).str.replace(",", ".") if decimal == "," else cells
        numeric = pd.to_numeric(pointed, errors="coerce")
        values[:, column] = numeric.to_numpy(np.float64)
        for row in np.flatnonzero((numeric.isna() & cells.notna()).to_numpy()).tolist():
            cell = str(cells.iloc[row])
            if not is_missing(cell):
                reason = f"holds {cell[:40]!r} where a number is needed"
                refusals.setdefault(row, reason)
    return values, refusals
