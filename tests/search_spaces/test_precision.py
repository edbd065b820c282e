"""Networks under the policies of half precision, which graphics cards train with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

from automl_datasets.spec import KINDS, DataSpec
from automl_search_spaces.augmentations.catalog import families_by_strength
from automl_search_spaces.space import SearchSpace
from automl_search_spaces.transfer.entry import enter
from tests.search_spaces.draws import parameters
from tests.search_spaces.specs import learnable, make_example, make_spec

#: Without pooling: TensorFlow has none of rank 3 in half precision on a CPU.
SMALL: dict[str, Any] = {"filters": 8, "filters_waveform": 8, "repeats": 1}
SMALL |= {"head": "gap", "pooling": "stride"}


@pytest.fixture(autouse=True)
def _usual_policy() -> Iterator[None]:
    yield
    keras.mixed_precision.set_dtype_policy("float32")


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_augmentation_works_in_half_precision(kind: str, policy: str) -> None:
    keras.mixed_precision.set_dtype_policy(policy)
    spec = make_example(kind)
    x = learnable(spec)[0][:4]
    for strength in families_by_strength(spec):
        values = {**SMALL, "augmentation": strength, "flip": True}
        model = SearchSpace(spec, max_epochs=2).build(parameters(values))
        answer = keras.ops.convert_to_numpy(model(x, training=True))
        assert np.isfinite(answer).all()


def pressures() -> tuple[DataSpec, np.ndarray]:
    """Return series that half precision can't hold: it ends at 65 504."""
    spec = make_spec((30, 1), mean=(101325.0,), std=(500.0,))
    x = np.random.default_rng(0).normal(101325, 500, (8, 30, 1))
    return spec, x.astype("float32")


def test_raw_numbers_are_standardised_before_they_are_halved() -> None:
    spec, x = pressures()
    values = {**SMALL, "augmentation": "none"}
    answers, weights = [], None
    for policy in ("float32", "mixed_float16"):
        keras.mixed_precision.set_dtype_policy(policy)
        model = SearchSpace(spec, max_epochs=2).build(parameters(values))
        weights = weights or model.get_weights()
        model.set_weights(weights)
        answers.append(keras.ops.convert_to_numpy(model(x, training=False)))
    full, half = answers
    np.testing.assert_allclose(half, full, atol=5e-3)


def test_a_trunk_is_given_what_half_precision_can_hold() -> None:
    spec, x = pressures()
    inputs = keras.Input(spec.shape)
    trunk = keras.Model(inputs, keras.layers.Conv1D(2, 3)(inputs))
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    entered = keras.Model(inputs, enter(inputs, spec, trunk, (30,)))
    expected = (x - 101325) / 500
    np.testing.assert_allclose(entered(x), expected, atol=1e-3)


def test_images_of_sixteen_bits_are_moved_before_they_are_halved() -> None:
    spec = make_spec((12, 12, 1), dtype="uint16", mean=(65520.0,), std=(1.0,))
    keras.mixed_precision.set_dtype_policy("mixed_float16")
    values = {**SMALL, "augmentation": "light", "flip": True}
    model = SearchSpace(spec, max_epochs=2).build(parameters(values))
    x = np.full((4, 12, 12, 1), 65520, "float32")
    assert np.isfinite(keras.ops.convert_to_numpy(model(x, training=True))).all()
