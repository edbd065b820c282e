"""What is computed of a network itself: where it looked, its graph, its channels."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from automl.explanations.attention import attention, watched_layer
from automl.explanations.feature_maps import feature_maps, first_convolutions
from automl.explanations.network import flat_network, layer_rows
from automl_reports.architecture_boxes import boxes
from automl_search_spaces.cost import count_macs, count_parameters

SIDE = 8


def convolutional(rank: int, *, classes: int = 3, nested: bool = False) -> keras.Model:
    """Return a network whose class `c` is the mean of the positive part of channel c.

    Channel 0 is the input, channel 1 is minus the input, channel 2 is nothing.
    """
    inputs = keras.Input(((SIDE,) * rank) + (1,))
    layer = getattr(keras.layers, f"Conv{rank}D")(3, 1, activation="relu")
    if nested:
        inner = keras.Input(((SIDE,) * rank) + (1,))
        x = keras.Model(inner, layer(inner), name="nested")(inputs)
    else:
        x = layer(inputs)
    x = getattr(keras.layers, f"GlobalAveragePooling{rank}D")()(x)
    head = keras.layers.Dense(classes, activation="softmax")
    network = keras.Model(inputs, head(x))
    kernel = np.array([1.0, -1.0, 0.0], np.float32).reshape((1,) * rank + (1, 3))
    layer.set_weights([kernel, np.zeros(3, np.float32)])
    head.set_weights([30 * np.eye(3)[:, :classes], np.zeros(classes)])
    return network


def blobs(rank: int) -> np.ndarray:
    """Return two samples: bright near the first corner, dark near the last."""
    samples = np.zeros((2, *(SIDE,) * rank, 1), np.float32)
    samples[(0, *(1,) * rank)] = 5.0
    samples[(1, *(SIDE - 2,) * rank)] = -5.0
    return samples


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_network_looked_where_its_answer_comes_from(rank: int) -> None:
    seen = attention(
        convolutional(rank), blobs(rank), np.array([0, 1]), np.ones(2, np.float32)
    )
    assert seen is not None
    assert seen.maps.shape == (2, *(SIDE,) * rank)
    for sample, place in enumerate((1, SIDE - 2)):
        found = np.unravel_index(seen.maps[sample].argmax(), (SIDE,) * rank)
        assert found == (place,) * rank
        assert seen.maps[sample].max() == 1
        assert (seen.maps[sample] > 0.01).sum() == 1


def test_a_sure_answer_is_explained_as_well_as_a_doubtful_one() -> None:
    """Gradients of a saturated softmax would vanish: logits are explained."""
    network, samples = convolutional(2), 100 * blobs(2)
    assert network(samples)[0, 0] == 1
    seen = attention(network, samples, np.array([0, 1]), np.ones(2, np.float32))
    assert seen is not None
    assert seen.maps[0].max() == 1


def test_what_speaks_for_a_small_output_is_found_by_its_sign() -> None:
    samples, which = blobs(1), np.array([0, 0])
    seen = attention(convolutional(1), samples, which, np.array([1, -1], np.float32))
    assert seen is not None
    assert seen.maps[0].max() == 1
    assert seen.maps[1].max() == 0  # nothing spoke against class 0


def test_a_network_without_convolution_has_no_map() -> None:
    inputs = keras.Input((8, 1))
    flat = keras.layers.Flatten()(inputs)
    network = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(flat))
    assert watched_layer(network) is None
    assert attention(network, np.zeros((1, 8, 1)), np.zeros(1, int), np.ones(1)) is None
    assert feature_maps(network, np.zeros((8, 1))) == ()


def test_features_of_hardly_any_positions_give_way_to_earlier_ones() -> None:
    inputs = x = keras.Input((16, 16, 1))
    for _ in range(3):
        x = keras.layers.Conv2D(4, 3, strides=2, padding="same")(x)
    pooled = keras.layers.GlobalAveragePooling2D()(x)
    network = keras.Model(inputs, keras.layers.Dense(2)(pooled))
    layer = watched_layer(network)
    assert layer is not None
    assert layer.output.shape[1:3] == (4, 4)


def test_nested_models_become_part_of_one_graph() -> None:
    network = convolutional(2, nested=True)
    flat = flat_network(network)
    assert not any(isinstance(layer, keras.Model) for layer in flat.layers)
    samples = blobs(2)
    np.testing.assert_allclose(flat(samples), network(samples), atol=1e-6)
    rows = layer_rows(flat)
    found = boxes(rows)
    assert [box.words[0] for box in found] == [
        "Input",
        "Conv2D 1\N{MULTIPLICATION SIGN}1, 3",
        "GlobalAveragePooling2D",
        "Dense 3",
    ]
    names = {row.name for row in rows}
    assert all(set(row.inputs) <= names for row in rows)
    assert sum(row.params for row in rows) == count_parameters(network)
    assert sum(row.macs or 0 for row in rows) == count_macs(network).total
    assert [box.inputs for box in found] == [(), (0,), (1,), (2,)]
    assert found[1].words[1] == "ReLU"
    assert all(box.macs is not None for box in found)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_only_convolution_is_shown(rank: int) -> None:
    inputs = keras.Input(((SIDE,) * rank) + (1,))
    network = keras.Model(inputs, getattr(keras.layers, f"Conv{rank}D")(4, 3)(inputs))
    (only,) = feature_maps(network, blobs(rank)[0])
    assert (only.channels, only.shape) == (4, (*(SIDE - 2,) * rank, 4))


def test_first_convolutions_are_shown_by_their_liveliest_channels() -> None:
    inputs = keras.Input((8, 8, 8, 1))
    x = keras.layers.Conv3D(20, 3, padding="same")(inputs)
    x = keras.layers.Conv3D(4, 1)(x)
    network = keras.Model(inputs, keras.layers.Conv3D(5, 3)(x))
    assert [layer.filters for layer in first_convolutions(network)] == [20, 5]
    sample = np.random.default_rng(0).normal(size=(8, 8, 8, 1))
    first, second = feature_maps(network, sample)
    assert (first.channels, first.shape) == (16, (8, 8, 8, 20))
    assert (first.panel.width, first.panel.height) == (8 * 9 - 1, 2 * 9 - 1)
    assert second.channels == 5
