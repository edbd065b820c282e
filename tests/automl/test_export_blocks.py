"""ONNX and LiteRT hold every block, landmark and dimension, and answer alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from automl.export.litert_file import export_litert
from automl.export.onnx_file import export_onnx
from automl_datasets.spec import DataSpec
from automl_search_spaces.blocks.catalog import BLOCKS
from automl_search_spaces.inference import inference_model
from automl_search_spaces.published.catalog import PUBLISHED, build_landmark
from automl_search_spaces.space import SearchSpace
from tests.automl.exported_files import run_litert, run_onnx
from tests.search_spaces.draws import parameters
from tests.search_spaces.specs import (
    EXAMPLES,
    SHAPES,
    learnable,
    make_example,
    make_spec,
)


def stirred(network: keras.Model) -> keras.Model:
    """Give weights that are all equal, as of a new normalisation, different values."""
    generator = np.random.default_rng(0)
    for weight in network.weights:
        values = np.asarray(weight)
        if values.dtype.kind == "f" and values.size > 1 and np.ptp(values) == 0:
            noise = generator.normal(size=values.shape).astype(np.float32)
            weight.assign(values + 0.05 * noise)
    return network


def example_of(block: str) -> str:
    """Return the first kind of data that admits a block."""
    for kind in ("series", "image", "video"):
        bounds = next(
            iter(SearchSpace(make_example(kind), max_epochs=1).ranges.values())
        )
        if block in bounds.blocks:
            return kind
    raise AssertionError(f"No example admits {block}.")


def unsure(network: keras.Model, x: np.ndarray) -> np.ndarray:
    """Weaken the last layer until it is sure of nothing, and return its answer."""
    last = [e for e in network.layers if isinstance(e, keras.layers.Dense)][-1]
    for _ in range(20):
        answer = np.asarray(network(x, training=False))
        if answer.max() < 0.99:
            break
        last.kernel.assign(0.5 * last.kernel)
    return answer


def check_block(kind: str, values: dict[str, Any], folder: Path) -> None:
    """Check that both formats hold a network and predict what it does."""
    spec = make_example(kind)
    space = SearchSpace(spec, max_epochs=1)
    keras.utils.set_random_seed(0)
    network = stirred(inference_model(space.build(parameters(values))))
    x = learnable(spec)[0][:8].astype(network.inputs[0].dtype)
    if x.dtype.kind == "f":  # untrained networks are sure of anything that is far out
        x = (np.asarray(spec.mean) + 0.05 * (x - spec.mean)).astype(x.dtype)
    check_files(network, spec, x, folder)


def check_files(
    network: keras.Model, spec: DataSpec, x: np.ndarray, folder: Path
) -> None:
    """Check that the files of both formats answer as the network does."""
    expected = unsure(network, x)
    assert expected.std(axis=0).max() > 1e-6
    tolerance = max(1e-4, 10 * rounding(network, x, expected))
    for name, export, run in (
        ("model.onnx", export_onnx, run_onnx),
        ("model.tflite", export_litert, run_litert),
    ):
        export(network, spec, folder / name)
        np.testing.assert_allclose(run(folder / name, x), expected, atol=tolerance)


def rounding(network: keras.Model, x: np.ndarray, expected: np.ndarray) -> float:
    """Return how far the answers move when the last digit of the samples does.

    Decibels of what is nearly silent, in a network that was never trained, multiply it.
    """
    if x.dtype.kind != "f":
        return 0.0
    digit = np.finfo(x.dtype).eps * np.random.default_rng(0).choice(
        [-1, 1], (3, *x.shape)
    )
    moved = [network((x * (1 + d)).astype(x.dtype), training=False) for d in digit]
    return max(float(np.abs(np.asarray(answer) - expected).max()) for answer in moved)


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS.names)
def test_both_formats_hold_every_block(block: str, tmp_path: Path) -> None:
    check_block(example_of(block), {"block": block}, tmp_path)


def everything() -> list[Any]:
    cases = []
    for kind in EXAMPLES:
        space = SearchSpace(make_example(kind), max_epochs=1)
        for representation, bounds in space.ranges.items():
            chosen = {"representation": representation}
            cases += [(kind, {**chosen, "block": block}) for block in bounds.blocks]
        cases += [(kind, dict(landmark.values)) for landmark in space.landmarks()]
        for dimension, options in (
            ("normalization", ("layer", "group", "none")),
            ("activation", ("elu", "silu", "gelu", "tanh")),
            ("head", ("gap", "gmp", "dense")),
            ("pooling", ("average", "stride", "none")),
        ):
            offered = options_of(space, dimension)
            cases += [(kind, {dimension: o}) for o in options if o in offered]
    return cases


def options_of(space: SearchSpace, dimension: str) -> set[Any]:
    hp = parameters({})
    space.declare_hyperparameters(hp)
    return {v for h in hp.space if h.name == dimension for v in h.values}


@pytest.mark.exhaustive
@pytest.mark.parametrize(("kind", "values"), everything())
def test_both_formats_hold_everything(
    kind: str, values: dict[str, Any], tmp_path: Path
) -> None:
    check_block(kind, values, tmp_path)


def settle(network: keras.Model, x: np.ndarray) -> None:
    """Give normalisations the statistics of samples: deep networks are deaf without."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    network(x, training=True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "rank"), [(n.name, rank) for n in PUBLISHED for rank in n.ranks]
)
def test_every_published_network_is_exported(
    name: str, rank: int, tmp_path: Path
) -> None:
    spec = make_spec(SHAPES[rank], classes=4, num_train=32)
    keras.utils.set_random_seed(0)
    network = stirred(build_landmark(name, spec.shape, 4, width=0.125))
    x = learnable(spec)[0][:8].astype("float32") / 64 - 2
    settle(network, x)
    check_files(network, spec, x, tmp_path)
    network.export(tmp_path / "saved_model", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "saved_model")
    np.testing.assert_allclose(loaded.serve(x), network(x, training=False), atol=1e-4)
