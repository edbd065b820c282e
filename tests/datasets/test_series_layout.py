"""The common length of series, and series in files of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inputs import read_input
from automl_datasets.media import series_file, text
from automl_datasets.media._base import name_of
from automl_datasets.media.registry import medium_of
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.series import as_reading, series_layout

OPTIONS = DataOptions("anything")


def test_the_longest_decides() -> None:
    layout, notes = series_layout([(10, 1), (40, 1), (20, 1)])
    assert layout.shape == (40, 1)
    assert layout.preprocessing["length"] == 40
    assert notes == ("Series have 10 to 40 steps; shorter ones are padded at the end.",)


def test_an_outlier_is_cropped() -> None:
    layout, (note,) = series_layout([(10, 1)] * 99 + [(1_000, 1)])
    assert layout.shape == (10, 1)
    assert "95th percentile" in note
    assert "1 cropped at the end" in note


def test_at_most_16384_steps() -> None:
    layout, (note,) = series_layout([(20_000, 3)] * 2)
    assert layout.shape == (16_384, 3)
    assert "the most that is kept" in note


def test_most_common_number_of_channels() -> None:
    layout, notes = series_layout([(10, 2), (10, 2), (10, 3)])
    assert layout.shape == (10, 2)
    assert "1 series with another number" in notes[1]


def test_fitted_is_cropped_or_padded_and_unfitted_is_not() -> None:
    layout, _ = series_layout([(3, 2)])
    long = np.arange(10.0).reshape(5, 2)
    assert as_reading(long, layout, fitted=True).array.tolist() == long[:3].tolist()
    assert as_reading(long, layout, fitted=False).array.shape == (5, 2)
    short = as_reading(long[:1], layout, fitted=True)
    assert np.isnan(short.array).tolist() == [[False] * 2, [True] * 2, [True] * 2]
    assert short.size == (1,)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (np.ones((3, 1)), "has 1 channel, but 2 are needed"),
        (np.full((3, 2), np.nan), "holds no value"),
        (np.empty((0, 2)), "holds no value"),
        (np.full((3, 2), 1e39), "infinite"),
    ],
)
def test_refused(
    series: np.ndarray[tuple[int, ...], np.dtype[np.float64]], reason: str
) -> None:
    layout, _ = series_layout([(3, 2)])
    with pytest.raises(DataError, match=reason):
        as_reading(series, layout, fitted=True)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("plain.csv", "1,2\n3,4\n5,\n", [[1, 2], [3, 4], [5, np.nan]]),
        ("named.csv", "time,x,y\n0,1,2\n1,3,4\n", [[1, 2], [3, 4]]),
        ("one.txt", "\ufeff1.5\n2\n-3e2\n", [[1.5], [2], [-300]]),
        ("blanks.txt", " 1  2\n 3  4\n", [[1, 2], [3, 4]]),
        ("tabs.tsv", "1\t2\r\n?\t4\r\n", [[1, 2], [np.nan, 4]]),
        ("commas.csv", "0,5;1\n1,5;-2,25\n", [[0.5, 1], [1.5, -2.25]]),
        (
            "dated.csv",
            "timestamp,x,y\n2024-01-31 12:00,1,2\n2024-01-31 12:01,3,4\n",
            [[1, 2], [3, 4]],
        ),
    ],
)
def test_columns_of_numbers(
    tmp_path: Path, name: str, content: str, expected: list[list[float]]
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    medium = medium_of(path)
    assert medium is not None
    assert name_of(medium) == "series_file"
    layout, _ = series_file.decide([series_file.peek(str(path))], OPTIONS)
    reading, header = series_file.decode(str(path), layout, fitted=True)
    assert np.array_equal(reading.array, np.array(expected), equal_nan=True)
    assert header == series_file.peek(str(path))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.csv", "", "empty file"),
        ("ragged.csv", "1,2\n3\n", "different numbers of columns"),
        ("words.csv", "1,2\n3,four\n", "'four'"),
        ("blank.csv", "\n \n", "holds no value"),
        ("broken.npy", "no array", "not a readable series"),
    ],
)
def test_unreadable_series(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(DataError, match=reason):
        series_file.peek(str(path))


def test_arrays_are_series_by_their_shape(tmp_path: Path) -> None:
    shapes = {"flat": (50,), "channels": (50, 3), "image": (28, 28), "cube": (9, 9, 9)}
    for name, shape in shapes.items():
        np.save(tmp_path / f"{name}.npy", np.ones(shape))
    taken = [n for n in shapes if series_file.accepts(tmp_path / f"{n}.npy")]
    assert taken == ["flat", "channels"]


def test_numbers_and_words_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1 2\n3 4\n")
    (tmp_path / "b.txt").write_text("1 apple\n2 pears\n")
    assert series_file.accepts(tmp_path / "a.txt")
    assert not text.accepts(tmp_path / "a.txt")
    assert text.accepts(tmp_path / "b.txt")
    assert not series_file.accepts(tmp_path / "b.txt")


def test_class_folders_of_arrays(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("calm", "wild"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(8):
            np.save(tmp_path / "data" / name / f"{i}.npy", rng.normal(size=(20 + i, 2)))
    data = prepare(DataOptions(str(tmp_path / "data")), tmp_path / "out")
    assert (data.spec.kind, data.spec.shape) == ("series", (27, 2))
    assert data.spec.missing
    assert data.spec.classes == ("calm", "wild")
    array = read_input(tmp_path / "data" / "calm" / "3.npy", data.spec)
    assert array.shape == (23, 2)
