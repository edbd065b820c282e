"""An average of the weights beside the weights."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import pytest

from automl.training.averaging import KeepWeights, averaged_weights, build_optimizer
from automl.training.facts import peak_learning_rate

MOMENTUM = 0.8


def model(use_ema: bool = True) -> keras.Model:
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((4,)),
        keras.layers.Dense(3),
        keras.layers.BatchNormalization(momentum=0.5),
        keras.layers.Dense(1),
    ]
    made = keras.Sequential(layers)
    optimizer = keras.optimizers.SGD(0.1, use_ema=use_ema, ema_momentum=MOMENTUM)
    if keras.mixed_precision.dtype_policy().name == "mixed_float16":
        # Keras would start with a scale at which the first steps overflow.
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=1.0)
    made.compile(optimizer, "mse")
    build_optimizer(made)
    return made


class Recorder(keras.callbacks.Callback):
    """Keeps the weights after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[list[np.ndarray]] = []

    def on_train_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        self.steps.append([np.array(w) for w in self.model.get_weights()])


@pytest.fixture(params=["float32", "mixed_float16"])
def _policy(request: pytest.FixtureRequest) -> Iterator[None]:
    keras.mixed_precision.set_dtype_policy(request.param)
    yield
    keras.mixed_precision.set_dtype_policy("float32")


def fit(network: keras.Model, *callbacks: keras.callbacks.Callback) -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(2, 3, (24, 4)), generator.normal(size=(24, 1))
    options = {"batch_size": 8, "shuffle": False, "verbose": 0}
    network.fit(x, y, callbacks=list(callbacks), **options)


@pytest.mark.usefixtures("_policy")
def test_the_average_is_of_all_weights_and_statistics() -> None:
    network, recorder = model(), Recorder()
    for _ in range(2):  # training goes on from the weights, not from their average
        fit(network, recorder, KeepWeights())
    for after, last in zip(network.get_weights(), recorder.steps[-1], strict=True):
        np.testing.assert_array_equal(after, last)
    expected = recorder.steps[0]
    for step in recorder.steps[1:]:
        pairs = zip(expected, step, strict=True)
        expected = [MOMENTUM * old + (1 - MOMENTUM) * new for old, new in pairs]
    with averaged_weights(network):
        averaged = [np.array(weight) for weight in network.get_weights()]
    for got, wanted in zip(averaged, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)
    for after, last in zip(network.get_weights(), recorder.steps[-1], strict=True):
        np.testing.assert_array_equal(after, last)


def test_an_average_changes_no_training() -> None:
    ends = []
    for use_ema in (False, True):
        network = model(use_ema)
        for _ in range(2):
            fit(network, KeepWeights())
        ends.append(network.get_weights())
    for first, second in zip(*ends, strict=True):
        np.testing.assert_array_equal(first, second)


def test_without_an_average_the_weights_are_the_weights() -> None:
    network = model(use_ema=False)
    before = [np.array(weight) for weight in network.get_weights()]
    with averaged_weights(network):
        for weight, same in zip(network.get_weights(), before, strict=True):
            np.testing.assert_array_equal(weight, same)


@pytest.mark.usefixtures("_policy")
def test_the_rate_is_told_under_every_policy() -> None:
    assert peak_learning_rate(model().optimizer) == pytest.approx(0.1)
