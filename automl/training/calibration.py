"""How fast this machine trains, measured in a few seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from automl.training.assignment import SpaceRequest
from automl.training.pipeline import training_batches
from automl.training.spaces import build_model, load_space
from automl.training.trial import Channel
from automl_datasets.preparation import open_prepared
from automl_search_spaces.cost import count_macs

_MEASURE_SECONDS = 2.0
_WARM_UP_STEPS = 3


@dataclass(frozen=True)
class CalibrationRequest:
    """What to measure.

    Attributes:
        data: Folder of the prepared arrays.
        space: The search space.
        hyperparameters: Values of the network to train for a moment.
    """

    data: Path
    space: SpaceRequest
    hyperparameters: Mapping[str, Any]


@dataclass(frozen=True)
class Speed:
    """Measured speed of training one network.

    Attributes:
        macs: Multiply-accumulates of its forward pass, one sample.
        seconds_per_sample: Time of a training step divided by its samples.
    """

    macs: int
    seconds_per_sample: float


def measure_speed(request: CalibrationRequest, channel: Channel) -> Speed:
    """Train a network for some steps and return its speed, tracing left out."""
    del channel  # there is nothing to tell before the end
    keras.utils.set_random_seed(0)
    data = open_prepared(request.data)
    space = load_space(request.space, data.spec)
    model = build_model(space, request.hyperparameters)
    batch_size = min(space.batch_size(request.hyperparameters), data.spec.num_train)
    batches = training_batches(
        data.split("train"), batch_size=batch_size, seed=0, epochs=[0]
    ).repeat()
    _time_steps(model, batches, _WARM_UP_STEPS)
    step_seconds = _time_steps(model, batches, _WARM_UP_STEPS) / _WARM_UP_STEPS
    steps = max(_WARM_UP_STEPS, int(_MEASURE_SECONDS / step_seconds))
    seconds = _time_steps(model, batches, steps)
    return Speed(count_macs(model).total, seconds / (steps * batch_size))


def _time_steps(model: keras.Model, batches: Any, steps: int) -> float:
    start = time.perf_counter()
    model.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
    return time.perf_counter() - start
