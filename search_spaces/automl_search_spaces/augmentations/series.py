"""Shifts in time, scaling and noise of series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Augmentation, Changes
from automl_search_spaces.augmentations.moves import (
    RandomMask,
    RandomScale,
    RandomShift,
)

#: Share of the length, factor and standard deviations by strength.
_STRENGTHS: Mapping[str, tuple[float, float, float]] = {
    "light": (0.03, 1.1, 0.03),
    "strong": (0.1, 1.25, 0.1),
}


def layers(strength: str, spec: DataSpec, values: Mapping[str, Any]) -> Changes:
    """Return a shift, a factor and noise; strong ones also hide a stretch.

    Source: Um et al. (2017), arXiv:1706.00527.
    """
    share, factor, noise = _STRENGTHS[strength]
    changed: list[Any] = [RandomScale(factor), keras.layers.GaussianNoise(noise)]
    if strength == "strong":
        changed.append(RandomMask(axis=1, share=0.2))
    return Changes((RandomShift((1,), share),), tuple(changed))


def admits(spec: DataSpec) -> bool:
    """Whether the samples are series."""
    return spec.kind == "series"


AUGMENTATION = Augmentation("series", ("light", "strong"), admits, layers)
