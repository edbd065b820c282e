"""Reading the rows of a CSV file, some at a time, in their order.

A recipe travels in the `member` of each sample, so that a reader needs nothing but the
sample: it says how the file is written and which columns are the values.
"""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.missing import SPELLINGS, is_missing
from automl_datasets.samples import Array
from automl_datasets.sources._csv_form import CsvForm

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.parsers import TextFileReader

_CHUNK_CELLS = 2_000_000
_CHUNK_ROWS = 20_000
_WRITTEN = ("text", "cells")  # forms whose cells are kept as they are written


@dataclass(frozen=True)
class Recipe:
    """How the samples of a file are made from its rows.

    Attributes:
        csv: How the file is written.
        form: `text`, `wide`, `pixels`, `cells` or `long`.
        values: Places of the columns of values by channel.
        series: Place of the column that tells series apart; long tables only.
        time: Place of the column that orders their steps; long tables only.
    """

    csv: CsvForm
    form: str
    values: tuple[tuple[int, ...], ...]
    series: int | None = None
    time: int | None = None

    def to_member(self) -> str:
        """Return the recipe as the `member` of a sample."""
        return json.dumps(asdict(self))

    @classmethod
    def from_member(cls, member: str) -> Recipe:
        """Return the recipe that `to_member` wrote."""
        found = json.loads(member)
        csv = CsvForm(**{**found["csv"], "names": tuple(found["csv"]["names"])})
        values = tuple(tuple(channel) for channel in found["values"])
        return cls(csv, found["form"], values, found["series"], found["time"])


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


@dataclass
class Table:
    """The samples of one file, read forward; going back starts again.

    Attributes:
        path: The file.
        recipe: How samples are made from its rows.
    """

    path: Path
    recipe: Recipe
    _start: int = 0
    _rows: Sequence[Any] = ()
    _refusals: dict[int, str] = field(default_factory=dict)
    _chunks: Iterator[pd.DataFrame] | None = None

    def sample(self, place: int) -> Any:
        """Return the text, or the series `(length, channels)`, at a place.

        Raises:
            DataError: If it cannot be read.
        """
        while not self._start <= place < self._start + len(self._rows):
            self._advance(place)
        if place - self._start in self._refusals:
            raise DataError(self._refusals[place - self._start])
        return self._rows[place - self._start]

    def _advance(self, place: int) -> None:
        if self._chunks is None or place < self._start:
            self._start, self._rows, self._refusals = 0, (), {}
            self._chunks = chunks(
                self.path, self.recipe.csv, self._texts(), problems=[]
            )
        self._start += len(self._rows)
        if self.recipe.form == "long":
            self._rows, self._refusals = _long_series(self._chunks, self.recipe)
            self._chunks = iter(())
            if place >= len(self._rows):
                raise DataError("is no longer in the file")
            return
        frame = next(self._chunks, None)
        if frame is None:
            self._chunks = None
            raise DataError("is no longer in the file")
        self._rows, self._refusals = self._from_rows(frame)

    def _texts(self) -> list[int]:
        recipe = self.recipe
        if recipe.form in _WRITTEN:
            return [place for channel in recipe.values for place in channel]
        return [place for place in (recipe.series, recipe.time) if place is not None]

    def _from_rows(self, frame: pd.DataFrame) -> tuple[Sequence[Any], dict[int, str]]:
        if self.recipe.form in _WRITTEN:
            return as_texts(frame, self.recipe.values[0][0]), {}
        channels = self.recipe.values
        places = [place for channel in channels for place in channel]
        values, refusals = as_numbers(frame, places, self.recipe.csv.decimal)
        series = values.reshape(len(frame), len(channels), len(channels[0])).swapaxes(
            1, 2
        )
        return list(series), refusals


def _long_series(
    frames: Iterator[pd.DataFrame], recipe: Recipe
) -> tuple[list[Array], dict[int, str]]:
    """Return all series of a table of a step a row, in the order they first appear."""
    codes: dict[str, int] = {}
    places = [channel[0] for channel in recipe.values]
    owners, times, parts = [], [], []
    refusals: dict[int, str] = {}
    for frame in frames:
        owner = _owners(frame, recipe.series or 0, codes)
        values, reasons = as_numbers(frame, places, recipe.csv.decimal)
        for row, reason in reasons.items():
            refusals.setdefault(int(owner[row]), reason)
        owners.append(owner)
        parts.append(values.astype(np.float32))
        if recipe.time is not None:
            times.append(_times(frame[recipe.time], owner, recipe.csv.decimal))
    owner = np.concatenate(owners)
    time: NDArray[Any] = np.arange(len(owner))
    if times:
        time, odd = _one_kind(times)
        refusals = odd | refusals
    order = np.lexsort((time, owner))
    steps = np.concatenate(parts)[order]
    bounds = np.searchsorted(owner[order], np.arange(len(codes) + 1))
    pairs = zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    return [steps[start:stop] for start, stop in pairs], refusals


def _owners(
    frame: pd.DataFrame, place: int, codes: dict[str, int]
) -> NDArray[np.int32]:
    """Return the number of each row's series, -1 without one; new ones get the next."""
    cells, found = as_codes(frame, place)
    names = map(series_name, found)
    numbers = [codes.setdefault(n, len(codes)) if n else -1 for n in names]
    return np.array(numbers, np.int32)[cells]


class _Times(NamedTuple):
    """The time stamps of some rows, as numbers and as dates.

    Attributes:
        numbers: What orders them as numbers; NaN where it is none.
        dates: What orders them as dates; NaT where it is none.
        no_number: The first cell that is no number, by the number of its series.
        no_date: The first cell that is no date, likewise.
    """

    numbers: NDArray[Any]
    dates: NDArray[Any]
    no_number: dict[int, str]
    no_date: dict[int, str]


def _times(cells: pd.Series[str], owner: NDArray[np.int32], decimal: str) -> _Times:
    """Read time stamps, which are few enough to be held as texts."""
    import pandas as pd

    written = cells.fillna("").astype(str)
    stamps = written.str.strip()
    if decimal == ",":
        stamps = stamps.str.replace(",", ".")
    numbers = pd.to_numeric(stamps, errors="coerce")
    dates = pd.to_datetime(stamps, errors="coerce", format="ISO8601", utc=True)
    return _Times(
        np.asarray(numbers.to_numpy()),
        np.asarray(dates.dt.tz_localize(None).to_numpy()),
        _first_of_series(written, numbers.isna(), owner),
        _first_of_series(written, dates.isna(), owner),
    )


def _first_of_series(
    cells: pd.Series[str], chosen: pd.Series[bool], owner: NDArray[np.int32]
) -> dict[int, str]:
    """Return the first chosen cell of each series."""
    rows = np.flatnonzero(chosen.to_numpy())
    numbers, first = np.unique(owner[rows], return_index=True)
    found = cells.iloc[rows[first]].tolist()
    return dict(zip(numbers.tolist(), found, strict=True))


def _one_kind(times: Sequence[_Times]) -> tuple[NDArray[Any], dict[int, str]]:
    """Return what orders time stamps, all numbers or else all dates.

    Returns:
        The times, and why series cannot be used, by their numbers.
    """
    numbers = np.concatenate([part.numbers for part in times])
    dates = np.concatenate([part.dates for part in times])
    dated = np.isnat(dates).sum() < np.isnan(numbers).sum()
    odd: dict[int, str] = {}
    for part in times:
        odd = (part.no_date if dated else part.no_number) | odd
    reasons = {
        number: f"has the time {cell[:40]!r}, but numbers or dates such as "
        "2024-01-31T12:00 are needed"
        for number, cell in odd.items()
    }
    return (dates if dated else numbers), reasons
