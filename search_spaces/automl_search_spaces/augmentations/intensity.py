"""A layer that changes the brightness, contrast and colour of samples in training."""

from __future__ import annotations

from typing import Any

from keras import ops

from automl_search_spaces.augmentations.geometry import draw_changes
from automl_search_spaces.training_only import TrainingOnly

_COLOURS = 3


class RandomIntensity(TrainingOnly):
    """Change brightness and contrast, and the saturation where there are colours.

    Samples are at unit variance, so that no range has to be known and none is left.
    """

    def __init__(self, amount: float, *, single: bool = False, **options: Any) -> None:
        """Set how much is changed.

        Args:
            amount: Share of the standard deviation, of the contrast and of the
                saturation, up or down.
            single: Whether a sample undergoes one of the changes alone.
            **options: Of a Keras layer.
        """
        super().__init__(**options)
        self.amount = amount
        self.single = single

    def change(self, x: Any) -> Any:
        """Return samples `(batch, *space, channels)` of other intensities."""
        colours = x.shape[-1] == _COLOURS
        limits = [self.amount] * (3 if colours else 2)
        draws = draw_changes(limits, ops.shape(x)[0], self.single, self.seed_generator)
        axes = tuple(range(1, len(x.shape)))
        brightness, contrast, *saturation = (ops.expand_dims(d, axes) for d in draws)
        middle = ops.mean(x, axis=axes, keepdims=True)
        x = x + contrast * (x - middle) + brightness
        if colours:
            x = x + saturation[0] * (x - ops.mean(x, axis=-1, keepdims=True))
        return x

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        own = {"amount": self.amount, "single": self.single}
        return {**super().get_config(), **own}
