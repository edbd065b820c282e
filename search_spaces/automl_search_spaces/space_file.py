"""A user's narrowing of a shipped space, from a TOML or YAML file.

space = "resnet"

[dimensions]
kernel_size = [3, 5]
block = "residual"
learning_rate = {min = 1e-4, max = 1e-3}

Without the line `[dimensions]` it is the same.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl_search_spaces.dimensions.declaration import (
    DimensionError,
    Narrowing,
    Span,
)
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.known_dimensions import Offer, known_dimensions
from automl_search_spaces.narrowing import combine
from automl_search_spaces.registry import SPACES
from automl_search_spaces.syntax import Document, KeyPath, read_document

SUFFIXES = (".toml", ".yaml", ".yml")
_TABLE = "dimensions"
_KEYS = ("space", _TABLE)
_ENDS = ("min", "max")
_DEFAULT_SPACE = "auto"


@dataclass(frozen=True)
class SpaceFile:
    """A shipped space, and what a file leaves of it.

    Attributes:
        space: Name of the shipped space.
        narrowing: What is left of which dimension.
        document: The file, which knows the lines.
    """

    space: str
    narrowing: Narrowing
    document: Document

    def located(self, error: DimensionError) -> SpaceError:
        """Return the error with the file and the line of its dimension."""
        return SpaceError(f"{self._place(error.dimension)}: {error}")

    def _place(self, dimension: str) -> str:
        return self.document.place(_where(self.document, dimension))


def read_space_file(path: Path) -> SpaceFile:
    """Return what a file asks for, checked as far as can be without the data.

    Raises:
        SpaceError: If the file can't be read or asks for what no space has; the
            sentence names file and line.
    """
    document = read_document(path)
    space = document.values.get("space", _DEFAULT_SPACE)
    if space not in SPACES.names:
        raise _refusal(
            document, ("space",), "there is no search space", space, SPACES.names
        )
    known = known_dimensions(space)
    narrowing = {
        str(name): _narrowed(document, str(name), value, known)
        for name, value in _wanted(document).items()
    }
    found = SpaceFile(space, narrowing, document)
    try:
        combine(SPACES[space].narrowing, narrowing)
    except DimensionError as error:
        raise found.located(error) from error
    return found


def _wanted(document: Document) -> dict[Any, Any]:
    """Return what is asked of the dimensions, in their table or beside it.

    Raises:
        SpaceError: If that is no table, or a dimension is named in both places.
    """
    table = document.values.get(_TABLE, {})
    if not isinstance(table, Mapping):
        raise SpaceError(
            f"{document.place((_TABLE,))}: dimensions must be a table of names and "
            f"values, but is {table!r}."
        )
    beside = {k: value for k, value in document.values.items() if k not in _KEYS}
    for name in beside.keys() & table.keys():
        raise SpaceError(
            f"{document.place((str(name),))}: {name} is among the dimensions too; "
            "leave it in one place."
        )
    return {**table, **beside}


def _where(document: Document, dimension: str) -> KeyPath:
    """Return where a file names a dimension: in their table, or beside it."""
    in_table = dimension in document.values.get(_TABLE, {})
    return (_TABLE, dimension) if in_table else (dimension,)


def _narrowed(
    document: Document,
    name: str,
    value: Any,
    known: Mapping[str, Offer],
) -> Offer:
    """Return what a file leaves of one dimension.

    Raises:
        SpaceError: If no space has that dimension or value.
    """
    where = _where(document, name)
    if name not in known:
        if len(where) > 1:
            raise _refusal(document, where, "there is no dimension", name, known)
        raise _refusal(document, where, "there is no key", name, (*known, *_KEYS))
    if isinstance(value, Mapping):
        return _span(document, name, value, known[name])
    values = tuple(value) if isinstance(value, list) else (value,)
    if not values:
        raise SpaceError(f"{document.place(where)}: {name} has no values; add one.")
    for single in values:
        _check_value(document, name, single, known[name])
    return values


def _span(
    document: Document,
    name: str,
    table: Mapping[str, Any],
    offered: Offer,
) -> Span:
    """Return the range that a table of `min` and `max` asks for."""
    where = _where(document, name)
    _check_keys(document, table, _ENDS, where)
    least, most = _ends(offered)
    for end in table.values():
        if least is None or not _is_number(end):
            raise SpaceError(
                f"{document.place(where)}: {name} can't be {dict(table)}; "
                f"{_choices(offered)}."
            )
    span = Span(table.get("min", least), table.get("max", most))
    if span.low > span.high or span.low > (most or 0) or span.high < (least or 0):
        raise SpaceError(
            f"{document.place(where)}: {name} can't be from {span.low} to "
            f"{span.high}; {_choices(offered)}."
        )
    return span


def _check_value(document: Document, name: str, value: Any, offered: Offer) -> None:
    """Refuse a value that the dimension has for no data."""
    if isinstance(offered, Span):
        fine = _is_number(value) and offered.low <= value <= offered.high
    else:
        fine = any(value == o and _same_type(value, o) for o in offered)
    if fine:
        return
    names = () if isinstance(offered, Span) else offered
    if isinstance(value, str) and any(isinstance(o, str) for o in names):
        where = _where(document, name)
        raise _refusal(document, where, f"{name} can't be", value, names)
    place = document.place(_where(document, name))
    raise SpaceError(f"{place}: {name} can't be {value!r}; {_choices(offered)}.")


def _check_keys(
    document: Document,
    table: Mapping[str, Any],
    known: Iterable[str],
    where: KeyPath,
) -> None:
    for key in table:
        if key not in known:
            raise _refusal(document, (*where, str(key)), "there is no key", key, known)


def _refusal(
    document: Document, where: KeyPath, what: str, wanted: Any, known: Iterable[Any]
) -> SpaceError:
    """Return an error that suggests the nearest name, or lists them."""
    names = sorted(str(name) for name in known)
    nearest = difflib.get_close_matches(str(wanted), names, n=1)
    advice = (
        f"did you mean {nearest[0]!r}?"
        if nearest
        else f"choose from: {', '.join(names)}."
    )
    return SpaceError(f"{document.place(where)}: {what} {wanted!r}; {advice}")


def _choices(offered: Offer) -> str:
    if isinstance(offered, Span):
        return f"choose numbers from {offered.low:g} to {offered.high:g}"
    return f"choose from: {', '.join(map(str, offered))}"


def _ends(offered: Offer) -> tuple[float | None, float | None]:
    """Return the least and the greatest of what is offered, if it has an order."""
    if isinstance(offered, Span):
        return offered.low, offered.high
    if all(_is_number(option) for option in offered):
        return min(offered), max(offered)
    return None, None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same_type(value: Any, option: Any) -> bool:
    return (_is_number(value) and _is_number(option)) or type(value) is type(option)
