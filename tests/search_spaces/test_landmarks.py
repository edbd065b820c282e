from __future__ import annotations

import keras_tuner
import pytest
from keras_tuner.engine.hyperparameters import Boolean, Choice

from automl_search_spaces.cost import count_macs, count_parameters
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.specs import make_spec

SHAPES = [(8, 8, 1), (28, 28, 1), (32, 32, 3), (96, 96, 3), (128, 1), (16, 16, 16, 1)]


def build(space: SearchSpace, name: str) -> tuple[keras_tuner.HyperParameters, object]:
    landmark = next(item for item in space.landmarks() if item.name == name)
    hp = keras_tuner.HyperParameters()
    hp.values = dict(landmark.values)
    return hp, space.build(hp)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 1)])
def test_lenet5_has_the_parameters_of_its_authors(shape: tuple[int, ...]) -> None:
    space = SearchSpace(make_spec(shape), max_epochs=2)
    hp, model = build(space, "lenet5")
    assert count_parameters(model) == 61_706
    assert count_macs(model).total == 416_520
    assert space.notation(hp.values) == "lenet5"


@pytest.mark.parametrize("shape", SHAPES)
def test_landmarks_are_complete_points(shape: tuple[int, ...]) -> None:
    space = SearchSpace(make_spec(shape), max_epochs=2)
    for landmark in space.landmarks():
        hp = keras_tuner.HyperParameters()
        hp.values = dict(landmark.values)
        space.declare_hyperparameters(hp)
        assert hp.values == landmark.values
        assert {h.name for h in hp.space if hp.is_active(h)} == set(landmark.values)
        for h in hp.space:
            if hp.is_active(h) and isinstance(h, Choice):
                assert landmark.values[h.name] in h.values
            elif hp.is_active(h) and not isinstance(h, Boolean):
                assert h.min_value <= landmark.values[h.name] <= h.max_value


def test_landmarks_keep_to_the_budget_by_getting_narrower() -> None:
    spec = make_spec((32, 32, 3))
    rich = SearchSpace(spec, max_epochs=2)
    poor = SearchSpace(spec, max_epochs=2, max_macs=2_000_000)
    names = [landmark.name for landmark in rich.landmarks()]
    assert names == ["lenet5", "resnet-small", "vgg-small"]
    costs = [count_macs(build(poor, m.name)[1]).total for m in poor.landmarks()]
    assert costs
    assert max(costs) <= 2_000_000
    _, wide = build(rich, "vgg-small")
    _, narrow = build(poor, "vgg-small")
    assert count_macs(narrow).total < count_macs(wide).total


def test_a_landmark_that_cannot_fit_is_left_out() -> None:
    space = SearchSpace(make_spec((32, 32, 3)), max_epochs=2, max_macs=1000)
    assert space.landmarks() == ()
