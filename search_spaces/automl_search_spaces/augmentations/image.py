"""Shifts, turns, zooms and contrast of images; flips where they do no harm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Augmentation, Changes
from automl_search_spaces.dimensions.declaration import Declaration

_LIMITS: Mapping[str, tuple[float, float]] = {
    "uint8": (0.0, 255.0),
    "uint16": (0.0, 65535.0),
}


def layers(strength: str, spec: DataSpec, values: Mapping[str, Any]) -> Changes:
    """Return the layers; images stay in their raw units."""
    chosen: list[Any] = []
    if values.get("flip"):
        chosen.append(keras.layers.RandomFlip("horizontal"))
    shift = 0.1 if strength == "light" else 0.125
    chosen.append(keras.layers.RandomTranslation(shift, shift, fill_mode="nearest"))
    if strength == "strong":
        chosen.append(keras.layers.RandomRotation(0.04, fill_mode="nearest"))
        chosen.append(keras.layers.RandomZoom(0.15, fill_mode="nearest"))
        # Contrast is clipped to a range, which floating-point data do not state.
        if spec.dtype in _LIMITS:
            limits = _LIMITS[spec.dtype]
            chosen.append(keras.layers.RandomContrast(0.3, value_range=limits))
    return Changes(raw=tuple(chosen))


def declare(declaration: Declaration, spec: DataSpec) -> None:
    """Declare `flip`: by default for colour, where samples are mostly photographs.

    Grey images are mostly characters and scans, in which left and right differ.
    """
    declaration.flag("flip", default=spec.channels == 3)


def admits(spec: DataSpec) -> bool:
    """Whether the samples are images."""
    return spec.kind == "image"


AUGMENTATION = Augmentation("image", ("light", "strong"), admits, layers, declare)
