"""Rules that the fields of a request keep, whatever they are of."""

from __future__ import annotations

import math
import re
from numbers import Integral, Real
from operator import index
from typing import Any, get_type_hints

from automl.errors import RequestError
from automl.run.formats import FORMATS
from automl_datasets.naming import nearest

QUANTIZATIONS = ("none", "float16", "dynamic", "int8")
_UNITS = re.compile("_(seconds|mb|ms)$")  # the options go without


def check_types(request: object) -> None:
    """Refuse fields of another type than declared, as Python passes them on unseen.

    Raises:
        RequestError: If there is one; it names the option of the field.
    """
    for field, kind in get_type_hints(type(request)).items():
        value = getattr(request, field)
        if kind in (str, str | None) and not isinstance(value, kind):
            raise RequestError(f"{_option(field)} must be text, but got {value!r}.")
        if kind is int or (kind == int | None and value is not None):
            _check_number(field, value, int)
        if kind == tuple[str, ...]:
            if isinstance(value, tuple) and all(isinstance(v, str) for v in value):
                continue
            raise RequestError(
                f"{_option(field)} must be one name or more, but got {value!r}."
            )


def settled_number(value: Any, *, whole: bool) -> Any:
    """Return a number of NumPy, or a whole one such as `1e6`, as Python has it.

    What is no such number stays what it is, to be refused by its option.

    Args:
        value: What was given.
        whole: Whether a whole number is wanted.

    Example:
        >>> settled_number(1e6, whole=True), settled_number(2.5, whole=True)
        (1000000, 2.5)
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    if isinstance(value, Integral):
        return index(value)
    number = float(value)
    return int(number) if whole and number.is_integer() else number


def _option(field: str) -> str:
    """Return what a field is called on the command line."""
    return "--" + _UNITS.sub("", field).replace("_", "-")


def _check_number(field: str, value: Any, kind: type[int] | type[float]) -> None:
    number = isinstance(value, int if kind is int else (int, float))
    if not number or isinstance(value, bool):
        what = "whole number" if kind is int else "number"
        raise RequestError(f"{_option(field)} must be a {what}, but got {value!r}.")


def check_positive(field: str, value: Any, kind: type[int] | type[float]) -> None:
    """Refuse what is no number of a kind, or is not above zero.

    Raises:
        RequestError: If it is so; it names the option of the field.
    """
    _check_number(field, value, kind)
    if not 0 < value < math.inf:
        raise RequestError(
            f"{_option(field)} must be a number above zero, but got {value}."
        )


def check_formats(formats: tuple[str, ...], quantize: str) -> None:
    """Refuse formats that are not known, and a quantization of none of them.

    Raises:
        RequestError: If there is one.
    """
    if not formats:
        raise RequestError("--export must name at least one format.")
    for name in formats:
        check_choice("export format", name, tuple(FORMATS))
    check_choice("quantization", quantize, QUANTIZATIONS)
    if quantize != "none" and "litert" not in formats:
        raise RequestError(
            f"--quantize {quantize} is for litert files, but the formats asked for are "
            f"{', '.join(formats)}; add litert."
        )


def check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    """Refuse what is none of some choices.

    Raises:
        RequestError: If it is so; it says what there is.
    """
    if value not in choices:
        raise RequestError(
            f"The {what} {value!r} is not known{nearest(value, choices)}; choose one "
            f"of {', '.join(choices)}."
        )
