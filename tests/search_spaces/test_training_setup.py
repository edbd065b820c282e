"""Optimizers, schedules and losses that the dimensions of a trial ask for."""

from __future__ import annotations

from typing import Any

import keras
import keras_tuner
import numpy as np
import pytest
import tensorflow as tf

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.mixing import Mixing, mixing_of
from automl_search_spaces.dimensions.declaration import Declaration
from automl_search_spaces.dimensions.training import declare_training
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.landmark_space import LandmarkSpace
from automl_search_spaces.losses import MixedCrossentropy, WeightedCrossentropy, loss_of
from automl_search_spaces.space import SearchSpace
from automl_search_spaces.training_setup import compile_network, peak_learning_rate
from tests.search_spaces.draws import rate_at
from tests.search_spaces.specs import learnable, make_example, make_spec

OPTIMIZERS = ("sgd", "adam", "adamw", "rmsprop", "nadam", "lion")
SCHEDULES = ("constant", "cosine", "one_cycle", "step")
SPEC = make_example("image")
EPOCHS = 10


def declared(spec: DataSpec, **values: Any) -> dict[str, Any]:
    """Return the values of a trial: those given, else the defaults."""
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    declaration = Declaration(hp)
    declare_training(declaration, spec, balanced=False)
    active = {h.name: hp.values[h.name] for h in hp.space if hp.is_active(h)}
    return {**declaration.fixed, **active}


def compiled(spec: DataSpec = SPEC, **values: Any) -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input(spec.shape),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(spec.num_classes, activation="softmax"),
    ]
    model = keras.Sequential(layers)
    compile_network(
        model,
        spec,
        declared(spec, **values),
        max_epochs=EPOCHS,
        num_samples=spec.num_train,
    )
    return model


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_trains_with_every_schedule(
    optimizer: str, schedule: str
) -> None:
    model = compiled(
        optimizer=optimizer,
        schedule=schedule,
        gradient_clipping="norm",
        weight_averaging=True,
    )
    x, y = learnable(SPEC)
    losses = []
    for _ in range(8):
        with tf.GradientTape() as tape:
            loss = model.compute_loss(y=y, y_pred=model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_weights)
        model.optimizer.apply(gradients, model.trainable_weights)
        losses.append(float(loss))
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    again = keras.optimizers.deserialize(keras.optimizers.serialize(model.optimizer))
    assert again.get_config() == model.optimizer.get_config()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_rates_and_decays_are_the_optimizers_own(optimizer: str) -> None:
    values = declared(SPEC, optimizer=optimizer)
    rates = [name for name in values if name.startswith("learning_rate")]
    decays = [name for name in values if name.startswith("weight_decay")]
    assert peak_learning_rate(values) == values[rates[0]]
    config = compiled(**{**values, "schedule": "constant"}).optimizer.get_config()
    assert config["learning_rate"] == pytest.approx(values[rates[0]])
    assert len(rates) == 1
    assert len(decays) == (optimizer in ("sgd", "adamw", "lion"))
    assert (config["weight_decay"] or 0) == (values[decays[0]] if decays else 0)


@pytest.mark.parametrize("shape", [(32, 2), (16, 16, 3), (16, 4, 4, 1)])
def test_scales_of_layers_are_not_pulled_towards_zero(shape: tuple[int, ...]) -> None:
    spec = make_spec(shape, classes=4, num_train=32)
    block = {"block": "convnext", "stages": 2, "repeats": 2, "optimizer": "adamw"}
    published = {"network": "convnext_tiny", "width": 0.125, "optimizer": "adamw"}
    spaces = ((SearchSpace, block, 4), (LandmarkSpace, published, 18))
    for create, values, number in spaces:
        hp = keras_tuner.HyperParameters()
        hp.values = dict(values)
        model = create(spec, max_epochs=2).build(hp)
        decays = {
            w.path: model.optimizer._use_weight_decay(w.value)
            for w in model.trainable_weights
        }
        scales = {path for path in decays if "layer_scale" in path}
        assert len(scales) == number
        kernels = {path for path in decays if path.endswith("kernel")}
        assert {path for path, decayed in decays.items() if decayed} == kernels - scales


def rates(schedule: str) -> tuple[list[float], float]:
    """Return the rate at each step of a full training, and the highest asked for."""
    values = {"schedule": schedule, "batch_size": 8, "learning_rate": 8e-3}
    spec = make_spec((4, 4, 1), num_train=160)
    optimizer = compiled(spec, **values).optimizer
    return [rate_at(optimizer, step) for step in range(EPOCHS * 20 + 1)], 8e-3


def test_one_cycle_rises_for_a_third_and_falls_to_nothing() -> None:
    curve, peak = rates("one_cycle")
    assert curve[0] == pytest.approx(peak / 25)
    assert curve.index(max(curve)) == pytest.approx(0.3 * 200, abs=1)
    assert max(curve) == pytest.approx(peak, rel=1e-3)
    assert curve[-1] == pytest.approx(0, abs=1e-8)


def test_steps_fall_by_ten_after_a_half_and_three_quarters() -> None:
    curve, peak = rates("step")
    np.testing.assert_allclose(curve[:101], peak, rtol=1e-5)
    np.testing.assert_allclose(curve[101:151], peak / 10, rtol=1e-5)
    np.testing.assert_allclose(curve[151:], peak / 100, rtol=1e-5)


def test_an_average_forgets_the_beginning_within_the_first_epoch() -> None:
    long = make_spec((4, 4, 1), num_train=6400)
    for spec, epoch_steps in ((long, 100), (make_spec((4, 4, 1), num_train=64), 8)):
        values = {"weight_averaging": True, "batch_size": 64 if spec is long else 8}
        config = compiled(spec, **values).optimizer.get_config()
        assert config["use_ema"]
        assert 0.5 <= config["ema_momentum"] < 1
        assert config["ema_momentum"] ** epoch_steps < 0.05
    assert not compiled(weight_averaging=False).optimizer.use_ema


def test_gradients_are_clipped_to_their_norm() -> None:
    half, longest, clipped = (length_of_step(norm) for norm in (0.25, 0.5, 100.0))
    assert half > 0
    assert (longest, clipped) == pytest.approx((2 * half, 2 * half), rel=1e-4)


def length_of_step(norm: float) -> float:
    """Return how far gradients of a norm, which is clipped to 0.5, move weights."""
    model = compiled(
        optimizer="sgd", schedule="constant", gradient_clipping="norm", clip_norm=0.5
    )
    weights = model.trainable_weights
    for weight in weights:  # where nothing is left to decay
        weight.assign(np.zeros(weight.shape))
    each = norm / np.sqrt(model.count_params())
    model.optimizer.apply([np.full(w.shape, each, "float32") for w in weights], weights)
    return float(np.sqrt(sum(np.sum(np.square(w)) for w in weights)))


@pytest.mark.parametrize("kind", ["image", "series", "audio", "text", "volume"])
def test_mixing_is_offered_where_it_makes_sense(kind: str) -> None:
    spec = make_example(kind)
    offered = "mixing" in declared(spec, augmentation="strong")
    assert offered == (kind != "text")
    for gentle in ("none", "light"):
        assert "mixing" not in declared(spec, augmentation=gentle)
        assert mixing_of(spec, {"augmentation": gentle, "mixing": "mixup"}) is None
    for task in ("multilabel", "regression"):
        others = declared(make_example(kind, task), augmentation="strong")
        assert not {"mixing", "label_smoothing"} & set(others)


def test_every_setting_makes_another_training() -> None:
    strong = {"augmentation": "strong"}
    trials: list[dict[str, Any]] = [
        strong,
        {**strong, "mixing": "mixup"},
        {**strong, "mixing": "cutmix"},
        {"weight_averaging": True},
        {"gradient_clipping": "norm"},
        {"gradient_clipping": "norm", "clip_norm": 2.0},
        {"label_smoothing": 0.1},
        *({"optimizer": name} for name in OPTIMIZERS if name != "adam"),
        *({"schedule": name} for name in SCHEDULES if name != "cosine"),
    ]
    identities = {architecture_identity(compiled(**values)) for values in trials}
    assert len(identities) == len(trials)
    assert architecture_identity(compiled(clip_norm=3.0)) in identities


def test_smoothing_and_mixing_are_keras_own_crossentropy() -> None:
    spec = make_spec((4, 4, 1), classes=3)
    y, p = np.array([0, 2]), np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]], "float32")
    keras_loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    smooth = loss_of(spec, {"label_smoothing": 0.1})
    one_hot = np.eye(3, dtype="float32")[y]
    assert float(smooth(y, p)) == pytest.approx(float(keras_loss(one_hot, p)), rel=1e-5)
    assert float(smooth(one_hot, p)) == pytest.approx(float(smooth(y, p)))
    values = {"augmentation": "strong", "mixing": "mixup", "label_smoothing": 0.1}
    mixed = loss_of(spec, values)
    assert isinstance(mixed, MixedCrossentropy)
    shares = np.array([[0.6, 0.4, 0.0], [0.0, 0.2, 0.8]], "float32")
    expected = float(keras_loss(shares, p))
    assert float(mixed(shares, p)) == pytest.approx(expected, rel=1e-5)
    again = MixedCrossentropy.from_config(mixed.get_config())
    assert again.mixing == Mixing("mixup", 0.2, 3)
    assert float(again(shares, p)) == float(mixed(shares, p))


def test_a_mixed_sample_weighs_what_its_classes_weigh() -> None:
    loss = WeightedCrossentropy([1.0, 5.0])
    shares = np.array([[0.25, 0.75]], "float32")
    p = np.array([[0.5, 0.5]], "float32")
    expected = (0.25 * 1 + 0.75 * 5) * np.log(2)
    assert float(loss(shares, p)) == pytest.approx(expected, rel=1e-5)
