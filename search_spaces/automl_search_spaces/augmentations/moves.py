"""Layers that shift, scale, mask or replace parts of samples in training."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from automl_search_spaces.training_only import TrainingOnly


class RandomShift(TrainingOnly):
    """Shift samples along some axes, by whole positions; edges are repeated."""

    def __init__(self, axes: tuple[int, ...], share: float, **options: Any) -> None:
        """Shift by up to `share` of each of `axes`, counted with the batch."""
        super().__init__(**options)
        self.axes = tuple(axes)
        self.share = share

    def change(self, x: Any) -> Any:
        """Return shifted samples; values are moved, never mixed: NaN may be there."""
        for axis in self.axes:
            x = self._along(x, axis)
        return x

    def _along(self, x: Any, axis: int) -> Any:
        batch, length = ops.shape(x)[0], x.shape[axis]
        furthest = max(1, round(self.share * length))
        shift = keras.random.randint(
            (batch, 1), -furthest, furthest + 1, seed=self.seed_generator
        )
        positions = ops.expand_dims(ops.arange(length, dtype="int32"), 0) + shift
        shape = [1] * len(x.shape)
        shape[0], shape[axis] = -1, length
        positions = ops.reshape(ops.clip(positions, 0, length - 1), shape)
        return ops.take_along_axis(x, positions, axis=axis)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "axes": self.axes, "share": self.share}


class RandomScale(TrainingOnly):
    """Multiply every sample by a factor of its own, log-uniform."""

    def __init__(self, factor: float, **options: Any) -> None:
        """Scale by between 1 / `factor` and `factor`."""
        super().__init__(**options)
        self.factor = factor

    def change(self, x: Any) -> Any:
        """Return the scaled samples."""
        limit = math.log(self.factor)
        shape = (ops.shape(x)[0], *(1,) * (len(x.shape) - 1))
        exponent = keras.random.uniform(shape, -limit, limit, seed=self.seed_generator)
        return x * ops.exp(exponent)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "factor": self.factor}


class RandomMask(TrainingOnly):
    """Put zero for a stretch along one axis, each sample at a place of its own.

    Source: Park et al. (2019), SpecAugment, arXiv:1904.08779.
    """

    def __init__(self, axis: int, share: float, **options: Any) -> None:
        """Mask up to `share` of the positions of `axis`, counted with the batch."""
        super().__init__(**options)
        self.axis = axis
        self.share = share

    def change(self, x: Any) -> Any:
        """Return the masked samples."""
        length, batch = x.shape[self.axis], ops.shape(x)[0]
        draw = keras.random.uniform((2, batch, 1), seed=self.seed_generator)
        width = draw[0] * self.share * length
        start = draw[1] * (length - width)
        positions = ops.expand_dims(ops.arange(length, dtype="float32"), 0)
        inside = ops.logical_and(positions >= start, positions < start + width)
        shape = [1] * len(x.shape)
        shape[0], shape[self.axis] = -1, length
        return ops.where(ops.reshape(inside, shape), 0.0, x)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "axis": self.axis, "share": self.share}


class RandomWordDropout(TrainingOnly):
    """Put the index of unknown words for some words; padding stays."""

    def __init__(self, rate: float, **options: Any) -> None:
        """Replace a word with probability `rate`."""
        super().__init__(**options)
        self.rate = rate

    def change(self, x: Any) -> Any:
        """Return token indices with 1 for what is dropped."""
        draw = keras.random.uniform(ops.shape(x), seed=self.seed_generator)
        dropped = ops.logical_and(draw < self.rate, x > 0)
        return ops.where(dropped, ops.ones_like(x), x)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "rate": self.rate}


class RandomMirror(TrainingOnly):
    """Mirror every other sample along one axis."""

    def __init__(self, axis: int, **options: Any) -> None:
        """Mirror along `axis`, counted with the batch."""
        super().__init__(**options)
        self.axis = axis

    def change(self, x: Any) -> Any:
        """Return the samples, about half of them mirrored."""
        shape = (ops.shape(x)[0], *(1,) * (len(x.shape) - 1))
        draw = keras.random.uniform(shape, seed=self.seed_generator)
        return ops.where(draw < 0.5, ops.flip(x, self.axis), x)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "axis": self.axis}
