"""Leaving out whole branches of a residual network in training."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from automl_search_spaces.training_only import TrainingOnly


class StochasticDepth(TrainingOnly):
    """Leave out what it is given for some samples, each by a draw of its own.

    What is kept is scaled up in training, so that otherwise it is the identity.

    Source: Huang et al. (2016), arXiv:1603.09382.
    """

    def __init__(self, rate: float, **options: Any) -> None:
        """Leave out a share of `rate` of the samples, from 0 to below 1."""
        super().__init__(**options)
        self.rate = rate

    def change(self, x: Any) -> Any:
        """Return the branch, zero for the samples that go without it."""
        shape = (ops.shape(x)[0], *(1,) * (len(x.shape) - 1))
        draw = keras.random.uniform(shape, seed=self.seed_generator, dtype="float32")
        kept = ops.cast(draw >= self.rate, x.dtype)
        return x * (kept / (1.0 - self.rate))

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal layer."""
        return {**super().get_config(), "rate": self.rate}
