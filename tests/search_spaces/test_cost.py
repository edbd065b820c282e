from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from automl_search_spaces.cost import count_macs, count_parameters, layer_costs
from automl_search_spaces.errors import SpaceError

layers = keras.layers


def macs_of_layer(layer: Any, shape: tuple[int, ...]) -> int:
    inputs = keras.Input(shape)
    count = count_macs(keras.Model(inputs, layer(inputs)))
    assert count.unknown_layers == ()
    return count.total


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (lambda: layers.Conv1D(5, 3), (10, 2), 8 * 5 * 3 * 2),
        (lambda: layers.Conv1D(5, 3, padding="causal"), (10, 2), 10 * 5 * 3 * 2),
        (lambda: layers.Conv2D(4, 3), (8, 8, 3), 36 * 4 * 9 * 3),
        (lambda: layers.Conv2D(4, 3, padding="same"), (8, 8, 3), 64 * 4 * 9 * 3),
        (lambda: layers.Conv2D(4, (3, 1), strides=2), (9, 9, 3), 20 * 4 * 3 * 3),
        (lambda: layers.Conv2D(4, 3, dilation_rate=2), (8, 8, 3), 16 * 4 * 9 * 3),
        (lambda: layers.Conv2D(6, 3, groups=3), (8, 8, 3), 36 * 6 * 9),
        (lambda: layers.Conv3D(2, 3), (5, 5, 5, 4), 27 * 2 * 27 * 4),
        (lambda: layers.Conv3D(2, 2, strides=2), (6, 6, 6, 1), 27 * 2 * 8),
        (lambda: layers.Conv1DTranspose(5, 3, strides=2), (10, 2), 10 * 5 * 3 * 2),
        (lambda: layers.Conv2DTranspose(4, 3), (8, 8, 3), 64 * 4 * 9 * 3),
        (lambda: layers.Conv3DTranspose(4, 2), (3, 3, 3, 2), 27 * 4 * 8 * 2),
        (lambda: layers.DepthwiseConv1D(3, depth_multiplier=2), (8, 3), 6 * 3 * 2 * 3),
        (lambda: layers.DepthwiseConv2D(3), (8, 8, 3), 36 * 3 * 9),
        (lambda: layers.SeparableConv1D(4, 3), (8, 3), 6 * 3 * 3 + 6 * 3 * 4),
        (
            lambda: layers.SeparableConv2D(4, 3, depth_multiplier=2),
            (8, 8, 3),
            36 * 6 * 9 + 36 * 6 * 4,
        ),
        (lambda: layers.Dense(7), (5,), 35),
        (lambda: layers.Dense(7), (4, 5), 4 * 35),
    ],
)
def test_one_layer_costs_its_formula(
    layer: Callable[[], Any], shape: tuple[int, ...], expected: int
) -> None:
    assert macs_of_layer(layer(), shape) == expected


def flops_by_profiler(model: keras.Model) -> int:
    """Return what TensorFlow's own profiler counts in the graph of one sample."""
    v1 = tf.compat.v1
    signature = tf.TensorSpec((1, *model.input_shape[1:]))
    graph = tf.function(model).get_concrete_function(signature).graph
    options = v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    profile = v1.profiler.profile(graph, options=options)
    return int(profile.total_float_ops)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_plain_convolutions_cost_what_tensorflow_counts(rank: int) -> None:
    """Of the kinds that its profiler knows: it takes grouped ones for nothing."""
    convolution = getattr(layers, f"Conv{rank}D")
    inputs = keras.Input((*(9,) * rank, 3))
    x = convolution(4, 3, use_bias=False)(inputs)
    x = convolution(5, 2, strides=2, use_bias=False)(x)
    x = layers.Dense(6, use_bias=False)(layers.Flatten()(x))
    model = keras.Model(inputs, x)
    assert flops_by_profiler(model) == 2 * count_macs(model).total


@pytest.mark.parametrize(
    "options",
    [{}, {"strides": 2}, {"groups": 2}, {"dilation_rate": 2}],
    ids=str,
)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_convolutions_cost_what_xla_counts(rank: int, options: dict[str, int]) -> None:
    """Without padding, whose zeros XLA leaves out."""
    jax = pytest.importorskip("jax", reason="XLA's count is asked for through JAX")
    size, kernel, channels = 9, 3, 4
    layer = getattr(layers, f"Conv{rank}D")(6, kernel, **options)
    groups = options.get("groups", 1)

    def convolve(x: Any, weights: Any) -> Any:
        return jax.lax.conv_general_dilated(
            x,
            weights,
            (options.get("strides", 1),) * rank,
            "VALID",
            rhs_dilation=(options.get("dilation_rate", 1),) * rank,
            feature_group_count=groups,
        )

    x = np.zeros((1, channels, *(size,) * rank), "float32")
    weights = np.zeros((6, channels // groups, *(kernel,) * rank), "float32")
    analysis = jax.jit(convolve).lower(x, weights).cost_analysis()
    expected = macs_of_layer(layer, (*(size,) * rank, channels))
    assert analysis["flops"] == 2 * expected


def test_layers_that_only_move_or_scale_numbers_cost_nothing() -> None:
    inputs = keras.Input((8, 8, 3))
    x = layers.RandomTranslation(0.1, 0.1)(inputs)
    x = layers.Rescaling(0.1)(layers.GaussianNoise(0.1)(x))
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    x = keras.ops.gelu(layers.MaxPooling2D()(x), approximate=True)
    x = layers.Dropout(0.5)(layers.Flatten()(layers.LayerNormalization()(x)))
    count = count_macs(keras.Model(inputs, x))
    assert (count.total, count.unknown_layers) == (0, ())


def test_shared_layers_and_nested_models_count_at_every_call() -> None:
    shared = layers.Dense(5, name="shared")
    inner_inputs = keras.Input((5,))
    inner = keras.Model(inner_inputs, shared(inner_inputs), name="inner")
    inputs = keras.Input((5,))
    model = keras.Model(inputs, inner(shared(shared(inputs))))
    rows = [row for row in layer_costs(model) if row.kind == "Dense"]
    assert [row.name for row in rows] == ["shared", "shared", "inner/shared"]
    assert count_macs(model).total == 3 * 25
    assert [row.params for row in rows] == [30, 0, 0]


def test_a_nested_model_counts_at_the_size_it_is_called_with() -> None:
    inner = keras.Sequential([keras.Input((None, None, 3)), layers.Conv2D(4, 3)])
    inputs = keras.Input((8, 8, 3))
    assert count_macs(keras.Model(inputs, inner(inputs))).total == 36 * 4 * 27


def test_what_comes_out_of_a_nested_model_comes_from_its_last_layer() -> None:
    inner = keras.Sequential([keras.Input((5,)), layers.Dense(4, name="last")])
    outer = keras.Sequential([keras.Input((5,)), inner], name="outer")
    inputs = keras.Input((5,))
    model = keras.Model(inputs, layers.Dense(2, name="head")(outer(inputs)))
    rows = {row.name: row for row in layer_costs(model)}
    assert rows["head"].inputs == (f"outer/{inner.name}/last",)
    assert all(name in rows for row in rows.values() for name in row.inputs)


def test_unknown_layers_are_named() -> None:
    inputs = keras.Input((6, 4))
    x = layers.LSTM(3, name="memory")(inputs)
    model = keras.Model(inputs, layers.Dense(2)(x))
    assert count_macs(model).unknown_layers == ("memory",)
    assert count_macs(model).total == 6


def test_a_layer_of_unknown_size_is_named() -> None:
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, layers.Conv2D(4, 3, name="anywhere")(inputs))
    assert count_macs(model).unknown_layers == ("anywhere",)


def test_rows_say_what_a_layer_is_and_where_its_input_comes_from() -> None:
    inputs = keras.Input((4, 4, 1), name="pixels")
    a = layers.Conv2D(2, 1, name="a")(inputs)
    b = layers.Conv2D(2, 3, padding="same", name="b")(a)
    model = keras.Model(inputs, layers.Add(name="sum")([a, b]))
    rows = {row.name: row for row in layer_costs(model)}
    assert rows["sum"].inputs == ("a", "b")
    assert rows["b"].output_shape == (4, 4, 2)
    assert (rows["b"].kind, rows["b"].params, rows["b"].macs) == ("Conv2D", 38, 576)
    assert sum(row.params for row in rows.values()) == count_parameters(model)


def test_a_model_without_a_graph_is_refused_in_a_sentence() -> None:
    class Opaque(keras.Model):
        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(SpaceError, match=r"Opaque .* functional API"):
        count_macs(Opaque())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("MobileNetV2", 300.8),
        ("ResNet50", 3858),
        ("VGG16", 15470),
        ("DenseNet121", 2834),
        ("EfficientNetB0", 385.8),
    ],
)
def test_published_networks_cost_what_is_published(name: str, millions: float) -> None:
    model = getattr(keras.applications, name)(weights=None)
    count = count_macs(model)
    assert count.unknown_layers == ()
    assert count.total / 1e6 == pytest.approx(millions, rel=5e-4)
    assert sum(row.params for row in layer_costs(model)) == model.count_params()
