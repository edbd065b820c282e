"""Training with an average of the weights, which is what is validated and kept.

The optimizer keeps the average where the model was compiled with `use_ema`. It is
that of everything an answer depends on: of the statistics of batch normalisation as
well, so that they fit the averaged weights.

Source: Tan & Le (2019), EfficientNet, arXiv:1905.11946, whose authors' code averages
    both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np


def build_optimizer(model: keras.Model) -> None:
    """Make the optimizer's variables, before the first step."""
    variables = list(model.trainable_variables)
    if _averaging(model).use_ema:
        variables += model.non_trainable_weights
    model.optimizer.build(variables)


@contextmanager
def averaged_weights(model: keras.Model) -> Iterator[None]:
    """Put the averages in place of the weights for a while, if there are any."""
    pairs = _averages(_averaging(model))
    kept = [np.array(variable) for variable, _ in pairs]
    for variable, average in pairs:
        variable.assign(average)
    try:
        yield
    finally:
        for (variable, _), value in zip(pairs, kept, strict=True):
            variable.assign(value)


def _averaging(model: keras.Model) -> Any:
    """Return the optimizer that averages.

    Under `mixed_float16` Keras wraps it in one that scales the loss.
    """
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def _averages(optimizer: Any) -> list[tuple[Any, Any]]:
    """Return what is averaged with its average."""
    if not optimizer.use_ema:
        return []
    averages = optimizer._model_variables_moving_average
    return list(zip(optimizer._trainable_variables, averages, strict=True))


class KeepWeights(keras.callbacks.Callback):
    """Keeps `fit` from ending with the averages in place of the weights.

    Training goes on from the weights themselves.
    """

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Remember whether weights are averaged."""
        self.averaged = _averaging(self.model).use_ema

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Have Keras believe, until `fit` ends, that they are not."""
        _averaging(self.model).use_ema = False

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Tell the truth again."""
        _averaging(self.model).use_ema = self.averaged
