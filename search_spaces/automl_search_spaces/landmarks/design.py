"""What a landmark network tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Design:
    """A network as values of the dimensions, before it is scaled to the data.

    Attributes:
        name: Name of the landmark.
        architecture: Values that make the network what it is. Numbers are brought
            into the ranges that the data and the budget leave.
        training: Values of the other dimensions.
        kinds: Kinds of data it is meant for, see `DataSpec.kind`.
        published: Whether it is a published network, called by its name wherever
            its architecture is met.
    """

    name: str
    architecture: Mapping[str, Any]
    training: Mapping[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ("image",)
    published: bool = False
