from __future__ import annotations

import random
from typing import Any

import keras
import keras_tuner
import numpy as np
import pytest

from automl_datasets.spec import DataSpec
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.bounds import bounds_of
from automl_search_spaces.cost import count_macs
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.draws import draw, parameters, rate_at
from tests.search_spaces.specs import learnable, make_example, make_spec

SMALL = {1: (16, 2), 2: (12, 12, 3), 3: (8, 8, 8, 1)}
AWKWARD = [
    (1, 1, 1),
    (3, 3, 1),
    (9, 31, 2),
    (200, 3, 1),
    (1, 4),
    (1000, 7),
    (5, 4, 24, 2),
]


@pytest.mark.parametrize("shape", AWKWARD + list(SMALL.values()))
def test_random_draws_build_at_any_shape(shape: tuple[int, ...]) -> None:
    spec = make_spec(shape, classes=3, num_train=20)
    space = SearchSpace(spec, max_epochs=3)
    generator = random.Random(0)
    for _ in range(3):
        hp = parameters(draw(space, generator))
        drawn = dict(hp.values)
        model = space.build(hp)
        assert hp.values == drawn
        assert model.output_shape == (None, 3)
        assert model.outputs[0].dtype == "float32"
        assert model.inputs[0].dtype == "float32"
        assert space.notation(hp.values)


def other_value(h: Any, value: Any) -> Any:
    """Return a value of the range of `h` other than `value`."""
    options = getattr(h, "values", None)
    if isinstance(h, keras_tuner.engine.hyperparameters.Boolean):
        return not value
    if options is not None:
        return next(option for option in options if option != value)
    return h.min_value if value != h.min_value else h.max_value


@pytest.mark.parametrize(
    "spec",
    [
        *(
            make_spec(shape, num_train=2000)
            for shape in [(8, 8, 1), (28, 28, 1), (40, 1), (8, 8, 8, 1), (5, 1)]
        ),
        make_example("audio", num_train=2000, class_counts=(1, 9, 9, 9)),
        make_example("text", num_train=2000),
    ],
)
def test_no_active_hyperparameter_is_without_effect(spec: DataSpec) -> None:
    space = SearchSpace(spec, max_epochs=3)
    generator = random.Random(1)

    def trial(values: dict[str, Any]) -> tuple[str, int]:
        model = space.build(parameters(values))
        return architecture_identity(model), space.batch_size(values)

    for _ in range(1):
        hp = parameters(draw(space, generator))
        same = trial(hp.values)
        space.declare_hyperparameters(hp)
        for h in hp.space:
            if hp.is_active(h):
                changed = {**hp.values, h.name: other_value(h, hp.values[h.name])}
                assert trial(changed) != same, (h.name, hp.values)


def test_one_build_finds_every_condition() -> None:
    space = SearchSpace(make_spec((28, 28, 1)), max_epochs=2)
    hp = keras_tuner.HyperParameters()
    space.build(hp)
    names = {h.name for h in hp.space}
    assert {"momentum", "learning_rate_sgd", "dense_units", "padding", "flip"} <= names
    assert not {"momentum", "dense_units"} & set(hp.values)
    assert len(names) == len(hp.space), "an oracle may tell dimensions by name"


def test_inactive_values_do_not_matter() -> None:
    space = SearchSpace(make_spec((8, 8, 1)), max_epochs=2)
    plain = space.build(parameters({"optimizer": "adam", "head": "gap"}))
    noisy = {"optimizer": "adam", "head": "gap", "momentum": 0.8, "dense_units": 32}
    same = space.build(parameters(noisy))
    assert architecture_identity(plain) == architecture_identity(same)


def test_the_same_seed_gives_the_same_model_and_training() -> None:
    spec = make_spec((12, 12, 3), classes=4)
    x, y = learnable(spec)
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        values = {"augmentation": "strong", "flip": True, "dropout": 0.2}
        model = SearchSpace(spec, max_epochs=2).build(parameters(values))
        model.fit(x, y, epochs=1, batch_size=16, verbose=0)
        weights.append(model.get_weights())
    for first, second in zip(*weights, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("shape", "size"),
    [((64, 64, 3), (32, 32)), ((512, 2), (256,)), ((96, 96, 1), (48, 48))],
)
def test_large_samples_may_be_seen_at_half_their_resolution(
    shape: tuple[int, ...], size: tuple[int, ...]
) -> None:
    space = SearchSpace(make_spec(shape), max_epochs=2)
    values = {"block": "plain", "padding": "same", "resolution": "half"}
    model = space.build(parameters(values))
    pooled = next(x for x in model.layers if "AveragePooling" in type(x).__name__)
    assert pooled.output.shape[1:-1] == size
    assert "halved" in space.notation(values)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (16, 16, 16, 1)])
def test_small_samples_keep_their_resolution(shape: tuple[int, ...]) -> None:
    assert bounds_of(shape, BLOCKS.names).resolutions == ("full",)


def test_samples_are_standardized_inside_the_model() -> None:
    spec = make_spec((8, 8, 3))
    model = SearchSpace(spec, max_epochs=2).build(parameters({"augmentation": "none"}))
    rescaling = next(x for x in model.layers if isinstance(x, keras.layers.Rescaling))
    raw = np.array([spec.mean, np.add(spec.mean, spec.std)], "float32")
    np.testing.assert_allclose(rescaling(raw), [[0] * 3, [1] * 3], atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "stem", "stages"),
    [
        ((8, 8, 1), (1, 1), 2),
        ((28, 28, 1), (1, 1), 3),
        ((32, 32, 3), (1, 1), 4),
        ((96, 96, 3), (2, 2), 4),
        ((224, 224, 3), (4, 4), 4),
        ((7, 7, 1), (1, 1), 1),
        ((16000, 1), (8,), 4),
        ((16, 16, 16, 1), (1, 1, 1), 3),
        ((28, 28, 28, 1), (2, 2, 2), 2),
        ((12, 40, 40, 1), (1, 2, 2), 3),
    ],
)
def test_poolings_are_bounded_by_the_data(
    shape: tuple[int, ...], stem: tuple[int, ...], stages: int
) -> None:
    bounds = bounds_of(shape, BLOCKS.names)
    assert (bounds.stem, bounds.max_stages) == (stem, stages)


@pytest.mark.parametrize(
    ("shape", "limit"),
    [((28, 28, 1), 1_000_000), ((96, 96, 3), 5_000_000), ((8, 8, 8, 1), 20_000_000)],
)
def test_most_draws_and_the_default_keep_to_the_budget(
    shape: tuple[int, ...], limit: int
) -> None:
    space = SearchSpace(make_spec(shape), max_epochs=2, max_macs=limit)
    generator = random.Random(0)
    models = [space.build(parameters(draw(space, generator))) for _ in range(12)]
    within = [count_macs(model).total <= limit for model in models]
    assert sum(within) >= 6
    assert count_macs(space.build(parameters({}))).total <= limit


@pytest.mark.parametrize(
    ("kind", "limit"),
    [("image", 300_000), ("series", 60_000), ("audio", 900_000), ("text", 100_000)],
)
def test_what_fits_is_known_exactly(kind: str, limit: int) -> None:
    space = SearchSpace(make_example(kind), max_epochs=2, max_macs=limit)
    generator = random.Random(3)
    answers = []
    for _ in range(12):
        values = draw(space, generator)
        model = space.build(parameters(values))
        answers.append(space.fits(values))
        assert answers[-1] == (count_macs(model).total <= limit)
    assert any(answers)


def test_everything_fits_without_a_limit() -> None:
    space = SearchSpace(make_spec((32, 32, 3)), max_epochs=2)
    assert space.fits({"filters": 64, "kernel_size": 7, "repeats": 3})


def test_more_budget_never_narrows_the_ranges() -> None:
    spec = make_spec((32, 32, 3))
    limits = [10**power for power in range(5, 10)]
    spaces = [SearchSpace(spec, max_epochs=2, max_macs=limit) for limit in limits]
    widths = [len(space.ranges["numbers"].widths) for space in spaces]
    assert widths == sorted(widths)


def test_the_cosine_runs_over_the_whole_training() -> None:
    spec = make_spec((8, 8, 1), num_train=1000)
    values = {"schedule": "cosine", "batch_size": 32, "learning_rate": 1e-3}
    space = SearchSpace(spec, max_epochs=10)
    optimizer = space.build(parameters(values)).optimizer
    steps = 10 * (1000 // 32)
    rates = [rate_at(optimizer, step) for step in range(steps + 1)]
    assert max(rates) == pytest.approx(1e-3, rel=1e-3)
    assert rates[0] < 2e-4
    assert rates[-1] == pytest.approx(0.0, abs=1e-8)
    assert rates.index(max(rates)) == pytest.approx(0.05 * steps, abs=1)


def test_notation_says_what_a_network_is() -> None:
    space = SearchSpace(make_spec((32, 32, 3)), max_epochs=2)
    values = {"block": "residual", "repeats": 2, "filters": 32, "pooling": "stride"}
    assert space.notation(values) == "resnet 3x[2xconv3-32…128] strided gap"
    values = {"growth": 1.0, "head": "dense", "dense_layers": 2, "dropout": 0.2}
    values |= {"normalization": "none", "activation": "silu"}
    assert space.notation(values) == (
        "cnn 3x[2xconv3-16] nonorm silu dense120x2 drop0.2"
    )


@pytest.mark.parametrize(
    "changes", [{"max_epochs": 0}, {"max_epochs": 2, "max_macs": 0}]
)
def test_senseless_limits_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SpaceError, match="must be at least 1, but got 0"):
        SearchSpace(make_spec((8, 8, 1)), **changes)
