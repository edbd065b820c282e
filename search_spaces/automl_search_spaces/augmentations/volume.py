"""Shifts, turns, intensity and noise of volumes and videos; mirrors where wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Augmentation, Changes
from automl_search_spaces.augmentations.geometry import RandomAffine
from automl_search_spaces.augmentations.intensity import RandomIntensity
from automl_search_spaces.augmentations.moves import (
    RandomMirror,
    RandomNoise,
    RandomScale,
    RandomShift,
)
from automl_search_spaces.dimensions.declaration import Declaration

#: Share of a side, factor and standard deviations by strength.
_STRENGTHS: Mapping[str, tuple[float, float, float]] = {
    "light": (0.05, 1.1, 0.05),
    "strong": (0.1, 1.25, 0.15),
}

#: Degrees by which slices are turned, and share by which intensities change.
_ANGLE, _INTENSITY = 10.0, 0.15

#: Axes of a sample, counted with the batch: a video's frames keep their order.
_SPACE: Mapping[str, tuple[int, ...]] = {"volume": (1, 2, 3), "video": (2, 3)}
_MIRRORED: Mapping[str, tuple[int, ...]] = {"volume": (1, 2, 3), "video": (3,)}


def layers(strength: str, spec: DataSpec, values: Mapping[str, Any]) -> Changes:
    """Return mirrors, a shift, a factor and noise.

    Strong ones also turn the slices, all alike, and change brightness and contrast.
    """
    share, factor, noise = _STRENGTHS[strength]
    mirrored = _MIRRORED[spec.kind] if values.get("flip") else ()
    raw = [*map(RandomMirror, mirrored), RandomShift(_SPACE[spec.kind], share)]
    changed: list[Any] = [RandomScale(factor), RandomNoise(noise)]
    if strength == "strong":
        # Between a value and a missing one there is nothing.
        interpolation = "nearest" if spec.missing else "bilinear"
        raw.append(RandomAffine(_ANGLE, interpolation=interpolation))
        changed.append(RandomIntensity(_INTENSITY))
    return Changes(tuple(raw), tuple(changed))


def declare(declaration: Declaration, spec: DataSpec) -> None:
    """Declare `flip`, off by default: sides and directions often carry the class."""
    declaration.flag("flip", default=False)


def admits(spec: DataSpec) -> bool:
    """Whether the samples are volumes or videos."""
    return spec.kind in ("volume", "video")


AUGMENTATION = Augmentation("volume", ("light", "strong"), admits, layers, declare)
