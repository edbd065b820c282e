"""Tables with an image a row, its pixels in columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from tests.datasets.forms import noise

Sentence = Callable[[object], str]
COUNTED = "pixel{}"


def save(
    path: Path,
    images: NDArray[np.uint8],
    *,
    names: str | Sequence[str] | None = COUNTED,
    labelled: bool = True,
) -> Path:
    """Write a row of pixels for each image, and labels 0 and 1 in turn before them."""
    rows = images.reshape(len(images), -1)
    if isinstance(names, str):
        names = [names.format(i) for i in range(rows.shape[1])]
    frame = pd.DataFrame(rows, columns=None if names is None else list(names))
    if labelled:
        frame.insert(0, "label", np.arange(len(rows)) % 2)
    frame.to_csv(path, index=False, header=names is not None)
    return path


def placed(side: int) -> list[str]:
    return [f"{row + 1}x{column + 1}" for row in range(side) for column in range(side)]


@pytest.mark.parametrize(
    ("side", "names"),
    [
        (28, COUNTED),
        (8, "p{}"),
        (8, "px_{}"),
        (16, "Pixel {}"),
        (28, placed(28)),
        (16, None),
    ],
)
def test_pixels_become_images(
    tmp_path: Path, side: int, names: str | Sequence[str] | None
) -> None:
    images = noise(1, 20, side, side)
    path = save(tmp_path / "digits.csv", images, names=names)
    data = prepare(DataOptions(str(path)), tmp_path / "out")
    assert (data.spec.kind, data.spec.shape) == ("image", (side, side, 1))
    assert data.spec.dtype == "uint8"
    assert any(f"for images of {side}x{side}" in note for note in data.profile.notes)
    train = data.split("train")
    for name, row in zip(train.names, train.inputs, strict=True):
        place = int(name.removeprefix("digits.csv[").removesuffix("]"))
        assert np.array_equal(row[..., 0], images[place])


def test_pixels_of_three_colours_lie_side_by_side(tmp_path: Path) -> None:
    images = noise(1, 8, 9, 9, 3)
    path = save(tmp_path / "skin.csv", images)
    data = labelled(
        DataOptions(str(path)), prepare(DataOptions(str(path)), tmp_path / "out").spec
    )
    read = [array for _, array, _ in data]
    assert np.array_equal(np.stack(read), images)


def test_a_kind_of_series_overrules(tmp_path: Path) -> None:
    path = save(tmp_path / "digits.csv", noise(1, 20, 8, 8))
    found = inspect(DataOptions(str(path), kind="series"))
    assert (found.kind, found.shape) == ("series", (64, 1))


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (noise(1, 20, 8, 8) / 255, COUNTED),  # no whole numbers
        (noise(1, 20, 8, 8).astype(int) - 1, COUNTED),
        (noise(1, 20, 8, 8).astype(int) + 1, COUNTED),
        (noise(1, 20, 8, 9), COUNTED),  # no square
        (noise(1, 20, 7, 7), COUNTED),
    ],
)
def test_other_values_stay_series(
    tmp_path: Path, assert_sentence: Sentence, values: NDArray[np.uint8], names: str
) -> None:
    values[0].flat[0], values[0].flat[1] = values.min(), values.max()
    path = save(tmp_path / "waves.csv", values, names=names)
    assert inspect(DataOptions(str(path))).kind == "series"
    with pytest.raises(DataError, match="holds no images") as caught:
        inspect(DataOptions(str(path), kind="image"))
    assert str(path) in assert_sentence(caught.value)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (noise(1, 20, 8, 8), "t{}"),
        (noise(1, 20, 8, 8), None),
        (noise(1, 20, 16, 16, 3), None),
    ],
)
def test_other_names_are_images_if_asked(
    tmp_path: Path, values: NDArray[np.uint8], names: str | None
) -> None:
    path = save(tmp_path / "waves.csv", values, names=names)
    assert inspect(DataOptions(str(path))).kind == "series"
    found = inspect(DataOptions(str(path), kind="image"))
    assert found.shape == (*values.shape[1:], 1)[:3]


@pytest.mark.parametrize("target", [None, "column 257"])
def test_labels_without_a_name_follow_pixels_that_never_change(
    tmp_path: Path, target: str | None
) -> None:
    images = noise(1, 20, 16, 16)
    images[:, 0, 0] = 0
    table = np.column_stack([images.reshape(20, -1), np.repeat([0, 1], 10)])
    np.savetxt(tmp_path / "digits.csv", table, fmt="%d", delimiter=",")
    found = inspect(DataOptions(str(tmp_path / "digits.csv"), target=target))
    assert (found.kind, found.shape) == ("image", (16, 16, 1))
    assert found.classes == ("0", "1")


def test_rows_that_are_no_pixels_are_named(tmp_path: Path) -> None:
    path = save(tmp_path / "digits.csv", noise(1, 1_200, 8, 8))
    lines = path.read_text().splitlines()
    lines[1_101] = "0,300" + lines[1_101][lines[1_101].index(",", 3) :]
    lines[1_102] = "0," + lines[1_102][lines[1_102].index(",", 3) :]
    path.write_text("\n".join(lines))
    skipped = dict(prepare(DataOptions(str(path)), tmp_path / "out").profile.skipped)
    assert skipped.keys() == {"digits.csv[1100]", "digits.csv[1101]"}
    assert "holds 300 where a whole number" in skipped["digits.csv[1100]"]


def test_splits_and_tables_without_labels_beside(tmp_path: Path) -> None:
    save(tmp_path / "digits_train.csv", noise(1, 20, 8, 8))
    save(tmp_path / "digits_test.csv", noise(2, 6, 8, 8))
    assert inspect(DataOptions(str(tmp_path))).samples["test"] == 6
    save(tmp_path / "digits_test.csv", noise(2, 6, 8, 8), labelled=False)
    found = inspect(DataOptions(str(tmp_path)))
    assert found.kind == "image"
    assert sum(found.samples.values()) == 20


def test_images_are_resized_if_asked(tmp_path: Path) -> None:
    path = save(tmp_path / "digits.csv", noise(1, 20, 8, 8))
    data = prepare(DataOptions(str(path), image_size=(4, 5)), tmp_path / "out")
    assert data.split("train").inputs.shape[1:] == (4, 5, 1)


def test_data_of_another_size_is_refused(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    path = save(tmp_path / "digits.csv", noise(1, 20, 8, 8))
    other = save(tmp_path / "more.csv", noise(1, 20, 9, 9))
    with pytest.raises(DataError, match=r"\(8, 8, 1\) and \(9, 9, 1\)") as caught:
        inspect(DataOptions(str(path), test_data=str(other)))
    assert_sentence(caught.value)


@pytest.mark.parametrize(
    ("height", "width", "first"), [(4, 16, 0), (4, 16, 1), (8, 8, 2)]
)
def test_names_of_other_places_are_no_square(
    tmp_path: Path, assert_sentence: Sentence, height: int, width: int, first: int
) -> None:
    rows, columns = range(first, first + height), range(first, first + width)
    names = [f"{row}x{column}" for row in rows for column in columns]
    path = save(tmp_path / "waves.csv", noise(1, 20, 8, 8), names=names)
    assert inspect(DataOptions(str(path))).kind == "series"
    with pytest.raises(DataError, match="holds no images") as caught:
        inspect(DataOptions(str(path), kind="image"))
    assert_sentence(caught.value)


def test_places_may_count_from_0(tmp_path: Path) -> None:
    names = [f"{row}x{column}" for row in range(8) for column in range(8)]
    path = save(tmp_path / "digits.csv", noise(1, 20, 8, 8), names=names)
    assert inspect(DataOptions(str(path))).shape == (8, 8, 1)
