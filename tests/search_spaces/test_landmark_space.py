"""The space of published networks."""

from __future__ import annotations

import random
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest

from automl_datasets.spec import KINDS, TASKS, DataSpec
from automl_search_spaces.bounds import batch_sizes
from automl_search_spaces.cost import count_macs
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.inference import inference_model
from automl_search_spaces.landmark_space import LandmarkSpace
from automl_search_spaces.published.catalog import PUBLISHED
from tests.search_spaces.draws import assert_trains, draw, parameters
from tests.search_spaces.specs import learnable, make_example, make_spec

CALM = {
    "network": "lenet5",
    "width": 1.0,
    "optimizer": "adam",
    "learning_rate": 5e-3,
    "schedule": "constant",
    "augmentation": "none",
}
LIMIT = 30_000_000


def names(space: LandmarkSpace) -> list[str]:
    return [landmark.name for landmark in space.landmarks()]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_any_kind_and_task_is_learned(kind: str, task: str) -> None:
    keras.utils.set_random_seed(0)
    spec = make_example(kind, task)
    model = LandmarkSpace(spec, max_epochs=15).build(parameters(CALM))
    assert model.output_shape == (None, spec.num_outputs)
    assert_trains(model, *learnable(spec))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_sound_is_saved_with_its_spectrogram(tmp_path: Path) -> None:
    spec = make_example("audio")
    space = LandmarkSpace(spec, max_epochs=2)
    hp = parameters({"network": "resnet18", "width": 0.125, "augmentation": "light"})
    model = inference_model(space.build(hp))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    x, _ = learnable(spec)
    np.testing.assert_allclose(
        loaded(x, training=False), model(x, training=False), atol=1e-5
    )


def test_the_set_is_tried_once_each_and_the_cheapest_first() -> None:
    space = LandmarkSpace(make_spec((40, 2)), max_epochs=2)
    found = names(space)
    assert set(found) == {n.name for n in PUBLISHED if 1 in n.ranks}
    assert found[:2] == ["lenet5", "fcn"]
    assert all(landmark.values["width"] == 1.0 for landmark in space.landmarks())


@pytest.mark.parametrize("kind", ["image", "audio"])
def test_what_is_dear_gets_narrower_or_is_left_out(kind: str) -> None:
    space = LandmarkSpace(make_example(kind), max_epochs=2, max_macs=LIMIT)
    widths = {m.name: m.values["width"] for m in space.landmarks()}
    assert widths["lenet5"] == 1.0
    assert widths["resnet18"] < 1.0
    assert "vgg19" not in widths
    for landmark in space.landmarks():
        model = space.build(parameters(landmark.values))
        assert count_macs(model).total <= LIMIT


def test_what_fits_is_known_exactly() -> None:
    space = LandmarkSpace(make_example("series"), max_epochs=2, max_macs=10**6)
    for name in ("fcn", "resnet_time_series", "mobilenet_v2"):
        for width in (0.125, 0.5, 1.0):
            values = {"network": name, "width": width}
            total = count_macs(space.build(parameters(values))).total
            assert space.fits(values) == (total <= 10**6), values


def test_weights_are_limited_as_well() -> None:
    spec = make_example("series")
    space = LandmarkSpace(spec, max_epochs=2, max_params=50_000)
    found = space.landmarks()
    assert {landmark.name for landmark in found} >= {"lenet5", "fcn"}
    for landmark in found[:4]:
        model = space.build(parameters(landmark.values))
        assert model.count_params() <= 50_000


def test_landmarks_are_complete_points() -> None:
    space = LandmarkSpace(make_example("series"), max_epochs=2)
    for landmark in space.landmarks()[:3]:
        hp = parameters(landmark.values)
        space.declare_hyperparameters(hp)
        assert hp.values == landmark.values
        assert {h.name for h in hp.space if hp.is_active(h)} == set(landmark.values)


def test_draws_build_and_are_called_by_their_published_names() -> None:
    space = LandmarkSpace(make_example("text"), max_epochs=2)
    generator = random.Random(0)
    for _ in range(3):
        values = {**draw(space, generator), "width": 0.125}
        model = space.build(parameters(values))
        assert model.output_shape == (None, 4)
        assert space.notation(values) == f"{values['network']} x1/8"
        assert space.batch_size(values) in batch_sizes(space.spec.num_train)


def test_a_user_narrows_it() -> None:
    space = LandmarkSpace(
        make_example("series"),
        max_epochs=2,
        narrowing={"network": ("fcn",), "width": (0.25, 0.5)},
    )
    hp = keras_tuner.HyperParameters()
    space.declare_hyperparameters(hp)
    assert "network" not in hp.values
    assert space.notation({}) == "fcn x1/2"
    assert names(space) == ["fcn"]


def test_data_that_no_network_admits_is_refused() -> None:
    spec = DataSpec(
        "image", (2, 2, 1), "uint8", "classification", ("a", "b"), 9, 9, 9, (1,), (1,)
    )
    with pytest.raises(SpaceError, match=r"No landmark network admits .* \(2, 2, 1\)"):
        LandmarkSpace(spec, max_epochs=2)
