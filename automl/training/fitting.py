"""Training by Keras's own `fit`, for models whose step we don't know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

from automl.training.averaging import KeepWeights, averaged_weights, build_optimizer
from automl.training.pipeline import training_batches


class Fitting:
    """A compiled model with what trains it: the counterpart of `Stepping`.

    Attributes:
        batches: What `train` takes them from.
        model: What is trained.
    """

    batches = staticmethod(training_batches)

    def __init__(self, model: keras.Model) -> None:
        """Take over a model before its first step."""
        self.model = model
        build_optimizer(model)

    def state(self) -> list[Any]:
        """Return every variable that the next step depends on."""
        return [*self.model.variables, *self.model.optimizer.variables]

    def take_up(self) -> None:
        """Go on from what `state` was set to: nothing is to be done."""

    def train(
        self, batches: Any, steps: int, after_step: Callable[[int, float], None]
    ) -> dict[str, float]:
        """Take a step on every batch, and return the means of loss and metrics.

        Args:
            batches: A `tf.data.Dataset` of inputs and targets.
            steps: How many there are.
            after_step: Told the number of the step, from 0, and the mean of the
                losses so far; what it raises ends the training.
        """
        del steps  # the data set knows
        told = _Told(after_step)
        logs = self.model.fit(
            batches, shuffle=False, verbose=0, callbacks=[told, KeepWeights()]
        ).history
        return {name: float(values[-1]) for name, values in logs.items()}

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Put the averages in place of the weights for a while, if there are any."""
        with averaged_weights(self.model):
            yield


class _Told(keras.callbacks.Callback):
    """Tells of every step."""

    def __init__(self, after_step: Callable[[int, float], None]) -> None:
        super().__init__()
        self.after_step = after_step

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        self.after_step(batch, logs["loss"])
