"""Options as people give them in Python, as fields of a request."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from automl.errors import RequestError
from automl.run.request import SearchRequest, names_of
from automl_datasets.naming import nearest


def as_fields(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options by the names, and in the types, that a request has.

    Raises:
        RequestError: If one is not known.

    Example:
        >>> as_fields({"export": "keras,onnx", "image_size": 64, "workers": "auto"})
        {'export': ('keras', 'onnx'), 'image_size': (64, 64), 'workers': None}
        >>> as_fields({"target": ["age", "height"], "space": Path("my_space.py")})
        {'target': 'age,height', 'space': 'my_space.py'}
    """
    known = {field.name for field in dataclasses.fields(SearchRequest)} - _GIVEN
    named = {_FIELDS.get(name, name): value for name, value in options.items()}
    for name in named:
        if name not in known:
            taken = sorted((known | _OTHERS | set(_FIELDS)) - _INNER)
            raise RequestError(
                f"search() does not know {name!r}{nearest(name, taken)}; it takes "
                f"{', '.join(taken)}."
            )
    return {name: _as_field(name, value) for name, value in named.items()}


def _as_field(name: str, value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    change = _CHANGES.get(name)
    return value if change is None or value is None else change(value)


def _size(value: Any) -> tuple[int, int]:
    sides = (value, value) if isinstance(value, int) else value
    match sides:
        case [int(height), int(width)]:
            return height, width
    raise RequestError(
        "image_size must be a height and a width in pixels, such as (48, 64), but got "
        f"{value!r}."
    )


def _columns(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


#: What the command line leaves the unit out of.
_FIELDS = {"max_size": "max_size_mb", "max_latency": "max_latency_ms"}
#: What `search` takes besides.
_OTHERS = {"budget", "callbacks", "out"}
#: What it takes by another way.
_GIVEN = {"data", "budget_seconds"}
#: What it finds out by itself, or takes by the names above.
_INNER = {"costs", *_FIELDS.values()}
_CHANGES: dict[str, Callable[[Any], Any]] = {
    "export": names_of,
    "image_size": _size,
    "objective": _columns,
    "target": _columns,
    "track": lambda value: (value,) if isinstance(value, str) else tuple(value),
    "workers": lambda value: None if value == "auto" else value,
}
