"""What a representation tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Changes
from automl_search_spaces.dimensions.declaration import Declaration

Values = Mapping[str, Any]


class Signal(NamedTuple):
    """Numbers of about unit variance, ready for convolutions.

    Attributes:
        x: Keras tensor `(batch, *space, channels)`, float32.
        mask: `(batch, length, 1)`, 1 where a position is real and 0 where it is
            padding; `None` where all are real.
    """

    x: Any
    mask: Any = None


def declare_nothing(declaration: Declaration, spec: DataSpec) -> None:
    """Declare no hyperparameter."""


@dataclass(frozen=True)
class Representation:
    """A way of handing samples to convolutions; it is part of the model.

    Attributes:
        name: Its value of the hyperparameter `representation`.
        kinds: Kinds of data that may be handed over so, see `DataSpec.kind`.
        shape: `(spec, values) -> (*space, channels)` of what convolutions see;
            what `values` leave open has its default.
        apply: `(inputs, spec, values, changes) -> Signal`, from raw samples, of
            stock Keras layers and operations except for `changes`.
        declare: Declares hyperparameters of this representation alone.
    """

    name: str
    kinds: tuple[str, ...]
    shape: Callable[[DataSpec, Values], tuple[int, ...]]
    apply: Callable[[Any, DataSpec, Values, Changes], Signal]
    declare: Callable[[Declaration, DataSpec], None] = declare_nothing
