from __future__ import annotations

from typing import Any

import keras_tuner
import pytest

from automl_search_spaces.bounds import GROWTHS
from automl_search_spaces.budget import width
from automl_search_spaces.cost import count_macs
from automl_search_spaces.dimensions.declaration import (
    Declaration,
    DimensionError,
    Narrowing,
    Span,
)
from automl_search_spaces.narrowing import combine
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.draws import parameters
from tests.search_spaces.specs import make_example, make_spec


def declared(space: SearchSpace) -> dict[str, Any]:
    hp = keras_tuner.HyperParameters()
    space.declare_hyperparameters(hp)
    return {h.name: h for h in hp.space}


def narrowed(shape: tuple[int, ...], **narrowing: Any) -> SearchSpace:
    return SearchSpace(make_spec(shape), max_epochs=2, narrowing=narrowing)


def test_what_is_left_is_all_that_is_declared() -> None:
    space = narrowed(
        (32, 32, 3),
        block=("residual", "dense"),
        filters=Span(16, 32),
        stages=(2, 4),
        repeats=Span(2, 3),
        kernel_size=(5,),
        optimizer=("adam",),
        learning_rate=Span(1e-3, 1.0),
        dropout=(0.25,),
        nesterov=(True,),
    )
    left = declared(space)
    assert left["block"].values == ["residual", "dense"]
    assert left["filters"].values == [16, 24, 32]
    assert left["stages"].values == [2, 4]
    assert (left["repeats"].min_value, left["repeats"].max_value) == (2, 3)
    assert (left["learning_rate"].min_value, left["learning_rate"].max_value) == (
        1e-3,
        1e-2,
    )
    fixed = {"kernel_size", "optimizer", "dropout", "padding", "momentum", "nesterov"}
    assert not fixed & left.keys()
    model = space.build(parameters({}))
    rates = [layer.rate for layer in model.layers if "dropout" in layer.name]
    assert 0.25 in rates


@pytest.mark.parametrize("limit", [200_000, 2_000_000])
def test_a_small_budget_takes_nothing_that_was_fixed(limit: int) -> None:
    narrowing = {"filters": (32,), "repeats": (3,), "stages": (3,), "pooling": ("max",)}
    space = SearchSpace(
        make_spec((32, 32, 3)), max_epochs=2, max_macs=limit, narrowing=narrowing
    )
    assert not narrowing.keys() & declared(space).keys()
    wide = SearchSpace(make_spec((32, 32, 3)), max_epochs=2, narrowing=narrowing)
    costs = [count_macs(s.network({})).total for s in (space, wide)]
    assert costs[0] < costs[1]


def test_a_network_that_keeps_its_resolution_stays_where_no_other_is_asked_for() -> (
    None
):
    spec = make_spec((16, 16, 1))
    space = SearchSpace(
        spec, max_epochs=2, max_macs=50_000, narrowing={"pooling": ("none",)}
    )
    assert space.ranges["numbers"].pooling == ("none",)


def test_a_representation_of_which_nothing_is_left_is_left_out() -> None:
    space = SearchSpace(
        make_example("audio"), max_epochs=2, narrowing={"kernel_size": (11,)}
    )
    assert list(space.ranges) == ["waveform"]


@pytest.mark.parametrize(
    ("narrowing", "message"),
    [
        ({"kernel_size": (4,)}, "kernel_size can't be 4 here; choose from: 3, 5, 7"),
        ({"activation": ("sin",)}, "activation can't be sin here"),
        ({"activation": Span(1, 2)}, "activation has no range; choose from: relu"),
        ({"learning_rate": (5.0,)}, "learning_rate can't be 5.0 here; .* to 0.01"),
        ({"learning_rate": ("big",)}, "learning_rate can't be big here"),
        ({"learning_rate": Span(1.0, 2.0)}, "can't be 1.0 to 2.0 here"),
        ({"stages": Span(6, 9)}, "stages can't be 6 to 9 here"),
    ],
)
def test_what_leaves_nothing_is_refused(narrowing: Any, message: str) -> None:
    with pytest.raises(DimensionError, match=message) as caught:
        declared(narrowed((32, 32, 3), **narrowing))
    assert caught.value.dimension in narrowing


@pytest.mark.parametrize("kind", ["text", "series", "image"])
def test_every_width_and_growth_is_another_network(kind: str) -> None:
    widths = SearchSpace(make_example(kind), max_epochs=1).ranges
    for bounds in widths.values():
        stages = [
            tuple(width(filters, growth, stage) for stage in range(2))
            for filters in bounds.widths
            for growth in GROWTHS
        ]
        assert len(set(stages)) == len(stages)


def test_dead_branches_are_not_declared() -> None:
    hp = keras_tuner.HyperParameters()
    declaration = Declaration(hp, {"depth": Span(1, 2), "rate": (9.0,)})
    declaration.integer("depth", 1, 4, 3)
    with declaration.when("depth", [3, 4]):
        declaration.number("rate", 0.0, 1.0, 0.5)
        declaration.choice("width", [1, 2], 1)
    assert [h.name for h in hp.space] == ["depth"]


def test_two_narrowings_leave_what_both_leave() -> None:
    one: Narrowing = {
        "filters": Span(8, 32),
        "block": ("plain", "dense"),
        "rate": Span(0.0, 0.5),
    }
    other: Narrowing = {"filters": (16, 64), "rate": Span(0.1, 1.0), "head": ("gap",)}
    assert combine(one, other) == {
        "filters": (16,),
        "block": ("plain", "dense"),
        "rate": Span(0.1, 0.5),
        "head": ("gap",),
    }
    with pytest.raises(DimensionError, match=r"rate can't be 0\.6 to 1\.0 here"):
        combine(one, {"rate": Span(0.6, 1.0)})
