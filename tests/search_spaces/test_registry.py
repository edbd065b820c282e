from __future__ import annotations

import random
from typing import Any

import pytest

from automl_search_spaces.augmentations import catalog, image
from automl_search_spaces.blocks import plain
from automl_search_spaces.catalog import Catalog
from automl_search_spaces.cost import count_macs, count_parameters
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.overview import (
    describe,
    draw,
    published_networks,
    sample_costs,
)
from automl_search_spaces.registry import SPACES, TINY_PARAMETERS, create_space
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.draws import parameters
from tests.search_spaces.specs import make_example, make_spec
from tests.search_spaces.test_published import PARAMETERS

BLOCKS = {
    "cnn": {"plain"},
    "resnet": {"residual", "bottleneck"},
    "inception": {"inception", "inception_time"},
    "mobile": {"separable", "inverted"},
    "tiny": {"plain", "separable", "inverted"},
}
SHAPES = [(8, 1), (224, 2), (8, 8, 1), (64, 64, 3), (8, 8, 8, 1)]


def space_of(name: str, shape: tuple[int, ...], **options: Any) -> SearchSpace:
    space = create_space(name, make_spec(shape), max_epochs=2, **options)
    assert isinstance(space, SearchSpace)
    return space


def test_an_unknown_space_is_refused_with_the_known_names() -> None:
    with pytest.raises(
        SpaceError, match=r"'resent' \(did you mean 'resnet'\?\); choose from: auto"
    ):
        create_space("resent", make_spec((8, 8, 1)), max_epochs=1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", BLOCKS)
def test_a_space_holds_its_own_blocks_on_any_input(
    name: str, shape: tuple[int, ...]
) -> None:
    bounds = next(iter(space_of(name, shape).ranges.values()))
    assert bounds.blocks
    assert set(bounds.blocks) <= BLOCKS[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SPACES.names if name != "landmarks"])
def test_draws_build_differ_and_keep_to_the_limits(name: str) -> None:
    limits = {"max_macs": 3_000_000, "max_params": 100_000}
    generator = random.Random(0)
    for shape in SHAPES:
        space = space_of(name, shape, narrowing={"augmentation": ("none",)}, **limits)
        own = {h.name for h in space.architecture().space}
        networks: dict[str, dict[str, object]] = {}
        for _ in range(6):
            values = draw(space, generator)
            network = space.network(values)
            assert count_macs(network).total <= limits["max_macs"]
            assert count_parameters(network) <= limits["max_params"]
            chosen = {key: values[key] for key in own & values.keys()}
            known = networks.setdefault(architecture_identity(network), chosen)
            assert known == chosen


def test_tiny_networks_are_small_whatever_is_asked_for() -> None:
    for asked_for in (None, 10**9):
        space = space_of("tiny", (64, 64, 3), max_params=asked_for)
        assert space.max_params == TINY_PARAMETERS
    space = space_of("tiny", (64, 64, 3), max_params=9_000)
    assert {cost.params <= 9_000 for cost in sample_costs(space, 3)} == {True}
    model = space.build(parameters(draw(space, random.Random(0))))
    kinds = {type(layer).__name__ for layer in model.layers}
    assert not kinds & {"LayerNormalization", "GroupNormalization", "Multiply"}


def test_a_space_that_does_not_suit_the_data_says_so() -> None:
    with pytest.raises(SpaceError, match="tiny does not suit data of kind 'text'"):
        create_space("tiny", make_example("text"), max_epochs=1)


def test_landmarks_are_of_the_space() -> None:
    names = {
        name: {landmark.name for landmark in space_of(name, (32, 32, 3)).landmarks()}
        for name in ("auto", "cnn", "resnet")
    }
    assert names["resnet"] == {"resnet-small"}
    assert names["cnn"] == {"lenet5", "vgg-small"}
    assert names["cnn"] | names["resnet"] <= names["auto"]


def test_equal_names_are_an_error() -> None:
    with pytest.raises(SpaceError, match="Two blocks are called 'plain'"):
        Catalog("block", plain.BLOCK, plain.BLOCK)


def test_augmentations_that_offer_the_same_strength_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalog, "AUGMENTATIONS", [image.AUGMENTATION] * 2)
    with pytest.raises(SpaceError, match="both offer 'light'"):
        catalog.families_by_strength(make_spec((8, 8, 1)))


def test_dimensions_are_described_with_ranges_and_conditions() -> None:
    hp = parameters({})
    space_of("auto", (32, 32, 3)).declare_hyperparameters(hp)
    rows = {row.name: row for row in describe(hp)}
    assert rows["stages"].values == "2 to 4"
    assert rows["pooling"].values == "max, average, stride"
    assert rows["nesterov"].values == "yes, no"
    assert rows["dropout"].values == "0.0 to 0.5"
    assert rows["nesterov"].condition == "optimizer is sgd"
    assert rows["learning_rate"].values == "0.0001 to 0.01 (log)"
    assert rows["padding"].condition == "block is plain"
    assert rows["flip"].default is True


def test_a_dimension_without_a_choice_is_not_offered() -> None:
    hp = parameters({})
    space_of("auto", (4, 4, 1)).declare_hyperparameters(hp)
    assert not {h.name for h in hp.space} & {"stages", "pooling", "growth"}


def test_landmark_networks_have_the_parameters_of_their_authors() -> None:
    listed = published_networks()
    for (name, _), parameters_ in PARAMETERS.items():
        assert listed[name] == parameters_
