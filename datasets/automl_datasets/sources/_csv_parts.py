"""What one CSV file tells of its samples: labels, splits, groups, names of series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from automl_datasets.naming import shown
from automl_datasets.samples import Sample
from automl_datasets.sources._csv_chunks import as_codes, chunks, series_name
from automl_datasets.sources._csv_form import CsvForm, plain
from automl_datasets.sources._csv_recipe import Recipe
from automl_datasets.sources._csv_roles import Roles
from automl_datasets.sources._split_columns import as_split_words, row_splits
from automl_datasets.sources.tables import cells_of

if TYPE_CHECKING:
    import pandas as pd

LABELS_DIFFER = "its rows differ in label"
_CONTRADICTION = "\0"  # stands for a label that differs between the rows of a series


class Part(NamedTuple):
    """What one file tells of its samples, column by column.

    Attributes:
        base: What its samples have in common.
        labels: Cells of each target column.
        splits: Cells of the column of splits; empty texts where there is none.
        groups: Cells of the column of groups, likewise.
        series: Names of the series of a long table, likewise.
    """

    base: Sample
    labels: list[list[str]]
    splits: list[str]
    groups: list[str]
    series: list[str]


def part_of(
    path: Path,
    form: CsvForm,
    roles: Roles,
    split: str | None,
    problems: list[str],
) -> Part:
    """Return what one file tells of its samples."""
    place = {name: i for i, name in enumerate(form.names)}
    recipe = Recipe(
        form,
        roles.form,
        tuple(tuple(place[name] for name in channel) for channel in roles.values),
        None if roles.series is None else place[roles.series],
        None if roles.time is None else place[roles.time],
    )
    names = [*roles.targets, roles.split, roles.group, roles.series]
    wanted = [None if name is None else place[name] for name in names]
    if roles.form == "long":
        columns = _first_of_each(path, form, wanted, problems)
    else:
        columns = cells_of(path, form, wanted, problems=problems)
    *labels, splits, groups, series = columns
    base = Sample("", 0, split, str(path), recipe.to_member())
    return Part(base, labels, as_split_words(roles.split, splits), groups, series)


def _first_of_each(
    path: Path, form: CsvForm, wanted: Sequence[int | None], problems: list[str]
) -> list[list[str]]:
    """Return the cells of one row for each series, in the order that they appear.

    Args:
        path: The file.
        form: How it is written.
        wanted: Places of the columns, that of the names of the series last; `None` for
            a column of empty cells.
        problems: What is told of rows that cannot be used is added here.

    Raises:
        DataError: If the file cannot be read.
    """
    found: dict[str, tuple[str, ...]] = {}
    texts = sorted({place for place in wanted if place is not None})
    for frame in chunks(path, form, texts, problems=problems):
        for cells in _different_rows(frame, wanted, form.decimal):
            name = cells[-1]
            known = found.get(name)
            if known is None and name:
                found[name] = cells
            elif known is not None and known != cells:
                found[name] = tuple(map(_agreed, known, cells))
    return [[cells[i] for cells in found.values()] for i in range(len(wanted))]


def _different_rows(
    frame: pd.DataFrame, wanted: Sequence[int | None], decimal: str
) -> list[tuple[str, ...]]:
    """Return the rows of some columns, each once: a series has many that are alike."""
    columns, codes = [], []
    for column, place in enumerate(wanted):
        if place is None:
            columns.append([""])
            codes.append([0] * len(frame))
            continue
        numbers, found = as_codes(frame, place)
        if column == len(wanted) - 1:
            columns.append([series_name(cell) for cell in found])
        else:
            columns.append([plain(cell, decimal) for cell in found])
        codes.append(numbers)
    _, first = np.unique(np.array(codes), axis=1, return_index=True)
    return [
        tuple(cells[of[row]] for cells, of in zip(columns, codes, strict=True))
        for row in np.sort(first).tolist()
    ]


def _agreed(one: str, other: str) -> str:
    """Return what two rows of a series say; one may be silent."""
    if one == other or not other:
        return one
    return _CONTRADICTION if one else other


def candidates(parts: Sequence[Part]) -> Iterator[tuple[Sample, str | None]]:
    """Yield each sample, its target open, and why it cannot be used."""
    for part in parts:
        file = shown(Path(part.base.location).name)
        splits = row_splits(part.splits, part.base.split)
        told = zip(splits, part.groups, part.series, strict=True)
        for place, ((split, refusal), group, series) in enumerate(told):
            sample = part.base._replace(
                name=f"{file}[{series or place}]",
                split=split,
                place=place,
                group=group or None,
            )
            reason = refusal
            if any(column[place] == _CONTRADICTION for column in part.labels):
                reason = LABELS_DIFFER
            elif _CONTRADICTION in (part.splits[place], group):
                reason = "its rows differ in split or group"
            yield sample, reason
