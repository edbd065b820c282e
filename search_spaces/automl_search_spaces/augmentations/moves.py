"""Layers that shift, scale, mask or replace parts of samples in training."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from automl_search_spaces.training_only import TrainingOnly


def take_positions(x: Any, positions: Any, axis: int) -> Any:
    """Return what is at other positions along one axis, other ones in each sample.

    Whole rows are copied, which is much faster than `take_along_axis`.

    Args:
        x: Samples `(batch, *space, channels)`.
        positions: int32 `(batch, length)`, within the axis.
        axis: Which, counted with the batch.
    """
    before, length, row = x.shape[1:axis], x.shape[axis], x.shape[axis + 1 :]
    starts = ops.arange(ops.shape(x)[0] * math.prod(before), dtype="int32") * length
    starts = ops.reshape(starts, (-1, math.prod(before), 1))
    places = ops.reshape(starts + ops.expand_dims(positions, 1), (-1,))
    rows = ops.take(ops.reshape(x, (-1, math.prod(row))), places, axis=0)
    return ops.reshape(rows, (-1, *x.shape[1:]))


class RandomShift(TrainingOnly):
    """Shift samples along some axes, by whole positions; edges are repeated.

    An axis so short that the share is less than a position stays: in the hours of a
    day, or in a patch whose middle decides, one position is a different sample.
    """

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
        furthest = int(self.share * length)
        if furthest == 0:
            return x
        shift = keras.random.randint(
            (batch, 1), -furthest, furthest + 1, seed=self.seed_generator
        )
        positions = ops.expand_dims(ops.arange(length, dtype="int32"), 0) + shift
        return take_positions(x, ops.clip(positions, 0, length - 1), axis)

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


class RandomNoise(TrainingOnly):
    """Add noise, uniform: to draw normal numbers takes eight times as long.

    What a convolution sums up is nearly normal all the same.
    """

    def __init__(
        self, deviation: float, least: float | None = None, **options: Any
    ) -> None:
        """Add noise.

        Args:
            deviation: Its standard deviation.
            least: That of the faintest, where each sample draws one of its own,
                log-uniform: with equal noise on all, a network hears no clean sample
                before validation.
            **options: As any layer takes them.
        """
        super().__init__(**options)
        self.deviation = deviation
        self.least = least

    def change(self, x: Any) -> Any:
        """Return the samples with noise."""
        limit = math.sqrt(3.0) * self.deviation
        shape, seed = ops.shape(x), self.seed_generator
        noise = keras.random.uniform(shape, -limit, limit, seed=seed)
        return x + (noise if self.least is None else noise * self._levels(x))

    def _levels(self, x: Any) -> Any:
        """Return the share of `deviation` of each sample, `(batch, 1, ...)`."""
        faintest = math.log((self.least or self.deviation) / self.deviation)
        shape = (ops.shape(x)[0], *(1,) * (len(x.shape) - 1))
        levels = keras.random.uniform(shape, faintest, 0.0, seed=self.seed_generator)
        return ops.exp(levels)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        config = super().get_config()
        return {**config, "deviation": self.deviation, "least": self.least}


class RandomMask(TrainingOnly):
    """Put zero for a stretch, or a box, each sample at a place of its own.

    Source: Park et al. (2019), SpecAugment, arXiv:1904.08779; Zhong et al. (2017),
        random erasing, arXiv:1708.04896.
    """

    def __init__(self, axes: tuple[int, ...], share: float, **options: Any) -> None:
        """Mask up to `share` of the positions of each of `axes`.

        Axes are counted with the batch; along the others all is masked.
        """
        super().__init__(**options)
        self.axes = tuple(axes)
        self.share = share

    def change(self, x: Any) -> Any:
        """Return the masked samples."""
        inside = self._stretch(x, self.axes[0])
        for axis in self.axes[1:]:
            inside = ops.logical_and(inside, self._stretch(x, axis))
        return ops.where(inside, 0.0, x)

    def _stretch(self, x: Any, axis: int) -> Any:
        """Return what lies within a stretch of one axis, of length 1 along others."""
        length, batch = x.shape[axis], ops.shape(x)[0]
        draw = keras.random.uniform((2, batch, 1), seed=self.seed_generator)
        width = draw[0] * self.share * length
        start = draw[1] * (length - width)
        positions = ops.expand_dims(ops.arange(length, dtype="float32"), 0)
        inside = ops.logical_and(positions >= start, positions < start + width)
        shape = [1] * len(x.shape)
        shape[0], shape[axis] = -1, length
        return ops.reshape(inside, shape)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "axes": self.axes, "share": self.share}


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
        length = x.shape[self.axis]
        draw = keras.random.uniform((ops.shape(x)[0], 1), seed=self.seed_generator)
        forward = ops.expand_dims(ops.arange(length, dtype="int32"), 0)
        places = ops.where(draw < 0.5, length - 1 - forward, forward)
        return take_positions(x, places, self.axis)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "axis": self.axis}
