"""Shifts, scaling, noise and changes of speed of series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Augmentation, Changes
from automl_search_spaces.augmentations.geometry import RandomWarp
from automl_search_spaces.augmentations.moves import (
    RandomMask,
    RandomNoise,
    RandomScale,
    RandomShift,
)

#: Share of the length, factor and standard deviations by strength.
_STRENGTHS: Mapping[str, tuple[float, float, float]] = {
    "light": (0.03, 1.1, 0.03),
    "strong": (0.1, 1.25, 0.1),
    "warp": (0.03, 1.1, 0.03),
}

#: How much the speed varies, and the share of a series that is cut off.
_SPEED, _CUT = 0.5, 0.2


def layers(strength: str, spec: DataSpec, values: Mapping[str, Any]) -> Changes:
    """Return a shift, a factor and noise.

    `strong` also hides a stretch; `warp` is light but for time, which is cut and
    stretched.

    Source: Um et al. (2017), arXiv:1706.00527.
    """
    share, factor, noise = _STRENGTHS[strength]
    raw: list[Any] = [RandomShift((1,), share)]
    if strength == "warp":
        raw.append(RandomWarp(_SPEED, _CUT))
    changed: list[Any] = [RandomScale(factor), RandomNoise(noise)]
    if strength == "strong":
        changed.append(RandomMask((1,), 0.2))
    return Changes(tuple(raw), tuple(changed))


def admits(spec: DataSpec) -> bool:
    """Whether the samples are series."""
    return spec.kind == "series"


AUGMENTATION = Augmentation("series", tuple(_STRENGTHS), admits, layers)
