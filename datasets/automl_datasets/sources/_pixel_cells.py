"""Images whose pixels are numbers between blanks in one cell, as of FER2013."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.samples import Array
from automl_datasets.sources._csv_roles import MOST_SPOILT, Column, Roles
from automl_datasets.sources._pixel_shapes import SHORTEST_SIDE, image_shape, is_pixel

CELLS = "cells"  # the form of a table with an image in each cell of a column


def pixel_cells(free: Sequence[Column]) -> Roles | None:
    """Return the roles in a table one column of which holds an image in each cell.

    The cells that are tried hold equally many whole numbers of 0 to 255, n² or, for
    three colours, 3 n²; a few may be spoilt.

    Args:
        free: Columns that have no other role yet.
    """
    found = [column for column in free if _are_images(column.lists)]
    return Roles(CELLS, ((found[0].name,),), ()) if len(found) == 1 else None


def _are_images(lists: Sequence[Sequence[float]]) -> bool:
    shapes = Counter(image_shape(len(values)) for values in lists)
    shape, count = shapes.most_common(1)[0] if shapes else (None, 0)
    return (
        shape is not None
        and shape[0] >= SHORTEST_SIDE
        and len(lists) - count <= MOST_SPOILT * len(lists)
        and all(is_pixel(value) for values in lists for value in values)
    )


def pixel_values(cell: str) -> Array:
    """Return the numbers in a cell, float64, `(n, 1)`.

    Raises:
        DataError: If some are none.
    """
    try:
        return np.array(cell.split(), np.float64).reshape(-1, 1)
    except ValueError as error:
        raise DataError(
            f"holds {cell[:40]!r} where numbers between blanks are needed"
        ) from error
