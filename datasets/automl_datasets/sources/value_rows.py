"""Tables of values alone, a sample a row: what there is to predict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from automl_datasets.samples import Sample
from automl_datasets.sources._csv_form import number, read_form
from automl_datasets.sources._csv_recipe import Recipe
from automl_datasets.sources._csv_roles import ROW_NAMES
from automl_datasets.sources.tables import SUFFIXES, cells_of
from automl_datasets.spec import DataSpec
from automl_datasets.usual_names import (
    GROUP_NAMES,
    SPLIT_NAMES,
    TARGET_NAMES,
    TIME_NAMES,
)

_NO_VALUES = frozenset(
    (*TARGET_NAMES, *ROW_NAMES, *GROUP_NAMES, *SPLIT_NAMES, *TIME_NAMES, "id")
)


def value_rows(path: Path, spec: DataSpec) -> list[Sample]:
    """Return the rows of a table that has a column for each value and no other.

    Without this, one of the columns would be taken for the label.

    Args:
        path: A file.
        spec: The data that the samples are to be like: series of one channel, or
            images that were not resized.

    Returns:
        Samples without targets, for the reader of tables; none where the file is
        something else.

    Raises:
        DataError: If it cannot be read.
    """
    width = _width(spec)
    if width is None or path.suffix.lower() not in SUFFIXES or not path.is_file():
        return []
    form, head = read_form(path)
    cells = (cell for row in head for cell in row)
    numeric = None not in (number(cell, form.decimal) for cell in cells)
    if len(form.names) != width or not numeric or _names_no_value(form.names):
        return []
    recipe = Recipe(form, "wide", (tuple(range(width)),))
    base = Sample("", 0, None, str(path.absolute()), recipe.to_member())
    (first,) = cells_of(path, form, [0], problems=[])
    return [
        base._replace(name=f"{path.name}[{place}]", place=place)
        for place in range(len(first))
    ]


def _names_no_value(names: Sequence[str]) -> bool:
    """Return whether a column is called as labels, identifiers and the like are."""
    return not _NO_VALUES.isdisjoint(name.strip().lower() for name in names)


def _width(spec: DataSpec) -> int | None:
    """Return how many columns such samples have."""
    if spec.kind == "series" and spec.shape[-1] == 1:
        return spec.shape[0]
    if spec.kind == "image" and not spec.resized:
        return math.prod(spec.shape)
    return None
