"""Noise added to series and volumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Augmentation

_STANDARD_DEVIATIONS: Mapping[str, float] = {"light": 0.05, "strong": 0.2}


def layers(strength: str, spec: DataSpec, values: Mapping[str, Any]) -> list[Any]:
    """Return one layer of Gaussian noise, in standard deviations of the data."""
    return [keras.layers.GaussianNoise(_STANDARD_DEVIATIONS[strength])]


def admits(spec: DataSpec) -> bool:
    """Whether the samples are series or volumes."""
    return spec.rank != 2


AUGMENTATION = Augmentation(
    "noise", ("light", "strong"), admits, layers, standardized=True
)
