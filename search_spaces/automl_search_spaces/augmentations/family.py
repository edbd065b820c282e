"""What a family of augmentations tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from automl_datasets.spec import DataSpec
from automl_search_spaces.dimensions.declaration import Declaration


class Changes(NamedTuple):
    """Layers that change samples in training and pass them on otherwise.

    Attributes:
        raw: On samples as the data set holds them.
        standardized: On what convolutions see, at zero mean and unit variance; for
            a spectrogram `(batch, frames, bands, 1)`.
    """

    raw: tuple[Any, ...] = ()
    standardized: tuple[Any, ...] = ()


def declare_nothing(declaration: Declaration, spec: DataSpec) -> None:
    """Declare no hyperparameter."""


@dataclass(frozen=True)
class Augmentation:
    """A family of augmentations and what it needs.

    Attributes:
        name: Name of the family.
        strengths: Its values of the hyperparameter `augmentation`.
        admits: Whether it suits the data.
        layers: `(strength, spec, values) -> Changes`; `values` are the active
            hyperparameters. Layers of our own derive from `TrainingOnly`.
        declare: Declares hyperparameters of this family alone; called where they
            are active with its strengths only.
    """

    name: str
    strengths: tuple[str, ...]
    admits: Callable[[DataSpec], bool]
    layers: Callable[[str, DataSpec, Mapping[str, Any]], Changes]
    declare: Callable[[Declaration, DataSpec], None] = declare_nothing
