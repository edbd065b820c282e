"""Columns of pixels: which of a table they are, and how they become images."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.naming import quoted
from automl_datasets.options import DataOptions
from automl_datasets.resizing import resize_array
from automl_datasets.samples import Array, Layout, Reading
from automl_datasets.sources._csv_form import CsvForm, Rows, number
from automl_datasets.sources._csv_roles import Roles
from automl_datasets.sources._pixel_cells import CELLS, pixel_values
from automl_datasets.sources._pixel_shapes import (
    LARGEST,
    SHORTEST_SIDE,
    image_shape,
    is_pixel,
)

PIXELS = "pixels"  # the form of a table with an image a row

_COUNTED = re.compile(r"(?:p|px|pix|pixels?)[ _.\-]?\d+", re.IGNORECASE)
_PLACED = re.compile(r"(\d{1,4})x(\d{1,4})", re.IGNORECASE)
_SHORTEST_SIDE_UNNAMED = 16  # shorter ones may as well be series without names


def series_first(options: DataOptions) -> DataOptions:
    """Return what to ask of a table's columns: images begin as series, a row each."""
    return replace(options, kind="series") if options.kind == "image" else options


def as_pixels(
    roles: Roles, form: CsvForm, head: Rows, options: DataOptions, *, source: str
) -> Roles:
    """Return the roles of a table with an image a row, where series are such images.

    Images are square. Their columns count up and are called like pixels (`pixel0`,
    `p1`, `1x1`), or have no names at all; where images are asked for, any names do.
    Grey ones have n² columns, those of three colours 3 n², the colours of a pixel
    beside each other. Every value is a whole number of 0 to 255.

    Args:
        roles: What the columns are for, as `decide_roles` told.
        form: How the table is written.
        head: Its first rows.
        options: The kind that the user asks for.
        source: Where it comes from, for the message.

    Raises:
        DataError: If images are asked for, but the table holds none.
    """
    names = tuple(name for channel in roles.values for name in channel)
    if roles.form == CELLS:
        return _as_cells(roles, names[0], options, source=source)
    asked = options.kind == "image"
    shape = _shape(roles, names, headed=form.header, asked=asked)
    if shape and options.kind in ("auto", "image") and _are_pixels(names, form, head):
        note = (
            f"{len(names)} columns of pixels are taken for images of "
            f"{shape[0]}x{shape[1]}{' in three colours' if shape[2] == 3 else ''}; the "
            f"label is in {', '.join(map(quoted, roles.targets))}; the kind series "
            "takes them for series."
        )
        notes = (note, *roles.notes[1:])  # the first says what the values are
        return roles._replace(form=PIXELS, values=(names,), notes=notes)
    if asked:
        raise DataError(
            f"{source} holds no images, which are columns such as 'pixel0' for squares "
            "of 8x8 pixels or more, whole numbers of 0 to 255; check the kind 'image'."
        )
    return roles


def _as_cells(roles: Roles, name: str, options: DataOptions, *, source: str) -> Roles:
    """Return the roles of a table with an image in each cell, and a note.

    Raises:
        DataError: If series are asked for.
    """
    if options.kind == "series":
        raise DataError(
            f"The column {name!r} of {source} holds an image in each cell, but the "
            "kind series was asked for; choose image, or give each value a column."
        )
    note = (
        f"Each cell of the column {name!r} is taken for the pixels of an image; the "
        f"label is in {', '.join(map(quoted, roles.targets))}; the kind text takes it "
        "for a text."
    )
    return roles._replace(notes=(note, *roles.notes[1:]))


def _shape(
    roles: Roles, names: Sequence[str], *, headed: bool, asked: bool
) -> tuple[int, int, int] | None:
    """Return height, width and channels of the images that columns may hold."""
    shape = image_shape(len(names)) if roles.form == "wide" else None
    if shape is None or shape[0] < SHORTEST_SIDE:
        return None
    placed = headed and all(map(_PLACED.fullmatch, names))
    if placed and not _fill_square(names, shape[0]):
        return None  # whoever asks: the names say that the images are no squares
    if asked or all(map(_COUNTED.fullmatch, names)):
        return shape
    bare = not headed and shape[0] >= _SHORTEST_SIDE_UNNAMED
    return shape if shape[2] == 1 and (placed or bare) else None


def _fill_square(names: Sequence[str], side: int) -> bool:
    """Return whether names of places, such as `1x1`, are those of a whole square."""
    places = [match.groups() for name in names if (match := _PLACED.fullmatch(name))]
    found = {(int(row), int(column)) for row, column in places}
    return any(
        found == set(product(range(first, first + side), repeat=2)) for first in (0, 1)
    )


def _are_pixels(names: Sequence[str], form: CsvForm, head: Rows) -> bool:
    """Return whether all values are whole numbers of 0 to 255; some may be missing."""
    place = {name: i for i, name in enumerate(form.names)}
    places = [place[name] for name in names]
    cells = {row[i] for row in head for i in places}
    values = [number(cell, form.decimal) for cell in cells]
    return all(v is not None and (v != v or is_pixel(v)) for v in values)


def pixel_layout(
    shapes: Collection[tuple[int, ...]], options: DataOptions, *, source: Path
) -> Layout:
    """Return the layout of images of one shape, whatever file they come from.

    Raises:
        DataError: If their shapes differ, or there is none.
    """
    if not shapes:
        raise DataError(
            f"{source} holds no square images to begin with; check its first rows."
        )
    if len(shapes) > 1:
        listed = " and ".join(map(str, sorted(shapes)))
        raise DataError(
            f"The images of {source} and of what belongs to it must have one shape, "
            f"but have {listed}; give data of one shape."
        )
    shape = next(iter(shapes))
    if options.image_size is not None:
        shape = (*options.image_size, shape[-1])
    return Layout("image", shape, "uint8")


def table_reading(found: Array | str, layout: Layout, *, fitted: bool) -> Reading:
    """Bring a row of pixels, or a cell of them, to a layout; see `pixel_reading`.

    Args:
        found: Numbers, `(n * n * channels, 1)`, NaN where one is missing; or the text
            of a cell that holds them.
        layout: The form to reach.
        fitted: Whether to resize to it.

    Raises:
        DataError: If a number is no pixel, or there are too few or too many.
    """
    values = pixel_values(found) if isinstance(found, str) else found
    whole = np.isfinite(values) & (values == np.floor(values))
    wrong = values[~(whole & (values >= 0) & (values <= LARGEST))]
    if wrong.size:
        raise DataError(
            f"holds {wrong[0]:g} where a whole number of 0 to 255 is needed"
        )
    shape = image_shape(values.size)
    if shape is None:
        raise DataError(f"holds {values.size} values, which are no square image")
    return pixel_reading(values.astype(np.uint8).reshape(shape), layout, fitted=fitted)


def pixel_reading(image: Array, layout: Layout, *, fitted: bool) -> Reading:
    """Bring an image `(height, width, channels)`, uint8, to a layout.

    Raises:
        DataError: If it has other channels, or the layout another dtype.
    """
    if image.shape[-1:] != layout.shape[-1:] or layout.dtype != "uint8":
        raise DataError(
            f"has shape {image.shape} of uint8, but {layout.shape} of {layout.dtype} "
            "is needed"
        )
    size = image.shape[:-1]
    if fitted and image.shape != layout.shape:
        image = resize_array(image, (layout.shape[0], layout.shape[1]))
    return Reading(image, size)
