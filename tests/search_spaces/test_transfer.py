"""Searching on from a trained network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from automl_search_spaces.augmentations.catalog import families_by_strength
from automl_search_spaces.cost import count_macs
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.inference import inference_model
from automl_search_spaces.transfer.trunk import save_trunk
from automl_search_spaces.transfer_space import TransferSpace
from tests.search_spaces.draws import assert_trains, parameters
from tests.search_spaces.pretrained import trained
from tests.search_spaces.specs import learnable, make_example, make_spec

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"
)
CALM = {
    "optimizer": "adam",
    "learning_rate": 5e-3,
    "schedule": "constant",
    "augmentation": "none",
    "dropout": 0.0,
}


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pretrained") / "flowers"
    save_trunk(str(trained(folder)), folder / "trunk.keras")
    return folder / "trunk.keras"


@pytest.mark.parametrize("task", ["classification", "multilabel", "regression"])
def test_a_frozen_trunk_keeps_its_weights_and_the_head_learns(
    trunk: Path, task: str
) -> None:
    keras.utils.set_random_seed(0)
    spec = make_example("image", task)
    space = TransferSpace(spec, trunk=trunk, max_epochs=2)
    model = space.build(parameters({**CALM, "trainable": 0.0, "learning_rate": 1e-2}))
    x, y = learnable(spec)
    before = {w.path: np.array(w) for w in model.weights}
    model.fit(x, y, epochs=1, batch_size=16, verbose=0)
    assert_trains(model, x, y, steps=30)
    changed = {
        w.path.split("/")[0]
        for w in model.weights
        if np.any(before[w.path] != np.array(w))
    }
    assert len(changed) == 1, "batch statistics stay as well"
    assert not changed.pop().startswith("trunk_")


def test_shares_of_the_trunk_are_trained_from_its_end(trunk: Path) -> None:
    space = TransferSpace(make_example("image"), trunk=trunk, max_epochs=2)
    numbers, identities = [], set()
    for share in (0.0, 0.25, 0.5, 1.0):
        model = space.build(parameters({**CALM, "trainable": share}))
        numbers.append(len(model.trainable_weights))
        identities.add(architecture_identity(model))
    assert numbers == sorted(set(numbers))
    assert len(identities) == 4
    hp = parameters({})
    space.declare_hyperparameters(hp)
    known = {h.name for h in hp.space}
    assert {"trainable", "dropout", "learning_rate", "schedule"} <= known


def test_frozen_and_fine_tuned_come_first(trunk: Path) -> None:
    space = TransferSpace(make_example("image"), trunk=trunk, max_epochs=2)
    frozen, tuned = space.landmarks()
    assert [frozen.name, tuned.name] == ["flowers frozen", "flowers fine-tuned"]
    assert [frozen.values["trainable"], tuned.values["trainable"]] == [0.0, 1.0]
    assert space.notation(frozen.values) == "flowers frozen drop0.2"
    assert space.notation({"trainable": 0.5}) == "flowers 50% fine-tuned drop0.2"
    for landmark in (frozen, tuned):
        hp = parameters(landmark.values)
        space.declare_hyperparameters(hp)
        assert hp.values == landmark.values


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("image", (20, 7, 3)),
        ("image", (5, 5, 1)),
        ("series", (50, 2)),
        ("audio", (1500, 1)),
        ("audio", (2600, 1)),
        ("volume", (8, 9, 10, 1)),
    ],
)
def test_samples_of_other_sizes_and_channels_are_fitted(
    kind: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    file = tmp_path / "trunk.keras"
    save_trunk(str(trained(tmp_path / "run", kind)), file)
    plain = make_example(kind)
    spec = make_spec(
        shape, kind=kind, classes=4, num_train=32, preprocessing=plain.preprocessing
    )
    space = TransferSpace(spec, trunk=file, max_epochs=2, max_macs=10**9)
    values = {**CALM, "trainable": 1.0}
    assert space.fits(values)
    model = space.build(parameters(values))
    assert count_macs(model).unknown_layers == ()
    assert_trains(model, *learnable(spec))
    saved = inference_model(model)
    saved.save(tmp_path / "again.keras")
    loaded = keras.saving.load_model(tmp_path / "again.keras", safe_mode=True)
    x, _ = learnable(spec)
    expected = model(x, training=False)
    np.testing.assert_allclose(saved(x), expected, atol=1e-5)
    np.testing.assert_allclose(loaded(x), expected, atol=1e-5)
    # What was transferred once can be transferred again.
    save_trunk(str(tmp_path / "again.keras"), tmp_path / "second.keras")
    TransferSpace(spec, trunk=tmp_path / "second.keras", max_epochs=2)


def test_a_frozen_trunk_computes_what_the_trained_network_did(tmp_path: Path) -> None:
    path = trained(tmp_path / "run")
    save_trunk(str(path), tmp_path / "trunk.keras")
    space = TransferSpace(
        make_example("image"), trunk=tmp_path / "trunk.keras", max_epochs=2
    )
    model = space.build(parameters({**CALM, "trainable": 0.0}))
    original = keras.saving.load_model(path)
    x, _ = learnable(make_example("image"))
    ours, theirs = (
        keras.Model(m.inputs[0], m.layers[-1].input)(x, training=False)
        for m in (model, original)
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_limits_hold(trunk: Path) -> None:
    spec = make_example("image")
    space = TransferSpace(spec, trunk=trunk, max_epochs=2, max_macs=1000)
    assert space.landmarks() == ()
    assert not space.fits({"trainable": 0.0})
    space = TransferSpace(spec, trunk=trunk, max_epochs=2, max_params=10)
    assert not space.fits({"trainable": 0.0})


def test_data_that_do_not_suit_are_refused(trunk: Path, tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match="takes samples of shape 12x12x3"):
        TransferSpace(make_example("series"), trunk=trunk, max_epochs=2)
    with pytest.raises(SpaceError, match="as many channels"):
        TransferSpace(make_spec((12, 12, 4)), trunk=trunk, max_epochs=2)
    with pytest.raises(SpaceError, match="vocabulary"):
        TransferSpace(make_example("text"), trunk=trunk, max_epochs=2)
    save_trunk(str(trained(tmp_path / "run", "video")), tmp_path / "video.keras")
    with pytest.raises(SpaceError, match="not resized"):
        TransferSpace(
            make_spec((6, 14, 14, 1), kind="video"),
            trunk=tmp_path / "video.keras",
            max_epochs=2,
        )


@pytest.mark.slow
def test_an_application_takes_small_grey_pictures(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV2(weights=None, include_top=False)
    network.save_weights(tmp_path / "network.weights.h5")
    file = tmp_path / "trunk.keras"
    save_trunk(f"MobileNetV2={tmp_path / 'network.weights.h5'}", file)
    spec = make_spec((28, 28, 1), classes=4, num_train=32)
    space = TransferSpace(spec, trunk=file, max_epochs=2, max_macs=10**8)
    frozen = space.landmarks()[0]
    assert frozen.values["side"] == 96
    assert space.notation(frozen.values) == "mobilenetv2 96px frozen drop0.2"
    values = {**CALM, "trainable": 0.0, "side": 96}
    model = space.build(parameters(values))
    assert count_macs(model).unknown_layers == ()
    x, y = learnable(spec)
    head = model.trainable_weights
    assert [tuple(weight.shape) for weight in head] == [(1280, 4), (4,)]
    model.fit(x, y, epochs=1, verbose=0)
    assert np.isfinite(model.predict(x, verbose=0)).all()


@pytest.mark.slow
def test_a_search_starts_from_the_best_of_another(tmp_path: Path) -> None:
    """What half of the digits taught helps with the other half."""
    from sklearn.datasets import load_digits

    import automl

    digits = load_digits()
    x = np.round(digits.images * 255 / 16).astype("uint8")[..., None]
    first, second = digits.target < 5, digits.target >= 5
    np.savez(tmp_path / "first.npz", x=x[first], y=digits.target[first])
    few = slice(0, 200)
    np.savez(tmp_path / "second.npz", x=x[second][few], y=digits.target[second][few])
    options: dict[str, Any] = {"workers": 1, "folds": 1, "export": ("keras",)}
    known = automl.search(
        tmp_path / "first.npz", out=tmp_path / "known", trials=1, epochs=3, **options
    )
    source = str(known.path / "best" / "model.keras")
    run = automl.search(
        tmp_path / "second.npz",
        out=tmp_path / "run",
        trials=2,
        epochs=4,
        strategy="random",
        pretrained=source,
        **options,
    )
    record = json.loads((run.path / "run.json").read_text())
    assert record["pretrained"]["source"] == source
    assert record["pretrained"]["name"] == "known"
    assert set(run.leaderboard["origin"]) == {"known frozen", "known fine-tuned"}
    assert set(run.leaderboard["status"]) == {"completed"}
    assert (run.best.test_score or 0) > 0.4, "chance is 0.2"
    frozen = next(r for r in run.rows.trials if r.origin == "known frozen")
    again = run.export(("keras",), trial=frozen.trial, out=tmp_path / "frozen")
    model = keras.saving.load_model(again.paths["keras"])
    trunk = keras.saving.load_model(run.path / "input" / "pretrained.keras")
    network = next(m for m in model.layers if isinstance(m, keras.Model))
    kept = network.get_weights()[:-2]  # without the new head
    for ours, theirs in zip(kept, trunk.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", ["image", "series", "audio", "volume", "video"])
def test_every_augmentation_suits_a_trunk(kind: str, tmp_path: Path) -> None:
    save_trunk(str(trained(tmp_path / "run", kind)), tmp_path / "trunk.keras")
    spec = make_example(kind)
    space = TransferSpace(spec, trunk=tmp_path / "trunk.keras", max_epochs=2)
    for strength in families_by_strength(spec):
        model = space.build(parameters({**CALM, "augmentation": strength}))
        assert model.output_shape == (None, 4)


def test_missing_values_are_the_mean_to_a_trunk_that_knows_none(tmp_path: Path) -> None:
    inputs = keras.Input((30, 2))
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Conv1D(4, 3)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))
    model.save(tmp_path / "plain.keras")
    save_trunk(str(tmp_path / "plain.keras"), tmp_path / "trunk.keras")
    spec = make_example("series")
    space = TransferSpace(spec, trunk=tmp_path / "trunk.keras", max_epochs=2)
    deployed = inference_model(space.build(parameters(CALM)))
    deployed.save(tmp_path / "again.keras")
    again = keras.saving.load_model(tmp_path / "again.keras", safe_mode=True)
    x, _ = learnable(spec)
    filled = np.where(np.isnan(x), np.array(spec.mean, "float32"), x)
    np.testing.assert_allclose(again(x), deployed(filled), atol=1e-5)
