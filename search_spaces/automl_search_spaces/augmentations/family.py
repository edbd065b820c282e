"""What a family of augmentations tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from automl_datasets.spec import DataSpec


def declare_nothing(hp: Any, spec: DataSpec) -> None:
    """Declare no hyperparameter."""


@dataclass(frozen=True)
class Augmentation:
    """A family of augmentations and what it needs.

    Attributes:
        name: Name of the family.
        strengths: Its values of the hyperparameter `augmentation`.
        admits: Whether it suits the data.
        layers: `(strength, spec, values) -> layers` that change samples in
            training only; `values` are the active hyperparameters.
        standardized: Whether the layers work on numbers of zero mean and unit
            variance, else on the raw ones.
        declare: Declares hyperparameters of this family alone; called where they
            are active with its strengths only.
    """

    name: str
    strengths: tuple[str, ...]
    admits: Callable[[DataSpec], bool]
    layers: Callable[[str, DataSpec, Mapping[str, Any]], list[Any]]
    standardized: bool
    declare: Callable[[Any, DataSpec], None] = declare_nothing
