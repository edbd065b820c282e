"""What the formats of the export can't do, known before the search.

The exporters put most of what a format lacks in terms of what it has, as pooling of
three dimensions and mel spectrograms. What is left is here: values of dimensions whose
networks a format can't hold, or holds too coarsely.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from automl_datasets.spec import DataSpec
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.dimensions.declaration import Narrowing


@dataclass(frozen=True)
class Shortcoming:
    """A format that can do with some values of a dimension only.

    Attributes:
        format: Name of the format.
        quantize: Precision at which it shows; every one if `None`.
        kinds: Kinds of data that it concerns.
        dimension: Name of the dimension.
        left: The values that the format can do with.
        reason: Why, in a few words.
    """

    format: str
    quantize: str | None
    kinds: tuple[str, ...]
    dimension: str
    left: tuple[Any, ...]
    reason: str


SHORTCOMINGS = (
    Shortcoming(
        "litert",
        "int8",
        ("image", "series"),
        "block",
        tuple(name for name in BLOCKS.names if name != "inception"),
        "LiteRT's runtime refuses an inception block of 8 bits",
    ),
    Shortcoming(
        "litert",
        "int8",
        ("audio",),
        "representation",
        ("waveform",),
        "8 bits can't hold the powers of a spectrum, which range over 80 dB",
    ),
    Shortcoming(
        "litert",
        "int8",
        ("text",),
        "head",
        ("gap",),
        "the largest of masked values needs a range that 8 bits can't hold",
    ),
)


def shortcomings(
    spec: DataSpec, formats: Iterable[str], quantize: str = "none"
) -> tuple[Shortcoming, ...]:
    """Return what the formats asked for can't do with the data.

    Args:
        spec: The data.
        formats: Names of the formats.
        quantize: How LiteRT's weights are kept.
    """
    asked = set(formats)
    return tuple(
        found
        for found in SHORTCOMINGS
        if found.format in asked
        and found.quantize in (None, quantize)
        and spec.kind in found.kinds
    )


def deployable(
    spec: DataSpec, formats: Iterable[str], quantize: str = "none"
) -> Narrowing:
    """Return the part of the dimensions that every format asked for can do.

    Example:
        >>> spec = DataSpec("text", (8, 1), "int32", "classification",
        ...                 ("a", "b"), 80, 10, 10, (0.0,), (1.0,))
        >>> deployable(spec, ["savedmodel", "litert"], "int8")
        {'head': ('gap',)}
    """
    left: dict[str, tuple[Any, ...]] = {}
    for found in shortcomings(spec, formats, quantize):
        before = left.get(found.dimension, found.left)
        left[found.dimension] = tuple(v for v in before if v in found.left)
    return left


def sentences(
    spec: DataSpec, formats: Iterable[str], quantize: str = "none"
) -> tuple[str, ...]:
    """Return for people what is left out of the search, and why."""
    return tuple(
        f"{found.format} ({quantize}) leaves {found.dimension} = "
        f"{', '.join(map(str, found.left))}: {found.reason}."
        for found in shortcomings(spec, formats, quantize)
    )
