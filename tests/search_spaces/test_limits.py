"""Memory, time and limits, told from the graph."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import keras
import pytest

from automl_search_spaces.cost import layer_costs
from automl_search_spaces.limits import Figures, Limits, excess, predict
from automl_search_spaces.memory import (
    held_for_gradients,
    training_bytes,
)
from automl_search_spaces.outline import without_weights
from automl_search_spaces.pace import (
    Pace,
    Work,
    paced,
    prediction_work,
    training_work,
)
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.draws import draw, parameters
from tests.search_spaces.specs import make_spec

layers = keras.layers
SIZE = 8 * 8


def small_network(*, shortcut: bool = False) -> keras.Model:
    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    x = layers.BatchNormalization()(x)
    before = x
    x = layers.Activation("relu")(x)
    x = layers.Add()([x, before]) if shortcut else x
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x)))


def test_gradients_need_inputs_of_weights_and_outputs_of_activations() -> None:
    """Of the convolution its input, of the normalisation its own, of relu its output,
    of the dense layer its input, which is that output."""
    rows = layer_costs(small_network())
    assert held_for_gradients(rows) == SIZE * 2 + SIZE * 4 + SIZE * 4


def test_an_addition_holds_nothing_but_what_comes_after_it_does() -> None:
    rows = layer_costs(small_network(shortcut=True))
    assert held_for_gradients(rows) == SIZE * 2 + 3 * SIZE * 4


def test_training_memory_grows_with_the_batch_by_its_formula() -> None:
    rows = layer_costs(small_network())
    params = sum(row.params for row in rows)
    numbers = SIZE * 10 + SIZE * 8  # held; gradients of the normalisation's two sides
    assert training_bytes(rows, 1) == 4 * (numbers + 20 * params)
    assert training_bytes(rows, 32) - training_bytes(rows, 1) == 31 * 4 * numbers


@pytest.mark.parametrize(
    ("limits", "figures", "words"),
    [
        (Limits(max_params=5), Figures(6, 0), "6 parameters, more than --max-params 5"),
        (Limits(max_macs=5), Figures(0, 6), "6 MACs, more than --max-macs 5"),
        (Limits(max_size_mb=1), Figures(300_000, 0), r"1\.2 MB .* --max-size 1"),
        (
            Limits(max_training_bytes=10**9),
            Figures(0, 0, training_bytes=2 * 10**9),
            "2,000 MB of memory, and a worker has 1,000 MB",
        ),
        (
            Limits(max_sample_seconds=1e-3),
            Figures(0, 0, sample_seconds=2e-3),
            "2 ms .* would not fit the budget, which allows 1",
        ),
        (Limits(max_latency_ms=1), Figures(0, 0, latency_ms=2), "--max-latency"),
    ],
)
def test_each_limit_says_what_exceeds_it(
    limits: Limits, figures: Figures, words: str
) -> None:
    import re

    assert re.search(words, excess(figures, limits))
    assert not excess(Figures(0, 0), limits)
    assert not excess(figures, Limits())


def test_what_is_proposed_keeps_every_limit() -> None:
    spec = make_spec((16, 16, 3), num_train=2000)
    pace = Pace(latency=1.0)
    limits = Limits(
        max_params=60_000,
        max_size_mb=0.2,
        max_training_bytes=30_000_000,
        max_sample_seconds=3e-4,
        max_latency_ms=2.0,
        pace=pace,
    )
    space = SearchSpace(spec, max_epochs=2, limits=limits)
    generator = random.Random(1)
    answers = []
    for _ in range(10):
        values = draw(space, generator)
        model = space.build(parameters(values))
        reason = excess(predict(model, space.batch_size(values), limits), limits)
        answers.append(space.fits(values))
        assert answers[-1] == (not reason)
    assert any(answers)
    assert not all(answers)


def test_predicted_time_overrules_the_estimate_of_products() -> None:
    """`max_macs` narrows the ranges; whether a network fits is told by its time."""
    spec = make_spec((16, 16, 3), num_train=2000)
    values = {"filters": 16, "repeats": 2, "kernel_size": 3, "augmentation": "none"}
    macs = predict(SearchSpace(spec, max_epochs=2).network(values), 64, Limits()).macs
    narrowed = partial(SearchSpace, spec, max_epochs=2, max_macs=int(0.9 * macs))
    timed = Limits(max_sample_seconds=1.0, pace=Pace())
    assert not narrowed().fits(values)
    assert narrowed(limits=timed).fits(values)
    strict = Limits(max_sample_seconds=1e-6, pace=Pace())
    assert not narrowed(limits=strict).fits(values)


def test_the_time_of_a_step_grows_with_all_that_is_done() -> None:
    def seconds(batch_size: int = 32, **changes: Any) -> float:
        space = SearchSpace(make_spec((16, 16, 3)), max_epochs=2)
        values = {"filters": 8, "augmentation": "none", **changes}
        rows = layer_costs(space.network(values))
        return Pace().step_seconds(training_work(rows, batch_size))

    usual = seconds()
    assert seconds(64) > usual
    for change in (
        {"filters": 16},
        {"repeats": 3},
        {"augmentation": "light"},
        {"normalization": "layer"},
    ):
        assert seconds(**change) > usual, change


def test_what_acts_in_training_alone_takes_no_time_in_predictions() -> None:
    space = SearchSpace(make_spec((16, 16, 3)), max_epochs=2)
    values = {"block": "residual", "augmentation": "none"}
    plain, dropped = (
        layer_costs(space.network({**values, "stochastic_depth": rate}))
        for rate in (0.0, 0.2)
    )
    assert len(dropped) > len(plain)
    assert prediction_work(dropped) == pytest.approx(prediction_work(plain))


def test_overhead_and_compute_are_told_apart_where_the_networks_differ() -> None:
    true = Pace(overhead=0.5, compute=2.0)
    work = [Work(4e-3, 1e-4), Work(4e-3, 1e-1)]
    found = paced([(w, true.step_seconds(w)) for w in work])
    assert found.overhead == pytest.approx(0.5, rel=0.35)
    assert found.compute == pytest.approx(2.0, rel=0.35)
    alone = paced([(work[0], 2 * Pace().step_seconds(work[0]))])
    assert (alone.overhead, alone.compute) == pytest.approx((2.0, 2.0))


def test_a_pace_needs_a_measurement() -> None:
    with pytest.raises(ValueError, match="one measured network"):
        paced([])


def test_a_network_without_weights_leaves_nothing_behind() -> None:
    with without_weights():
        network = small_network()
    assert all(weight._value is None for weight in network.weights)
    with keras.StatelessScope():
        layers.Dense(2).build((None, 3))
    assert all(weight._value is None for weight in network.weights)
    assert layers.Dense(2)(keras.ops.ones((1, 3))).shape == (1, 2)
