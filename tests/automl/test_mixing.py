"""What a mixed batch is."""

from __future__ import annotations

import numpy as np
import pytest

from automl.training.mixing import mix
from automl_search_spaces.augmentations.mixing import Mixing

MIXUP = Mixing("mixup", 0.2, 3)
CUTMIX = Mixing("cutmix", 1.0, 3, (1, 2))
CLASSES = np.arange(30) % 3

#: Every sample is filled with its class, so that it tells what it is made of.
IMAGES = np.broadcast_to(CLASSES[:, None, None, None], (30, 20, 16, 2)).astype("uint8")


def generator() -> np.random.Generator:
    return np.random.default_rng([1, 2, 3])


@pytest.mark.parametrize("mixing", [MIXUP, CUTMIX])
def test_targets_are_the_shares_of_what_is_in_a_sample(mixing: Mixing) -> None:
    x, y = mix(IMAGES, CLASSES, mixing, generator())
    assert x.dtype == y.dtype == np.float32
    assert x.shape == IMAGES.shape
    np.testing.assert_allclose(y.sum(axis=1), 1, atol=1e-6)
    assert (y.max(axis=1) < 0.99).sum() > 3, "not all of a class of their own"
    # The larger share is its own, but for a box that is rounded to whole positions.
    assert (y[np.arange(30), CLASSES] >= 0.45).all()
    np.testing.assert_allclose(x.mean(axis=(1, 2, 3)), y @ [0, 1, 2], atol=1e-5)


def test_the_same_draws_make_the_same_batch() -> None:
    first, second = (mix(IMAGES, CLASSES, CUTMIX, generator()) for _ in range(2))
    assert (first[0] == second[0]).all()
    assert (first[1] == second[1]).all()
    other = mix(IMAGES, CLASSES, CUTMIX, np.random.default_rng(0))
    assert (first[0] != other[0]).any()


def test_a_box_is_cut_through_all_frames_of_a_video() -> None:
    frames = np.repeat(IMAGES[:, None], 5, axis=1)
    mixing = Mixing("cutmix", 1.0, 3, (2, 3))
    x, y = mix(frames, CLASSES, mixing, generator())
    assert (x == x[:, :1]).all()
    np.testing.assert_allclose(x.mean(axis=(1, 2, 3, 4)), y @ [0, 1, 2], atol=1e-5)


def test_what_one_of_two_lacks_is_the_others() -> None:
    series = np.ones((30, 12, 1), "float32")
    for row, length in enumerate(np.arange(30) % 7 + 4):
        series[row, length:] = np.nan
    x, _ = mix(series, CLASSES, MIXUP, generator())
    lengths, before = np.isfinite(x[..., 0]).sum(axis=1), np.isfinite(series[..., 0])
    assert (lengths >= before.sum(axis=1)).all()
    np.testing.assert_allclose(x[np.isfinite(x)], 1, atol=1e-6)
    assert (lengths > before.sum(axis=1)).any()
