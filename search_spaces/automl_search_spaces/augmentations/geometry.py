"""Layers that turn, shear, shift or stretch samples in training, each in one go."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from automl_search_spaces.augmentations.moves import take_positions
from automl_search_spaces.training_only import TrainingOnly

#: Waves of which a random change of speed is made.
_WAVES = 3


class RandomAffine(TrainingOnly):
    """Turn, shear, zoom and shift images, or all slices of a volume alike.

    Edges are repeated. All is one resampling, whatever is asked for.
    """

    def __init__(
        self,
        angle: float,
        *,
        shear: float = 0.0,
        zoom: float = 0.0,
        shift: float = 0.0,
        single: bool = False,
        interpolation: str = "bilinear",
        **options: Any,
    ) -> None:
        """Set the limits of the draws, which are uniform.

        Args:
            angle: Degrees to either side.
            shear: Share of the distance from the middle.
            zoom: Share by which sides grow or shrink.
            shift: Share of a side.
            single: Whether a sample undergoes one of these alone, drawn by lot: a
                turn, a shear or a shift along one axis.
            interpolation: `nearest` only moves values: NaN may be there.
            **options: Of a Keras layer.
        """
        super().__init__(**options)
        self.angle, self.shear, self.zoom, self.shift = angle, shear, zoom, shift
        self.single = single
        self.interpolation = interpolation

    def change(self, x: Any) -> Any:
        """Return samples `(batch, [depth,] height, width, channels)` resampled."""
        transforms = self._transforms(ops.shape(x)[0], x.shape[-3], x.shape[-2])
        if len(x.shape) == 4:
            return self._resampled(x, transforms)
        slices = ops.transpose(x, (0, 2, 3, 1, 4))
        folded = ops.reshape(slices, (-1, *slices.shape[1:3], x.shape[1] * x.shape[4]))
        turned = self._resampled(folded, transforms)
        return ops.transpose(
            ops.reshape(turned, (-1, *slices.shape[1:])), (0, 3, 1, 2, 4)
        )

    def _resampled(self, images: Any, transforms: Any) -> Any:
        return ops.image.affine_transform(
            images,
            transforms,
            interpolation=self.interpolation,
            fill_mode="nearest",
            data_format="channels_last",
        )

    def _transforms(self, batch: Any, height: int, width: int) -> Any:
        """Return where each position comes from, `(batch, 8)`, x before y."""
        limits = [math.radians(self.angle), self.shear, self.shear]
        limits += [self.shift * width, self.shift * height, self.zoom, self.zoom]
        draws = draw_changes(limits, batch, self.single, self.seed_generator)
        angle, shear_x, shear_y, shift_x, shift_y, zoom_x, zoom_y = draws
        cosine, sine = ops.cos(angle), ops.sin(angle)
        a, b = (1.0 + zoom_x) * cosine, shear_x - sine
        c, d = shear_y + sine, (1.0 + zoom_y) * cosine
        x, y = (width - 1) / 2, (height - 1) / 2  # the middle stays where it is
        zero = ops.zeros_like(angle)
        rows = [a, b, x - a * x - b * y + shift_x, c, d, y - c * x - d * y + shift_y]
        return ops.stack([*rows, zero, zero], axis=1)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        names = ("angle", "shear", "zoom", "shift", "single", "interpolation")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class RandomWarp(TrainingOnly):
    """Cut a window out of series, stretch it, and vary its speed.

    Source: Le Guennec et al. (2016), window slicing; Um et al. (2017),
        arXiv:1706.00527, time warping.
    """

    def __init__(self, speed: float, cut: float, **options: Any) -> None:
        """Vary the speed by up to `speed`, below 1, and cut off up to `cut`."""
        super().__init__(**options)
        self.speed = speed
        self.cut = cut

    def change(self, x: Any) -> Any:
        """Return `(batch, length, channels)` resampled between neighbours.

        Where one neighbour is NaN the nearer one is taken, so that what is missing
        neither grows nor shrinks.
        """
        places = self._places(ops.shape(x)[0], x.shape[1])
        before = ops.floor(places)
        weight = ops.expand_dims(places - before, -1)
        first = ops.cast(before, "int32")
        low = take_positions(x, first, 1)
        high = take_positions(x, ops.minimum(first + 1, x.shape[1] - 1), 1)
        between = low + weight * (high - low)
        nearer = ops.where(weight < 0.5, low, high)
        return ops.where(ops.isnan(between), nearer, between)

    def _places(self, batch: Any, length: int) -> Any:
        """Return where each position comes from, `(batch, length)`, ascending."""
        draws = keras.random.uniform((2 + _WAVES, batch, 1), seed=self.seed_generator)
        kept = 1.0 - self.cut * draws[0]
        times = ops.expand_dims(ops.arange(length, dtype="float32"), 0) / length
        warped = times
        for wave in range(1, _WAVES + 1):
            height = (2.0 * draws[1 + wave] - 1.0) * self.speed / (_WAVES * wave)
            warped = warped + height * ops.sin(math.pi * wave * times) / math.pi
        places = length * ((1.0 - kept) * draws[1] + kept * warped)
        return ops.clip(places, 0.0, length - 1.0)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "speed": self.speed, "cut": self.cut}


def draw_changes(limits: list[float], batch: Any, single: bool, seed: Any) -> list[Any]:
    """Return a uniform draw a sample up to each limit, or up to one of them alone.

    Args:
        limits: Largest size of each change; 0 for what does not change.
        batch: Number of samples.
        single: Whether all but one are 0, drawn by lot among those with a limit.
        seed: A seed generator.

    Returns:
        For each limit float32 `(batch,)`.
    """
    draws = keras.random.uniform((len(limits), batch), -1.0, 1.0, seed=seed)
    if not single:
        return [draws[index] * limit for index, limit in enumerate(limits)]
    possible = [index for index, limit in enumerate(limits) if limit]
    lots = keras.random.randint((batch,), 0, len(possible), seed=seed)
    return [
        draws[index] * limit * ops.cast(lots == possible.index(index), "float32")
        if limit
        else ops.zeros((batch,), "float32")
        for index, limit in enumerate(limits)
    ]
