"""Landmark networks: as published, and at every rank."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from automl_search_spaces.cost import count_macs
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.published.catalog import PUBLISHED, build_landmark
from tests.search_spaces.draws import assert_trains
from tests.search_spaces.specs import SHAPES, learnable, make_spec

# Trainable parameters at the authors' own input. Sources: the papers; for ResNet,
# MobileNetV2, DenseNet, EfficientNet and ConvNeXt the authors' or torchvision's
# models, counted without the statistics of batch normalisation.
PARAMETERS = {
    ("lenet5", 10): 61_706,
    ("alexnet", 1000): 62_378_344,
    ("alexnet_grouped", 1000): 60_965_224,
    ("vgg11", 1000): 132_863_336,
    ("vgg16", 1000): 138_357_544,
    ("vgg19", 1000): 143_667_240,
    ("googlenet", 1000): 6_998_552,
    ("resnet18", 1000): 11_689_512,
    ("resnet34", 1000): 21_797_672,
    ("resnet50", 1000): 25_557_032,
    ("resnet101", 1000): 44_549_160,
    ("resnet152", 1000): 60_192_808,
    ("mobilenet_v2", 1000): 3_504_872,
    ("densenet121", 1000): 7_978_856,
    ("efficientnet_b0", 1000): 5_288_548,
    ("convnext_tiny", 1000): 28_589_128,
    ("resnet3d18", 400): 33_371_472,
}

# Millions of multiply-accumulates, as commonly published.
MACS = {
    "mobilenet_v2": 300.8,
    "resnet50": 3858.0,
    "vgg16": 15470.0,
    "densenet121": 2834.0,
    "efficientnet_b0": 385.8,
    "resnet3d18": 40697.0,
}

UNNORMALIZED = ("alexnet", "vgg", "googlenet")
FAST = ("lenet5", "fcn")
SLOW = {("resnet18", 3), ("mobilenet_v2", 2), ("convnext_tiny", 1)}


def mark(name: str, rank: int) -> list[pytest.MarkDecorator]:
    if name in FAST:
        return []
    return [pytest.mark.slow if (name, rank) in SLOW else pytest.mark.exhaustive]


CASES = [
    pytest.param(
        network.name,
        SHAPES[rank],
        id=f"{network.name}-{rank}d",
        marks=mark(network.name, rank),
    )
    for network in PUBLISHED
    for rank in network.ranks
]


def trainable(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize(
    ("name", "classes", "expected"), [(*key, n) for key, n in PARAMETERS.items()]
)
def test_parameters_are_the_authors(name: str, classes: int, expected: int) -> None:
    model = build_landmark(name, PUBLISHED[name].input_shape, classes)
    assert trainable(model) == expected
    if name in MACS:
        assert count_macs(model).total / 1e6 == pytest.approx(MACS[name], abs=0.5)


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_trains_and_is_stock_at_every_rank(
    name: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    keras.utils.set_random_seed(0)
    x, y = learnable(make_spec(shape, classes=4, num_train=32))
    x = x.astype("float32") / 64 - 2
    model = build_landmark(name, shape, 4, width=0.125)
    before = model.get_weights()
    optimizer = keras.optimizers.Adam(2e-3)
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    # Narrow and deep, without normalisation, and with dropout: these begin slowly.
    assert_trains(model, x, y, steps=30 if name.startswith(UNNORMALIZED) else 10)
    changed = [np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert np.mean(changed) > 0.9
    file = tmp_path / "model.keras"
    model.save(file)
    loaded = keras.saving.load_model(file, safe_mode=True)
    np.testing.assert_allclose(loaded(x), model(x), atol=1e-4)
    assert count_macs(model).unknown_layers == ()


IN_CI = ("lenet5", "vgg11", "resnet18", "googlenet")


@pytest.mark.parametrize(
    ("name", "rank"),
    [
        pytest.param(
            network.name,
            rank,
            marks=[] if network.name in IN_CI else [pytest.mark.exhaustive],
        )
        for network in PUBLISHED
        for rank in network.ranks
    ],
)
def test_the_smallest_and_a_large_input_build(name: str, rank: int) -> None:
    smallest = PUBLISHED[name].smallest
    for side in (smallest, 224):
        model = build_landmark(name, ((side,) * rank) + (1,), 2, width=0.125)
        assert model.output_shape == (None, 2)


def test_fewer_frames_than_the_authors_cost_less() -> None:
    published = PUBLISHED["resnet3d18"].input_shape
    costs = [
        count_macs(build_landmark("resnet3d18", shape, 4, width=0.125)).total
        for shape in ((8, *published[1:]), published)
    ]
    assert costs[0] < costs[1]


def test_an_input_that_is_too_small_is_refused() -> None:
    with pytest.raises(SpaceError, match=r"vgg16 needs .* but got 2 classes"):
        build_landmark("vgg16", (2, 2, 3), 2)
    with pytest.raises(SpaceError, match=r"rank 1 "):
        build_landmark("inception_time", (32, 32, 1), 2)
