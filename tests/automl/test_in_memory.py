"""Samples at hand become what the model was trained on, or are refused."""

from typing import Any

import numpy as np
import pytest

from automl.export.in_memory import read_samples
from automl_datasets.errors import DataError
from tests.automl.tiny_models import spec_of


def read(kind: str, samples: Any, **changes: object) -> list[tuple[str, np.ndarray]]:
    return list(read_samples(samples, spec_of(kind, "classification", **changes)))


def test_arrays_are_samples_along_their_first_axis() -> None:
    pixels = np.arange(2 * 9 * 7 * 3).reshape(2, 9, 7, 3) % 256
    (first, one), (second, two) = read("image", pixels)
    assert (first, second) == ("sample 0", "sample 1")
    assert one.dtype == two.dtype == np.uint8
    np.testing.assert_array_equal(np.stack([one, two]), pixels)


def test_samples_may_differ_in_size_and_lack_a_channel_axis_of_one() -> None:
    sounds = [np.zeros(30), np.ones(50, np.float32)]
    shapes = [sample.shape for _, sample in read("audio", sounds)]
    assert shapes == [(30, 1), (50, 1)]
    assert all(sample.dtype == np.float32 for _, sample in read("audio", sounds))


def test_a_missing_value_is_one_in_series_alone() -> None:
    ((_, series),) = read("series", [[[1.0, np.nan], [2.0, 3.0]]])
    assert np.isnan(series[0, 1])
    with pytest.raises(DataError, match="sample 0 holds nan"):
        read("audio", [[1.0, np.nan]])


def test_texts_are_strings() -> None:
    ((name, text),) = read("text", ["a good film"])
    assert (name, text.shape, text.item()) == ("sample 0", (), "a good film")


@pytest.mark.parametrize(
    ("kind", "samples", "words"),
    [
        (
            "image",
            np.zeros((9, 7, 3)),
            r"shape \(any, any, 3\), but sample 0 has \(7, 3",
        ),
        ("image", np.zeros((1, 9, 7, 1)), r"sample 0 has \(9, 7, 1\)"),
        (
            "image",
            np.full((1, 9, 7, 3), 0.5),
            r"uint8 numbers, but sample 0 holds 0\.5",
        ),
        ("image", np.full((1, 9, 7, 3), 256), r"uint8 numbers, but sample 0 holds 256"),
        ("image", np.full((1, 9, 7, 3), "a"), r"takes numbers, but sample 0 holds <U1"),
        ("image", np.zeros((1, 0, 7, 3)), r"sample 0 is empty"),
        ("series", [[[1.0, 2.0], [3.0]]], r"sample 0 is no array of numbers"),
        ("image", 5, r"an array or a list of them, but got 5"),
        ("text", "a good film", r"an array or a list of them, but got 'a good"),
        ("text", [3], r"takes texts, but sample 0 is 3"),
        ("text", ["film", " "], r"sample 1 holds no word"),
    ],
)
def test_what_does_not_fit_is_refused(kind: str, samples: Any, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read(kind, samples)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
