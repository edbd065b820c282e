"""The samples of a CSV file, read in the order of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_datasets.errors import DataError
from automl_datasets.sources._csv_chunks import as_numbers, as_texts, chunks
from automl_datasets.sources._csv_recipe import Recipe
from automl_datasets.sources._csv_steps import long_series

if TYPE_CHECKING:
    import pandas as pd

_WRITTEN = ("text", "cells")  # forms whose cells are kept as they are written


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
            self._rows, self._refusals = long_series(self._chunks, self.recipe)
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
