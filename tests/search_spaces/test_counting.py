from __future__ import annotations

import itertools
from typing import Any

import keras_tuner

from automl_search_spaces.counting import count_points, levels_of
from automl_search_spaces.overview import count_networks, count_trainings
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.specs import make_example, make_spec


def points(hp: keras_tuner.HyperParameters) -> int:
    """Return the number of sets of active values, by writing all of them down."""
    known: set[tuple[tuple[str, Any], ...]] = set()
    for values in itertools.product(*(levels_of(h) or () for h in hp.space)):
        chosen: dict[str, Any] = {}
        for h, value in zip(hp.space, values, strict=True):
            if all(condition.is_active(chosen) for condition in h.conditions):
                chosen[h.name] = value
        known.add(tuple(chosen.items()))
    return len(known)


def conditional() -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    hp.Choice("block", ["plain", "residual", "dense"])
    with hp.conditional_scope("block", ["plain", "residual"]):
        hp.Boolean("skip")
        with hp.conditional_scope("skip", [True]):
            hp.Int("depth", 1, 3)
    hp.Int("stages", 1, 3)
    hp.Choice("head", ["gap", "dense"])
    with hp.conditional_scope("stages", [2, 3]):
        hp.Float("rate", 0.0, 0.5, step=0.1)
    return hp


def test_points_are_counted_as_if_they_were_written_down() -> None:
    hp = conditional()
    assert count_points(hp.space) == points(hp)


def test_a_range_without_steps_has_infinitely_many_points() -> None:
    hp = keras_tuner.HyperParameters()
    hp.Choice("optimizer", ["sgd", "adam"])
    assert count_points(hp.space) == 2
    with hp.conditional_scope("optimizer", ["sgd"]):
        hp.Float("momentum", 0.5, 0.9)
    assert count_points(hp.space) is None


def test_a_narrowed_space_is_counted_exactly() -> None:
    narrowing = {
        "block": ("plain",),
        "padding": ("same",),
        "stages": (2,),
        "repeats": (1, 2),
        "filters": (8, 16),
        "kernel_size": (3,),
        "growth": (1.0, 2.0),
        "pooling": ("max",),
        "normalization": ("batch",),
        "activation": ("relu",),
        "head": ("gap", "dense"),
        "dense_layers": (1,),
        "dense_units": (32, 64),
        "dropout": (0.0,),
        "learning_rate": (1e-3,),
        "optimizer": ("adam",),
    }
    spec = make_spec((16, 16, 1))
    space = SearchSpace(spec, max_epochs=1, narrowing=narrowing)
    assert count_networks(space) == 2 * 2 * 2 * (1 + 2)
    assert {h.name for h in space.architecture().space} == {
        "repeats",
        "filters",
        "growth",
        "head",
        "dense_units",
    }


def test_representations_are_counted_with_their_own_dimensions() -> None:
    space = SearchSpace(make_example("audio"), max_epochs=1)
    both = count_networks(space)
    apart = [
        count_networks(
            SearchSpace(
                make_example("audio"),
                max_epochs=1,
                narrowing={
                    "representation": (name,),
                    "block": space.ranges[name].blocks,
                },
            )
        )
        for name in space.ranges
    ]
    assert len(apart) == 2
    assert both == sum(count or 0 for count in apart)
    assert count_trainings(space) is None
