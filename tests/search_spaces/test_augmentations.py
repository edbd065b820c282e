"""Layers that change samples in training: what they move, and what they leave."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from automl_search_spaces.augmentations import moves

SERIES = np.arange(2 * 40 * 3, dtype="float32").reshape(2, 40, 3)
VOLUMES = np.arange(3 * 6 * 5 * 4, dtype="float32").reshape(3, 6, 5, 4, 1)
TEXTS = np.array([[[2], [3], [4], [0], [0]]] * 200, "int32")

CASES = [
    (moves.RandomShift((1,), 0.1), SERIES),
    (moves.RandomShift((1, 2, 3), 0.3), VOLUMES),
    (moves.RandomScale(2.0), SERIES),
    (moves.RandomMask(1, 0.5), SERIES),
    (moves.RandomMirror(1), np.repeat(VOLUMES, 8, axis=0)),
    (moves.RandomWordDropout(0.3), TEXTS),
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


def test_words_become_unknown_and_padding_stays() -> None:
    result = changed(moves.RandomWordDropout(0.3), TEXTS)
    assert (result[:, 3:] == 0).all()
    words = result[:, :3]
    assert set(np.unique(words[words != TEXTS[:, :3]])) == {1}
    assert 0.2 < (words == 1).mean() < 0.4


def test_a_mask_hides_one_stretch_of_a_limited_length() -> None:
    x = np.ones((50, 40, 7, 1), "float32")
    hidden = changed(moves.RandomMask(2, 0.5), x)[:, 0, :, 0] == 0
    assert hidden.sum(axis=1).max() <= 4
    edges = np.abs(np.diff(np.pad(hidden, ((0, 0), (1, 1))).astype(int), axis=1))
    assert edges.sum(axis=1).max() <= 2
