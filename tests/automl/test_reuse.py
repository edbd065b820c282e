"""A step of our own does what Keras's does, and a traced one serves again."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import numpy as np
import pytest
from keras.optimizers import schedules
from tensorflow.python.framework.func_graph import FuncGraph

from automl.training import trial
from automl.training.assignment import Assignment, EpochEnded, SpaceRequest
from automl.training.checkpoint import BEST, load_arrays
from automl.training.fitting import Fitting
from automl.training.mixing import mixing_of
from automl.training.numbers import structure_of
from automl.training.rates import rates_of
from automl.training.samples import Samples
from automl.training.spaces import build_model, load_space
from automl.training.stepping import Stepping, can_step
from automl.training.traced import Traced, TracedModels
from automl.training.trial import run_assignment
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from automl_search_spaces.losses import WeightedCrossentropy

EPOCHS = 8

#: Small, without augmentation, which takes most of the tracing.
VALUES: dict[str, Any] = {
    "block": "plain",
    "stages": 1,
    "repeats": 1,
    "filters": 8,
    "augmentation": "none",
    "batch_size": 64,
    "schedule": "cosine",
}

#: Trainings that differ in what a step does.
KINDS: dict[str, dict[str, Any]] = {
    "adam": {"optimizer": "adam", "gradient_clipping": "norm", "clip_norm": 0.5},
    "sgd": {"optimizer": "sgd", "dropout": 0.4, "label_smoothing": 0.1},
    "adamw": {"optimizer": "adamw", "weight_averaging": True, "schedule": "one_cycle"},
    "rmsprop": {"optimizer": "rmsprop", "schedule": "step", "normalization": "group"},
    "nadam": {"optimizer": "nadam", "schedule": "constant", "augmentation": "light"},
    "lion": {
        "optimizer": "lion",
        "weight_decay_lion": 0.3,
        "block": "residual",
        "stochastic_depth": 0.3,
        "augmentation": "strong",
        "mixing": "mixup",
    },
}

#: What may differ where the structure does not.
OTHERS = {
    "learning_rate": 3e-3,
    "learning_rate_sgd": 0.02,
    "learning_rate_lion": 1e-4,
    "weight_decay": 0.1,
    "weight_decay_sgd": 1e-3,
    "weight_decay_lion": 0.3,
    "clip_norm": 2.0,
}


class Recorder:
    """A channel that keeps the rows of epochs."""

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []

    def send(self, message: object) -> None:
        if isinstance(message, EpochEnded):
            self.rows.append({k: v for k, v in message.row.items() if k != "seconds"})

    def ask(self, message: object) -> str:
        return ""

    def stop_requested(self) -> bool:
        return False


class NotedModels(TracedModels):
    """Traced models, with a note of each that was offered."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.noted: list[Traced] = []

    def keep(self, structure: str, traced: Traced) -> None:
        self.noted.append(traced)
        super().keep(structure, traced)


@pytest.fixture(scope="module")
def data(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> PreparedData:
    return prepare(DataOptions(str(digits)), tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def assignment(data: PreparedData, tmp_path: Path) -> Assignment:
    return Assignment(
        trial="0001",
        training="search",
        folder=tmp_path / "search",
        data=data.directory,
        space=SpaceRequest("auto", max_epochs=3),
        hyperparameters=VALUES,
        seed=5,
        initial_epoch=0,
        epochs=1,
        objective="val_accuracy",
        direction="max",
        limits=None,
    )


def built(data: PreparedData, **values: Any) -> keras.Model:
    keras.utils.set_random_seed(3)
    space = load_space(SpaceRequest("auto", max_epochs=3), data.spec)
    return build_model(space, {**VALUES, **values})


def take_steps(trainer: Stepping | Fitting, samples: Samples) -> dict[str, float]:
    """Train for some two dozen steps."""
    batches = trainer.batches(
        samples,
        batch_size=64,
        seed=1,
        epochs=range(EPOCHS),
        mixing=mixing_of(trainer.model),
    )
    steps = EPOCHS * (len(samples.targets) // 64)
    return trainer.train(batches, steps, lambda step, loss: None)


def check_equal(samples: Samples, build: Callable[[], keras.Model]) -> None:
    """Train two equal models, one by our step and one by Keras's.

    They agree to the last bit, but for sums in another order.
    """
    model = build()
    assert can_step(model)
    before = model.get_weights()
    ours, theirs = Stepping(model), Fitting(build())
    logs = [take_steps(trainer, samples) for trainer in (ours, theirs)]
    assert logs[0] == pytest.approx(logs[1], rel=1e-4)
    with ours.averaged(), theirs.averaged():
        pairs = zip(ours.model.variables, theirs.model.variables, strict=True)
        for one, other in pairs:
            np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
        moved = zip(model.get_weights(), before, strict=True)
        assert max(abs(new - old).max() for new, old in moved) > 1e-2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_step_does_what_keras_does(data: PreparedData, kind: str) -> None:
    check_equal(data.split("train"), lambda: built(data, **KINDS[kind]))


@pytest.mark.slow
def test_a_step_knows_what_our_spaces_do_not_use(data: PreparedData) -> None:
    check_equal(data.split("train"), lambda: penalised(data.spec.shape))


def penalised(shape: tuple[int, ...]) -> keras.Model:
    """Return a model with penalties, and layers that are frozen or do not decay."""
    keras.utils.set_random_seed(3)
    pixels = keras.Input(shape, dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.Conv2D(4, 3, trainable=False)(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    x = keras.layers.Conv2D(6, 3, kernel_regularizer="l2", activation="relu")(x)
    x = keras.layers.Flatten()(keras.layers.ActivityRegularization(l1=1e-4)(x))
    model = keras.Model(pixels, keras.layers.Dense(10, activation="softmax")(x))
    optimizer = keras.optimizers.SGD(
        0.05,
        momentum=0.9,
        nesterov=True,
        weight_decay=0.05,
        global_clipnorm=1.0,
        use_ema=True,
        ema_momentum=0.9,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    loss = WeightedCrossentropy(range(1, 11))
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)
    return model


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_traced_model_trains_as_a_new_one(assignment: Assignment, kind: str) -> None:
    first = {**VALUES, **KINDS[kind]}
    values = {**first, **OTHERS}
    if "dropout" in first:
        values |= {"dropout": 0.2, "label_smoothing": 0.05}
    again = dataclasses.replace(
        assignment, hyperparameters=values, seed=6, folder=assignment.folder / "again"
    )
    fresh, reused, kept = Recorder(), Recorder(), NotedModels(2)
    run_assignment(again, fresh, TracedModels(0))
    weights = load_arrays(again.folder / BEST)
    before = dataclasses.replace(assignment, hyperparameters=first)
    compute_loss = mock.patch.object(
        keras.Model, "compute_loss", autospec=True, side_effect=keras.Model.compute_loss
    )
    with compute_loss as traces:
        run_assignment(before, Recorder(), kept)
        (traced,) = kept.noted
        run_assignment(again, reused, kept)
    assert isinstance(traced.trainer, Stepping)
    assert kept.noted == [traced, traced]
    assert traces.call_count == 1  # a traced step runs without Python
    assert reused.rows == fresh.rows
    for one, other in zip(load_arrays(again.folder / BEST), weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("between", [{}, {"learning_rate_sgd": 0.3}])
def test_a_training_goes_on_in_the_model_it_began_in(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch, between: dict[str, Any]
) -> None:
    first = dataclasses.replace(assignment, hyperparameters=VALUES | KINDS["sgd"])
    rest = dataclasses.replace(first, initial_epoch=1, epochs=2)
    fresh, resumed, kept = Recorder(), Recorder(), TracedModels(2)
    run_assignment(first, Recorder(), TracedModels(0))
    run_assignment(rest, fresh, TracedModels(0))
    run_assignment(first, Recorder(), kept)
    if between:
        values = {**first.hyperparameters, **between}
        folder = first.folder / "other"
        other = dataclasses.replace(first, hyperparameters=values, folder=folder)
        run_assignment(other, Recorder(), kept)
    build = mock.Mock(wraps=build_model)
    monkeypatch.setattr(trial, "build_model", build)
    run_assignment(rest, resumed, kept)
    assert resumed.rows == fresh.rows
    assert build.call_count == len(between)


@pytest.mark.parametrize(
    ("values", "same"),
    [
        ({"learning_rate": 1e-4, "schedule": "step"}, True),
        ({"dropout": 0.4}, True),
        ({"dropout": 0.0}, False),
        ({"activation": "elu"}, False),
        ({"optimizer": "nadam"}, False),
    ],
)
def test_what_is_structure(
    data: PreparedData, values: dict[str, Any], same: bool
) -> None:
    one, other = built(data, dropout=0.2), built(data, **{"dropout": 0.2, **values})
    assert (structure_of(one) == structure_of(other)) is same


def test_models_that_do_more_in_a_step_are_left_to_keras() -> None:
    class Own(keras.Model):
        pass

    x = keras.Input((2,))
    y = keras.layers.Dense(1)(x)
    begun = keras.optimizers.Adam()
    begun.build([keras.Variable([0.0])])
    for make, optimizer, ours in (
        (keras.Model, keras.optimizers.Adam(), True),
        (keras.Model, keras.optimizers.Adam(clipvalue=1.0), False),
        (keras.Model, keras.optimizers.Adam(lambda: 0.1), False),
        (keras.Model, keras.optimizers.Lamb(), False),
        (keras.Model, begun, False),
        (Own, keras.optimizers.Adam(), False),
    ):
        model = make(x, y)
        model.compile(optimizer, "mse", jit_compile=False)
        assert can_step(model) is ours


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.CosineDecay(0.05, 6, alpha=0.1),
        schedules.CosineDecay(0.05, 6, alpha=0.1, warmup_target=0.2, warmup_steps=4),
        schedules.PiecewiseConstantDecay([3, 7], [0.3, 0.2, 0.1]),
        schedules.ExponentialDecay(0.1, 3, 0.5),
    ],
)
def test_rates_are_those_of_keras(schedule: Any) -> None:
    steps = np.arange(13)
    expected = [float(schedule(int(step))) for step in steps]
    np.testing.assert_allclose(rates_of(schedule, steps), expected, rtol=1e-5)


def test_a_model_that_is_given_up_leaves_no_graph(assignment: Assignment) -> None:
    clipped = {"optimizer": "sgd", "gradient_clipping": "norm", "activation": "silu"}
    once = dataclasses.replace(assignment, hyperparameters=VALUES | clipped)
    gc.collect()
    before = {id(graph) for graph in graphs()}
    run_assignment(once, Recorder(), TracedModels(0))
    gc.collect()
    assert not [graph for graph in graphs() if id(graph) not in before]


def graphs() -> list[Any]:
    return [each for each in gc.get_objects() if type(each) is FuncGraph]


def test_half_of_the_models_go_when_there_are_too_many() -> None:
    kept = TracedModels(4)
    for name in "abcde":
        kept.keep(name, Traced(predict=None))
    assert [kept.find(name) is not None for name in "abcde"] == [False] * 3 + [True] * 2
