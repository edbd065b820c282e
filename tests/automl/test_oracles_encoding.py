"""Hyperparameters as points, drawn, mutated and enumerated."""

import itertools

import keras_tuner
import numpy as np
import pytest

from automl.oracles.encoding import Encoding, latin_hypercube
from automl.oracles.grid import successor


def space() -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    hp.Choice("kind", ["plain", "residual", "dense"])
    hp.Fixed("fixed", 3)
    hp.Choice("filters", [64, 16, 32])
    hp.Float("rate", 1e-4, 1e-2, sampling="log", default=1e-3)
    hp.Float("dropout", 0.0, 0.5, step=0.1)
    hp.Int("units", 1, 100)
    hp.Boolean("bias")
    with hp.conditional_scope("kind", ["dense"]):
        hp.Int("growth", 2, 4, default=4)
        hp.Choice("order", ["before", "after"])
    return hp


def names(encoding: Encoding) -> list[str]:
    return [d.name for d in encoding.dimensions if not d.is_constant]


PLAIN = {
    "kind": "plain",
    "fixed": 3,
    "filters": 16,
    "rate": 1e-4,
    "dropout": 0.30000000000000004,  # as KerasTuner steps
    "units": 100,
    "bias": True,
}


def test_row() -> None:
    encoding = Encoding(space())
    row = dict(zip([*names(encoding), "active"], encoding.row(PLAIN), strict=True))
    assert row["kind"] == 0  # an index, of which only equality counts
    assert row["filters"] == 0  # in order of size, not of declaration
    assert row["rate"] == 0
    assert row["dropout"] == pytest.approx(0.6)
    assert row["units"] == pytest.approx(1.0)
    assert row["growth"] == 1.0  # its default, as it is not active
    assert row["active"] == 0.0
    dense = {**PLAIN, "kind": "dense", "growth": 2, "order": "before"}
    row = dict(zip([*names(encoding), "active"], encoding.row(dense), strict=True))
    assert row["growth"] == 0.0
    assert row["active"] == 1.0


def test_categorical_coordinates() -> None:
    encoding = Encoding(space())
    flags = zip([*names(encoding), "active"], encoding.categorical, strict=True)
    assert {name for name, flag in flags if flag} == {"kind", "bias", "order"}


def test_an_unknown_category_is_named() -> None:
    with pytest.raises(ValueError, match=r"'kind' must be one of .* is 'square'"):
        Encoding(space()).row({**PLAIN, "kind": "square"})


def test_completed() -> None:
    given = {"kind": "plain", "filters": 32, "growth": 3, "unheard": 1}
    completed = Encoding(space()).completed(given)
    assert completed == {**PLAIN, "filters": 32} | {
        "rate": 1e-3,
        "dropout": 0.0,
        "units": 1,
        "bias": False,
    }


def test_draws_hold_active_values_only_and_cover_the_space() -> None:
    encoding = Encoding(space())
    generator = np.random.default_rng(0)
    drawn = [encoding.random(generator) for _ in range(300)]
    for values in drawn:
        assert ("growth" in values) == (values["kind"] == "dense")
        assert ("order" in values) == (values["kind"] == "dense")
    assert {values["dropout"] for values in drawn} == {0.0, 0.1, 0.2, 0.3, 0.4, 0.5}
    rows = encoding.rows(drawn)
    assert rows.min() >= 0
    assert rows[:, ~encoding.categorical].max() <= 1


def test_mutants_differ_in_what_was_changed_and_stay_valid() -> None:
    encoding = Encoding(space())
    generator = np.random.default_rng(0)
    allowed = space()
    for _ in range(300):
        parent = encoding.random(generator)
        child = encoding.mutated(parent, generator, changes=1)
        differing = {k for k in parent.keys() & child if parent[k] != child[k]}
        assert len(differing) == 1
        appeared_or_gone = parent.keys() ^ child
        assert appeared_or_gone <= {"growth", "order"}
        assert not appeared_or_gone or differing == {"kind"}
        allowed.values = dict(child)
        allowed.ensure_active_values()
        assert allowed.values == child
        encoding.row(child)


def test_mutants_are_near_where_there_is_an_order() -> None:
    encoding = Encoding(space())
    rate = next(d for d in encoding.dimensions if d.name == "rate")
    generator = np.random.default_rng(0)
    steps = [
        abs(rate.position(rate.mutated(1e-3, generator)) - 0.5) for _ in range(200)
    ]
    assert 0.05 < np.median(steps) < 0.2


def test_the_same_name_under_two_conditions_keeps_to_its_own_range() -> None:
    hp = keras_tuner.HyperParameters()
    hp.Choice("kind", ["few", "many"])
    with hp.conditional_scope("kind", ["few"]):
        hp.Int("units", 1, 3)
    with hp.conditional_scope("kind", ["many"]):
        hp.Int("units", 100, 103)
    encoding = Encoding(hp)
    generator = np.random.default_rng(0)
    values = encoding.random(generator)
    for _ in range(60):
        values = encoding.mutated(values, generator, changes=1)
        assert (values["units"] > 50) == (values["kind"] == "many")


def test_a_space_without_choice() -> None:
    hp = keras_tuner.HyperParameters()
    hp.Fixed("only", "this")
    encoding = Encoding(hp)
    generator = np.random.default_rng(0)
    assert encoding.mutated({"only": "this"}, generator, changes=2) == {"only": "this"}
    assert encoding.rows([{"only": "this"}]).shape == (1, 0)


def test_latin_hypercube_fills_every_slice_once() -> None:
    design = latin_hypercube(8, 5, np.random.default_rng(0))
    slices = np.sort((design * 8).astype(int), axis=0)
    assert np.array_equal(slices, np.tile(np.arange(8)[:, None], (1, 5)))


def test_grid_walks_every_combination_once() -> None:
    hp = keras_tuner.HyperParameters()
    hp.Choice("kind", ["plain", "dense"])
    with hp.conditional_scope("kind", ["dense"]):
        hp.Int("growth", 2, 4)
    hp.Boolean("bias")
    dimensions = Encoding(hp).dimensions
    point = successor(dimensions, None)
    walked = []
    while point is not None:
        walked.append(point)
        point = successor(dimensions, point)
    plain = [{"kind": "plain", "bias": bias} for bias in (True, False)]
    dense = [
        {"kind": "dense", "growth": growth, "bias": bias}
        for growth, bias in itertools.product((2, 3, 4), (True, False))
    ]
    assert walked == plain + dense
