"""The series of a table with a step a row, put together and in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.samples import Array
from automl_datasets.sources._csv_chunks import as_codes, as_numbers, series_name
from automl_datasets.sources._csv_recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd


def long_series(
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
