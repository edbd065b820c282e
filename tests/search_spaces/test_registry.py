from __future__ import annotations

from types import SimpleNamespace

import pytest

from automl_search_spaces.augmentations import catalog, image
from automl_search_spaces.catalog import Catalog
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.registry import describe, get_space
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.specs import make_spec


def test_auto_is_the_search_space() -> None:
    assert get_space("auto") is SearchSpace


def test_an_unknown_space_is_refused_with_the_known_names() -> None:
    with pytest.raises(
        SpaceError, match=r"no search space 'resent'; choose from: auto"
    ):
        get_space("resent")


def test_equal_names_are_an_error() -> None:
    with pytest.raises(SpaceError, match="Two blocks are called 'plain'"):
        Catalog("block", SimpleNamespace(name="plain"), SimpleNamespace(name="plain"))


def test_augmentations_that_offer_the_same_strength_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalog, "AUGMENTATIONS", [image.AUGMENTATION] * 2)
    with pytest.raises(SpaceError, match="both offer 'light'"):
        catalog.families_by_strength(make_spec((8, 8, 1)))


def test_dimensions_are_described_with_ranges_and_conditions() -> None:
    rows = {row.name: row for row in describe("auto", make_spec((32, 32, 3)))}
    assert rows["stages"].values == "2 to 4"
    assert rows["pooling"].values == "max, average, stride"
    assert rows["nesterov"].values == "yes, no"
    assert rows["dropout"].values == "0.0 to 0.5"
    assert rows["nesterov"].condition == "optimizer is sgd"
    assert rows["learning_rate"].values == "0.0001 to 0.01 (log)"
    assert rows["flip"].condition == "augmentation is light or strong"
    assert rows["flip"].default is True


def test_a_dimension_without_a_choice_is_not_offered() -> None:
    names = {row.name for row in describe("auto", make_spec((4, 4, 1)))}
    assert not names & {"stages", "pooling", "growth"}
