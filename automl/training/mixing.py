"""Batches whose samples are mixed with one another, and their targets."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from automl_search_spaces.augmentations.mixing import Mixing
from automl_search_spaces.losses import MixedCrossentropy

Array = NDArray[Any]


def mixing_of(model: keras.Model) -> Mixing | None:
    """Return how the batches of a compiled model are mixed, if they are."""
    loss = model.loss
    return loss.mixing if isinstance(loss, MixedCrossentropy) else None


def mix(
    inputs: Array, targets: Array, mixing: Mixing, generator: np.random.Generator
) -> tuple[Array, Array]:
    """Mix every sample of a batch with another one, the larger share its own.

    Args:
        inputs: Samples `(batch, ...)`, any number.
        targets: Class indices `(batch,)`.
        mixing: How.
        generator: Draws partners and shares.

    Returns:
        Mixed samples, float32, and the share of each class, float32
        `(batch, classes)`.

    Source: Zhang et al. (2018), mixup, arXiv:1710.09412; Yun et al. (2019), CutMix,
        arXiv:1905.04899.
    """
    partners = generator.permutation(len(inputs))
    draws = generator.beta(mixing.concentration, mixing.concentration, len(inputs))
    shares = np.maximum(draws, 1.0 - draws).astype("float32")
    if mixing.kind == "cutmix":
        box = _boxes(inputs.shape, shares, mixing.axes, generator)
        shares = 1.0 - box.mean(axis=tuple(range(1, box.ndim)), dtype="float32")
        mixed = np.where(box, inputs[partners], inputs).astype("float32")
    else:
        own = inputs.astype("float32")
        along = shares.reshape(-1, *[1] * (own.ndim - 1))
        mixed = _added(own, own[partners], along)
    one_hot = np.eye(mixing.num_classes, dtype="float32")[targets]
    weights = shares[:, None]
    return mixed, weights * one_hot + (1.0 - weights) * one_hot[partners]


def _added(own: Array, other: Array, shares: Array) -> Array:
    """Return the weighted sum; where one value is missing, the other one."""
    mixed: Array = other + shares * (own - other)
    if not np.isnan(mixed).any():
        return mixed
    return np.where(np.isnan(own), other, np.where(np.isnan(other), own, mixed))


def _boxes(
    shape: tuple[int, ...],
    shares: Array,
    axes: tuple[int, ...],
    generator: np.random.Generator,
) -> Array:
    """Return a box a sample, true within, of length 1 along axes it does not cut."""
    sides = (1.0 - shares) ** (1.0 / len(axes))
    inside = np.ones((len(shares), *[1] * (len(shape) - 1)), bool)
    for axis in axes:
        length = shape[axis]
        middle = generator.uniform(0.0, length, len(shares))
        places = np.arange(length) + 0.5
        within = np.abs(places - middle[:, None]) < sides[:, None] * length / 2
        along = [1] * len(shape)
        along[0], along[axis] = len(shares), length
        inside = inside & within.reshape(along)
    return inside
