"""Tables with all pixels of an image in one cell, as of FER2013."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from tests.datasets.csv_tables import read, save
from tests.datasets.folder_trees import inspected, note_with

Sentence = Callable[[object], str]
COUNT = 40


def _images(side: int, channels: int = 1) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (COUNT, side, side, channels), "uint8")


def _cells(images: np.ndarray) -> list[str]:
    return [" ".join(map(str, image.ravel().tolist())) for image in images]


def _faces(images: np.ndarray) -> pd.DataFrame:
    usage = ["Training", "Training", "PublicTest", "PrivateTest"] * (COUNT // 4)
    return pd.DataFrame(
        {
            "emotion": [i % 5 for i in range(COUNT)],
            "pixels": _cells(images),
            "Usage": usage,
        }
    )


@pytest.mark.parametrize(("side", "channels"), [(48, 1), (8, 1), (10, 3)])
@pytest.mark.parametrize("kind", ["auto", "image"])
def test_cells_of_pixels_are_images(
    tmp_path: Path, assert_sentence: Sentence, side: int, channels: int, kind: str
) -> None:
    images = _images(side, channels)
    path = save(tmp_path / "fer.csv", _faces(images))
    scan, plan, arrays = read(path, kind=kind)
    assert (scan.kind, len(scan.classes)) == ("image", 5)
    assert plan.layout.shape == (side, side, channels)
    assert np.array_equal(np.stack(arrays), images)
    assert Counter(s.split for s in scan.samples) == {
        "train": 20,
        "val": 10,
        "test": 10,
    }
    assert_sentence(note_with("Each cell", scan.notes))


def test_they_are_prepared_and_scored_on(tmp_path: Path) -> None:
    images = _images(8)
    frame = _faces(images)
    frame.loc[1, "pixels"] = "1 2 three"
    frame.loc[5, "pixels"] = "1 2 3 4 5"
    path = save(tmp_path / "fer.csv", frame)
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    assert (data.spec.shape, data.spec.num_train) == ((8, 8, 1), 18)
    reasons = dict(data.profile.skipped)
    assert "numbers between blanks" in reasons["fer.csv[1]"]
    assert "no square image" in reasons["fer.csv[5]"]
    scored = [array for _, array, _ in labelled(DataOptions(str(path)), data.spec)]
    assert np.array_equal(np.stack(scored), images[3::4])


def test_points_of_faces_are_targets(tmp_path: Path) -> None:
    frame = pd.DataFrame({"eye_x": np.arange(COUNT) / 3, "Image": _cells(_images(9))})
    found = inspected(save(tmp_path / "a.csv", frame))
    assert (found.kind, found.targets) == ("image", ("eye_x",))


def test_the_kind_text_takes_them_for_texts(tmp_path: Path) -> None:
    path = save(tmp_path / "a.csv", _faces(_images(8)))
    assert inspect(DataOptions(str(path), kind="text")).kind == "text"


def test_the_kind_series_is_refused(tmp_path: Path, assert_sentence: Sentence) -> None:
    path = save(tmp_path / "a.csv", _faces(_images(8)))
    with pytest.raises(DataError, match="holds an image in each cell") as caught:
        read(path, kind="series")
    assert_sentence(caught.value)


@pytest.mark.parametrize(
    "cell",
    [
        lambda i: " ".join(f"{i + k / 3:.2f}" for k in range(64)),  # fractions
        lambda i: " ".join(str(i + 9 * k) for k in range(64)),  # beyond 255
        lambda i: " ".join(str(k + i) for k in range(50)),  # no square
        lambda i: " ".join(str(k + i) for k in range(20 + i)),  # of any length
        lambda i: f"{i} {i + 1} {i + 2} {i + 3}",  # too small
    ],
)
def test_other_cells_of_numbers_are_refused(
    tmp_path: Path, assert_sentence: Sentence, cell: Callable[[int], str]
) -> None:
    frame = pd.DataFrame({"values": [cell(i) for i in range(COUNT)]})
    path = save(tmp_path / "a.csv", frame.assign(label=list("ab") * (COUNT // 2)))
    with pytest.raises(DataError, match="holds several numbers") as caught:
        read(path)
    assert_sentence(caught.value)
    assert inspect(DataOptions(str(path), kind="text")).kind == "text"


def test_sentences_come_before_cells_of_few_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"box": [f"{i} 2 30 40" for i in range(COUNT)]})
    frame["title"] = [f"words number {i}" for i in range(COUNT)]
    path = save(tmp_path / "a.csv", frame.assign(label=list("ab") * (COUNT // 2)))
    note_with("Texts are in the column 'title'", inspected(path).notes)
