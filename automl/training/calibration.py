"""How fast this machine trains, measured in a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from automl.training.assignment import SpaceRequest
from automl.training.fitting import Fitting
from automl.training.latency import measure_latency
from automl.training.mixing import mixing_of
from automl.training.samples import Samples
from automl.training.spaces import build_model, load_space
from automl.training.stepping import Stepping, can_step
from automl.training.trial import Channel
from automl_datasets.preparation import open_prepared
from automl_search_spaces.cost import layer_costs
from automl_search_spaces.inference import inference_model
from automl_search_spaces.pace import Work, prediction_work, training_work

_MEASURE_SECONDS = 2.0
_WARM_UP_STEPS, _FEWEST_STEPS, _MOST_STEPS = 3, 3, 500


@dataclass(frozen=True)
class CalibrationRequest:
    """What to measure.

    Attributes:
        data: Folder of the prepared arrays.
        space: The search space.
        hyperparameters: Values of the network to train for a moment.
        latency: Whether predictions are timed as well.
    """

    data: Path
    space: SpaceRequest
    hyperparameters: Mapping[str, Any]
    latency: bool = False


@dataclass(frozen=True)
class Speed:
    """Measured speed of training one network.

    Attributes:
        macs: Multiply-accumulates of its forward pass, one sample.
        seconds_per_sample: Time of a training step divided by its samples.
        batch_size: Samples of a step.
        work: What a step is expected to take at the usual prices.
        prediction_work: What a prediction is expected to take at the usual prices.
        latency_seconds: What a prediction took; `None` if it was not timed.
    """

    macs: int
    seconds_per_sample: float
    batch_size: int = 1
    work: Work | None = None
    prediction_work: float = 0.0
    latency_seconds: float | None = None

    @property
    def step_seconds(self) -> float:
        """Time of a training step."""
        return self.seconds_per_sample * self.batch_size


def measure_speed(request: CalibrationRequest, channel: Channel) -> Speed:
    """Train a network for some steps and return its speed, tracing left out."""
    del channel  # there is nothing to tell before the end
    keras.utils.set_random_seed(0)
    data = open_prepared(request.data)
    space = load_space(request.space, data.spec)
    model = build_model(space, request.hyperparameters)
    batch_size = min(space.batch_size(request.hyperparameters), data.spec.num_train)
    seconds = step_seconds(model, data.split("train"), batch_size)
    rows = layer_costs(model)
    latency = measure_latency(inference_model(model))[0] if request.latency else None
    return Speed(
        macs=sum(row.macs or 0 for row in rows),
        seconds_per_sample=seconds / batch_size,
        batch_size=batch_size,
        work=training_work(rows, batch_size),
        prediction_work=prediction_work(rows),
        latency_seconds=None if latency is None else 1e-3 * latency,
    )


def step_seconds(
    model: keras.Model,
    samples: Samples,
    batch_size: int,
    *,
    seconds: float = _MEASURE_SECONDS,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the median time of a training step, tracing left out.

    Args:
        model: Compiled, not trained yet.
        samples: What it is trained on.
        batch_size: Samples of a step, no more than there are.
        seconds: How long to measure, about.
        clock: Tells the time, in seconds.
    """
    trainer = Stepping(model) if can_step(model) else Fitting(model)
    steps = len(samples.targets) // batch_size
    epochs = range(-(-_MOST_STEPS // steps))
    mixing = mixing_of(model)
    batches = trainer.batches(
        samples, batch_size=batch_size, seed=0, epochs=epochs, mixing=mixing
    )
    watch = _Watch(clock, seconds)
    with suppress(_MeasuredError):
        trainer.train(batches, len(epochs) * steps, watch.after_step)
    return watch.median()


class _MeasuredError(Exception):
    """Ends a training that has been measured."""


class _Watch:
    """Notes when steps end, until it has seen enough of them."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._ends: list[float] = []

    def after_step(self, step: int, loss: float) -> None:
        """Note the end of a step; see `Stepping.train`."""
        del loss
        if step < _WARM_UP_STEPS:
            return
        self._ends.append(self._clock())
        measured = len(self._ends) - 1
        if measured >= _FEWEST_STEPS and self._ends[-1] - self._ends[0] > self._seconds:
            raise _MeasuredError

    def median(self) -> float:
        """Return the median time from the end of a step to that of the next."""
        return float(np.median(np.diff(self._ends)))
