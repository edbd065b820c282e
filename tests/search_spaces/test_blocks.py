"""Every block: what it admits builds, trains, is deployed and is estimated."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from automl_datasets.spec import DataSpec
from automl_search_spaces.blocks.catalog import BLOCKS, admitted_blocks
from automl_search_spaces.blocks.stage import Stage
from automl_search_spaces.blocks.stochastic_depth import StochasticDepth
from automl_search_spaces.cost import count_macs
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.inference import inference_model
from automl_search_spaces.network import build_network
from automl_search_spaces.ranges import ESTIMATE_FACTOR, estimate_network
from automl_search_spaces.ranks import convolve_depthwise, groups_of
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.draws import assert_trains, draw, parameters
from tests.search_spaces.specs import learnable, make_spec

CASES = [(block.name, rank) for block in BLOCKS for rank in block.ranks]

#: One convolution a unit and all that blocks share, with little chance in it.
CALM = {
    "augmentation": "none",
    "schedule": "constant",
    "optimizer": "adam",
    "learning_rate": 1e-2,
    "filters": 8,
    "repeats": 1,
    "stages": 2,
    "expansion": 2,
    "squeeze_excitation": True,
    "stochastic_depth": 0.1,
}


def smallest(block: str, rank: int) -> DataSpec:
    """Return the smallest data of a rank, but for 8 positions, that a block admits."""
    side = max(BLOCKS[block].min_size, 8)
    shape = (side, *(3,) * (rank - 1), 2)
    return make_spec(shape, classes=4, num_train=32)


def build(spec: DataSpec, values: dict[str, Any]) -> keras.Model:
    hp = parameters(values)
    model = SearchSpace(spec, max_epochs=15).build(hp)
    assert hp.values["block"] == values["block"]
    return model


# Keras saves through an outdated form of numpy's protocol.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize(("block", "rank"), CASES)
def test_a_block_trains_and_is_deployed_in_stock_layers(
    block: str, rank: int, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(0)
    spec = smallest(block, rank)
    model = build(spec, {**CALM, "block": block})
    x, y = learnable(spec)
    assert_trains(model, x, y)
    deployed = inference_model(model)
    assert all(type(x).__module__.startswith("keras.") for x in deployed.layers)
    deployed.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(x).numpy(), model(x).numpy())


@pytest.mark.parametrize("normalization", ["group", "none"])
@pytest.mark.parametrize("block", BLOCKS.names)
def test_a_block_trains_with_every_normalization(
    block: str, normalization: str
) -> None:
    keras.utils.set_random_seed(0)
    spec = smallest(block, BLOCKS[block].ranks[0])
    values = {**CALM, "block": block, "normalization": normalization}
    values |= {"preactivation": True, "pooling": "stride"}
    assert_trains(build(spec, values), *learnable(spec))


@pytest.mark.parametrize(("block", "rank"), CASES)
def test_a_block_works_on_a_single_position(block: str, rank: int) -> None:
    ones = (1,) * rank
    options = {"stages": 1, "expansion": 2, "padding": "valid"}
    stage = Stage(0, 6, 2, 3, ones, "group", "relu", options)
    inputs = keras.Input((*ones, 6))
    model = keras.Model(inputs, BLOCKS[block].apply(inputs, stage))
    x = np.random.default_rng(0).normal(size=(4, *ones, 6)).astype("float32")
    answer = keras.ops.convert_to_numpy(model(x))
    assert answer.shape == (4, *ones, 6)
    assert np.isfinite(answer).all()
    assert (np.ptp(answer, axis=0) > 0).any()


@pytest.mark.parametrize(
    ("block", "rank"),
    [
        pytest.param(*case, marks=[pytest.mark.exhaustive] if case[1] == 3 else [])
        for case in CASES
    ],
)
def test_a_block_works_on_224_positions_an_axis(block: str, rank: int) -> None:
    spec = make_spec((224,) * rank + (1,), classes=3)
    model = build(spec, {**CALM, "block": block, "stages": 4, "pooling": "stride"})
    answer = model(np.zeros((1, *spec.shape), "float32"), training=False)
    assert answer.shape == (1, 3)


@pytest.mark.parametrize("block", BLOCKS.names)
def test_every_hyperparameter_of_a_block_has_an_effect(block: str) -> None:
    spec = make_spec(_admitted_shape(block), num_train=500)
    space = SearchSpace(spec, max_epochs=2)
    usual = parameters({"block": block, "stages": 2, "repeats": 1})
    space.declare_hyperparameters(usual)
    names = {"expansion", "padding", "kernel_size", "repeats", "normalization"}
    names |= {"activation", "pooling", "growth", *BLOCKS[block].supports}
    for h in usual.space:
        if h.name not in names or not usual.is_active(h):
            continue
        values = tuple(h.values)
        options = values if h.name == "pooling" else (values[0], values[-1])
        identities = {
            architecture_identity(space.build(parameters({**usual.values, h.name: v})))
            for v in options
        }
        assert len(identities) == len(set(options)), h.name
        names.discard(h.name)
    assert not names & {*BLOCKS[block].supports, "kernel_size", "repeats"}


def test_a_block_has_no_hyperparameter_of_another() -> None:
    space = SearchSpace(make_spec((32, 32, 3)), max_epochs=2)
    for block in admitted_blocks((32, 32, 3), "image"):
        hp = parameters({"block": block})
        space.declare_hyperparameters(hp)
        active = {h.name for h in hp.space if hp.is_active(h)}
        shared = {"preactivation", "squeeze_excitation", "stochastic_depth"}
        assert active & shared == set(BLOCKS[block].supports)
        assert ("expansion" in active) == (block == "inverted")


@pytest.mark.parametrize("block", BLOCKS.names)
def test_the_cost_of_a_block_is_estimated(block: str) -> None:
    check_estimates(block, draws=2)


@pytest.mark.exhaustive
@pytest.mark.parametrize("block", BLOCKS.names)
def test_the_cost_of_a_block_is_estimated_often(block: str) -> None:
    check_estimates(block, draws=50)


def check_estimates(block: str, draws: int) -> None:
    generator = random.Random(4)
    for rank in BLOCKS[block].ranks:
        shape = {1: (90, 2), 2: (40, 31, 3), 3: (12, 24, 16, 1)}[rank]
        spec = make_spec(shape)
        narrowing = {"block": (block,)}
        space = SearchSpace(spec, max_epochs=2, narrowing=narrowing)
        for _ in range(draws):
            values = space.complete(draw(space, generator))
            with keras.StatelessScope():
                network = build_network(spec, space.ranges["numbers"], values)
            count = count_macs(network)
            assert not count.unknown_layers
            estimate = estimate_network(spec, space.ranges["numbers"], values)
            assert 1 / ESTIMATE_FACTOR < estimate / count.total < ESTIMATE_FACTOR
            keras.backend.clear_session()


def test_blocks_say_what_they_need() -> None:
    assert admitted_blocks((8, 8, 1), "image") == ("plain", "residual", "dense")
    assert "dilated" in admitted_blocks((16, 1), "series")
    assert "dilated" not in admitted_blocks((15, 1), "series")
    assert "dilated" not in admitted_blocks((40, 40, 1), "image")
    assert "convnext" not in admitted_blocks((40, 64), "text")
    assert "factorized" in admitted_blocks((6, 12, 12, 1), "video")
    for shape, kind in (((1, 1, 1), "image"), ((1, 4), "series"), ((2, 64), "text")):
        assert "plain" in admitted_blocks(shape, kind)


def test_small_budgets_leave_the_quick_blocks() -> None:
    spec = make_spec((32, 32, 3))
    everything = SearchSpace(spec, max_epochs=2).ranges["numbers"].blocks
    few = SearchSpace(spec, max_epochs=2, max_macs=2_000_000).ranges["numbers"].blocks
    assert everything == admitted_blocks(spec.shape, spec.kind)
    assert set(few) == {"plain", "residual", "dense"}


def test_depthwise_kernels_of_rank_3_see_one_channel() -> None:
    x = np.zeros((1, 5, 6, 7, 2), "float32")
    x[0, 2, 3, 3, 1] = 1.0
    y = keras.ops.convert_to_numpy(
        convolve_depthwise(x, 3, depthwise_initializer="ones")
    )
    expected = np.zeros_like(x)
    expected[0, 1:4, 2:5, 2:5, 1] = 1.0
    np.testing.assert_array_equal(y, expected)


def test_planes_do_not_see_each_other() -> None:
    x = np.zeros((1, 4, 3, 3, 1), "float32")
    x[0, 1, 2, 1, 0] = 1.0  # the last row of a plane: next to the first of another
    layer = keras.initializers.Constant(1.0)
    y = convolve_depthwise(x, 5, depthwise_initializer=layer)
    expected = np.zeros_like(x)
    expected[0, :, :, :, 0] = 1.0
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(y), expected)


def test_stochastic_depth_drops_whole_samples_and_keeps_the_mean() -> None:
    keras.utils.set_random_seed(0)
    layer = StochasticDepth(0.25)
    x = np.ones((4000, 2, 3), "float32")
    y = keras.ops.convert_to_numpy(layer(x, training=True))
    np.testing.assert_array_equal(y.min(axis=(1, 2)), y.max(axis=(1, 2)))
    np.testing.assert_allclose(np.unique(y), [0.0, 4 / 3], rtol=1e-6)
    assert y.mean() == pytest.approx(1.0, abs=0.05)
    np.testing.assert_array_equal(layer(x), x)


def test_deeper_branches_are_dropped_more_often() -> None:
    spec = make_spec((16, 16, 1))
    values = {"block": "residual", "stages": 2, "repeats": 2, "stochastic_depth": 0.2}
    model = build(spec, values)
    rates = [x.rate for x in model.layers if isinstance(x, StochasticDepth)]
    np.testing.assert_allclose(rates, [0.05, 0.1, 0.15, 0.2])


def test_a_dilated_network_is_causal_and_sees_the_whole_length() -> None:
    options = {"stages": 1}
    stage = Stage(0, 4, 5, 3, (1,), "none", "silu", options)
    inputs = keras.Input((64, 1))
    model = keras.Model(inputs, BLOCKS["dilated"].apply(inputs, stage))
    generator = np.random.default_rng(0)
    model.set_weights([generator.normal(0, 0.5, w.shape) for w in model.get_weights()])
    x = generator.normal(size=(1, 64, 1)).astype("float32")
    changed = x.copy()
    changed[0, 20] += 1.0
    moved = np.abs(np.asarray(model(changed) - model(x)))[0].max(axis=-1)
    assert (moved[:20] == 0).all()
    assert (moved[20:] > 0).all()


@pytest.mark.parametrize("channels", range(1, 70))
def test_groups_divide_any_width(channels: int) -> None:
    groups = groups_of(channels)
    assert channels % groups == 0
    assert groups == 1 or channels // groups >= 4


def test_notation_names_every_block_and_what_it_has() -> None:
    words = set()
    for block in BLOCKS:
        spec = make_spec(_admitted_shape(block.name))
        space = SearchSpace(spec, max_epochs=2)
        values = {"block": block.name, "stages": 2, "squeeze_excitation": True}
        values |= {"stochastic_depth": 0.2, "preactivation": True, "expansion": 6}
        text = space.notation(values)
        words.add(text.split()[0])
        assert (" se " in text) == ("squeeze_excitation" in block.supports)
        assert (" sd0.2 " in text) == ("stochastic_depth" in block.supports)
        assert (" preact " in text) == ("preactivation" in block.supports)
        assert (" expand6 " in text) == (block.name == "inverted")
    assert len(words) == len(BLOCKS.names)


def _admitted_shape(block: str) -> tuple[int, ...]:
    rank = BLOCKS[block].ranks[min(1, len(BLOCKS[block].ranks) - 1)]
    return (max(BLOCKS[block].min_size, 16),) * rank + (2,)
