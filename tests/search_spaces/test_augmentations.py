"""Layers that change samples in training: what they move, and what they leave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import keras_tuner
import numpy as np
import pytest

from automl_search_spaces.augmentations import geometry, moves
from automl_search_spaces.augmentations.catalog import (
    changes_of,
    families_by_strength,
)
from automl_search_spaces.augmentations.geometry import RandomAffine, RandomWarp
from automl_search_spaces.augmentations.intensity import RandomIntensity
from automl_search_spaces.space import SearchSpace
from tests.search_spaces.specs import EXAMPLES, make_example, make_spec

SERIES = np.arange(2 * 40 * 3, dtype="float32").reshape(2, 40, 3)
VOLUMES = np.arange(3 * 6 * 5 * 4, dtype="float32").reshape(3, 6, 5, 4, 1)
IMAGES = np.random.default_rng(0).uniform(0, 1, (16, 9, 12, 3)).astype("float32")
TEXTS = np.array([[[2], [3], [4], [0], [0]]] * 200, "int32")

CASES = [
    (moves.RandomShift((1,), 0.1), SERIES),
    (moves.RandomShift((1, 2, 3), 0.3), VOLUMES),
    (moves.RandomScale(2.0), SERIES),
    (moves.RandomNoise(0.1), SERIES),
    (moves.RandomMask((1,), 0.5), SERIES),
    (moves.RandomMask((1, 2), 0.5), IMAGES),
    (moves.RandomMirror(1), np.repeat(VOLUMES, 8, axis=0)),
    (moves.RandomWordDropout(0.3), TEXTS),
    (RandomWarp(0.5, 0.2), SERIES),
    (RandomAffine(15.0, zoom=0.1, shift=0.1), IMAGES),
    (RandomAffine(30.0, shear=0.3, shift=0.3, single=True), IMAGES),
    (RandomAffine(60.0, interpolation="nearest"), np.repeat(VOLUMES, 8, axis=0)),
    (RandomIntensity(0.5), IMAGES),
    (RandomIntensity(0.5, single=True), IMAGES[..., :1]),
]


def changed(layer: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(layer(x, training=True)))


@pytest.mark.parametrize(("layer", "x"), CASES)
def test_a_layer_changes_samples_in_training_only(layer: Any, x: np.ndarray) -> None:
    np.testing.assert_array_equal(layer(x, training=False), x)
    results = [changed(layer, x) for _ in range(8)]
    assert all(r.shape == x.shape and r.dtype == x.dtype for r in results)
    assert any((r != x).any() for r in results)
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize(("layer", "x"), CASES)
def test_the_state_of_a_layer_says_what_it_does_next(layer: Any, x: np.ndarray) -> None:
    """So that a checkpoint, which holds it, continues a training exactly."""
    state = layer.seed_generator.state.numpy()
    first = changed(layer, x)
    layer.seed_generator.state.assign(state)
    np.testing.assert_array_equal(changed(layer, x), first)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_strength_suits_the_samples(kind: str) -> None:
    missing = kind in ("image", "series", "volume")
    spec = replace(make_example(kind), missing=missing)
    x = np.ones((6, *spec.shape), spec.dtype if kind == "text" else "float32")
    if spec.missing:
        x[:, -2:] = np.nan
    for strength in families_by_strength(spec):
        values = {"augmentation": strength, "representation": "mel", "flip": True}
        changes = changes_of(spec, values)
        raw = x
        for layer in changes.raw:
            raw = changed(layer, raw)
        assert raw.shape == x.shape
        assert raw.dtype == x.dtype
        # What is missing is moved, but neither spreads nor fills up; edges repeat.
        assert np.isnan(raw).mean() <= (0.5 if spec.missing else 0.0)
        assert np.isnan(raw).any() == spec.missing
        # A spectrogram, where there is one, is what else is changed.
        seen = np.ones((6, 7, 5, 1) if kind == "audio" else x.shape, "float32")
        for layer in changes.standardized:
            seen = changed(layer, seen)
        assert np.isfinite(seen).all()


def test_a_shift_repeats_the_edge_and_keeps_missing_values_missing() -> None:
    x = SERIES.copy()
    x[:, 30:] = np.nan
    layer = moves.RandomShift((1,), 0.1)
    for _ in range(8):
        for row, sample in zip(changed(layer, x), x, strict=True):
            shift = int(np.isnan(row[:, 0]).sum()) - 10
            assert abs(shift) <= 4
            positions = np.clip(np.arange(40) + shift, 0, 39)
            np.testing.assert_array_equal(row, sample[positions])


def test_a_warp_keeps_the_order_and_the_padding() -> None:
    x = np.repeat(SERIES[:1, :, :1], 200, axis=0)
    x[:, 30:] = np.nan
    result = changed(RandomWarp(0.5, 0.2), x)[..., 0]
    missing = np.isnan(result)
    assert (np.diff(missing.astype(int), axis=1) >= 0).all(), "padding is at the end"
    assert 0 < missing.sum(axis=1).mean() < 20
    steps = np.diff(result, axis=1)
    assert (steps[~np.isnan(steps)] >= 0).all()
    assert np.nanmax(steps) <= 3 * 1.5 + 1e-3, "never half as fast again"
    assert np.nanstd(result[:, 15]) > 3


def test_a_turn_of_ninety_degrees_is_numpys(monkeypatch: pytest.MonkeyPatch) -> None:
    def extreme(limits: list[float], batch: Any, single: bool, seed: Any) -> list[Any]:
        return [limit * np.ones(int(batch), "float32") for limit in limits]

    monkeypatch.setattr(geometry, "draw_changes", extreme)
    square = IMAGES[:, :, :9]
    turned = changed(RandomAffine(90.0), square)
    np.testing.assert_allclose(turned, np.rot90(square, 1, (1, 2)), atol=1e-4)
    slices = np.stack([square, 1 - square], axis=1)
    turned = changed(RandomAffine(90.0), slices)
    np.testing.assert_allclose(turned, np.rot90(slices, 1, (2, 3)), atol=1e-4)
    shifted = changed(RandomAffine(0.0, shift=1 / 3), square)
    np.testing.assert_allclose(shifted[:, :6, :6], square[:, 3:, 3:], atol=1e-4)


def test_one_change_alone_is_made_by_lot() -> None:
    seed = keras.random.SeedGenerator(0)
    draws = np.array(geometry.draw_changes([1.0, 0.0, 2.0, 3.0], 300, True, seed))
    assert ((draws != 0).sum(axis=0) == 1).all()
    assert (draws[1] == 0).all()
    for row, limit in zip(draws, [1.0, 0.0, 2.0, 3.0], strict=True):
        assert np.abs(row).max() <= limit
        assert limit == 0 or 60 < (row != 0).sum() < 140


def test_grey_stays_grey_and_colours_lose_or_gain_colour() -> None:
    grey = np.repeat(IMAGES[..., :1], 3, axis=-1)
    result = changed(RandomIntensity(0.9), grey)
    np.testing.assert_allclose(result, np.repeat(result[..., :1], 3, -1), atol=1e-5)
    colourful = changed(RandomIntensity(0.9), IMAGES).std(axis=-1).mean(axis=(1, 2))
    before = IMAGES.std(axis=-1).mean(axis=(1, 2))
    assert (colourful < before).any()
    assert (colourful > before).any()


def test_noise_has_the_deviation_that_is_asked_for() -> None:
    x = np.zeros((50, 40, 3), "float32")
    noise = changed(moves.RandomNoise(0.3), x)
    assert noise.std() == pytest.approx(0.3, rel=0.05)
    assert noise.mean() == pytest.approx(0.0, abs=0.02)


def test_each_sample_may_draw_its_own_noise() -> None:
    x = np.zeros((400, 300, 1), "float32")
    levels = changed(moves.RandomNoise(0.3, 0.003), x).std(axis=(1, 2))
    assert levels.max() < 0.33
    assert levels.min() > 0.0027
    shares = np.histogram(np.log10(levels), [-2.6, -1.9, -1.2, -0.5])[0] / 400
    assert shares == pytest.approx([1 / 3, 1 / 3, 1 / 3], abs=0.12)


@pytest.mark.parametrize(("side", "whole"), [(32, True), (10, True), (9, False)])
def test_light_shifts_of_images_blur_nothing(side: int, whole: bool) -> None:
    """Whole pixels: every value of the result stands in the sample."""
    spec = make_spec((side, side, 3))
    (layer,) = changes_of(spec, {"augmentation": "light", "flip": False}).raw
    x = np.random.default_rng(0).random((8, side, side, 3)).astype("float32")
    result = changed(layer, x)
    assert (result != x).any()
    found = [np.isin(r, s).all() for r, s in zip(result, x, strict=True)]
    assert all(found) == whole


def test_photographs_are_mirrored_but_where_something_is_measured() -> None:
    defaults = {}
    for task in ("classification", "multilabel", "regression"):
        hp = keras_tuner.HyperParameters()
        spec = make_spec((32, 32, 3), task=task)
        SearchSpace(spec, max_epochs=5).declare_hyperparameters(hp)
        defaults[task] = {h.name: h.default for h in hp.space}["flip"]
    assert defaults == {"classification": True, "multilabel": True, "regression": False}


def test_a_mirror_turns_some_samples_round() -> None:
    x = np.repeat(VOLUMES[:1], 40, axis=0)
    result = changed(moves.RandomMirror(2), x)
    turned = (result == x[:, :, ::-1]).all(axis=(1, 2, 3, 4))
    kept = (result == x).all(axis=(1, 2, 3, 4))
    assert (turned ^ kept).all()
    assert 5 < turned.sum() < 35


def test_words_become_unknown_and_padding_stays() -> None:
    result = changed(moves.RandomWordDropout(0.3), TEXTS)
    assert (result[:, 3:] == 0).all()
    words = result[:, :3]
    assert set(np.unique(words[words != TEXTS[:, :3]])) == {1}
    assert 0.2 < (words == 1).mean() < 0.4


def test_a_mask_hides_one_stretch_of_a_limited_length() -> None:
    x = np.ones((50, 40, 7, 1), "float32")
    hidden = changed(moves.RandomMask((2,), 0.5), x)[:, 0, :, 0] == 0
    assert hidden.sum(axis=1).max() <= 4
    edges = np.abs(np.diff(np.pad(hidden, ((0, 0), (1, 1))).astype(int), axis=1))
    assert edges.sum(axis=1).max() <= 2


def test_a_mask_along_two_axes_hides_a_box() -> None:
    x = np.ones((50, 40, 20, 1), "float32")
    hidden = changed(moves.RandomMask((1, 2), 0.5), x)[..., 0] == 0
    assert hidden.any()
    for sample in hidden:
        rows, columns = sample.any(axis=1), sample.any(axis=0)
        assert (sample == rows[:, None] & columns).all()
        assert rows.sum() <= 20
        assert columns.sum() <= 10


def test_a_gentle_shift_of_an_image_spreads_no_missing_values() -> None:
    spec = replace(make_example("image"), missing=True)
    changes = changes_of(spec, {"augmentation": "light", "flip": True})
    x = np.ones((16, *spec.shape), "float32")
    x[:, 6, 6] = np.nan
    for layer in changes.raw:
        x = changed(layer, x)
    assert (np.isnan(x[..., 0]).sum(axis=(1, 2)) == 1).all()
