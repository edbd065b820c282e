"""Splits that columns of a table declare, whatever they are called, or folders do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.survey import survey
from tests.datasets.folder_trees import inspected, note_with, scanned, splits_of
from tests.datasets.forms import write_png

Sentence = Callable[[object], str]
Cell = Callable[[int], object]
COUNT = 40


def _paths(folder: Path, name: str, cell: Cell, label: str = "label") -> Path:
    """Write a table of images with a column beside their labels."""
    rows = [f"path,{label},{name}"]
    for i in range(COUNT):
        write_png(folder / f"{i}.png", i)
        rows.append(f"{i}.png,{'ab'[i % 2]},{cell(i)}")
    (folder / "labels.csv").write_text("\n".join(rows))
    return folder / "labels.csv"


def _texts(folder: Path, name: str, cell: Cell, label: str = "label") -> Path:
    rows = [
        f"some words about number {i},{'ab'[i % 2]},{cell(i)}" for i in range(COUNT)
    ]
    (folder / "texts.csv").write_text("\n".join([f"text,{label},{name}", *rows]))
    return folder / "texts.csv"


WRITERS = pytest.mark.parametrize("write", [_paths, _texts])


def _declared(path: Path, **asked: str) -> dict[str | None, int]:
    found = survey(DataOptions(str(path), **asked)).scan  # type: ignore[arg-type]
    return dict(Counter(sample.split for sample in found.samples))


@WRITERS
@pytest.mark.parametrize(
    ("name", "cell", "split"),
    [
        ("is_valid", lambda i: i % 5 == 0, "val"),
        ("isTest", lambda i: int(i % 5 == 0), "test"),
        ("is_training_img", lambda i: int(i % 5 > 0), "test"),
        ("is validation", lambda i: str(i % 5 == 0).upper(), "val"),
    ],
)
def test_flags_declare_splits(
    tmp_path: Path, write: Callable[..., Path], name: str, cell: Cell, split: str
) -> None:
    path = write(tmp_path, name, cell)
    assert _declared(path) == {"train": 32, split: 8}
    note_with(f"by the column {name!r}", scanned(path).notes)


@WRITERS
@pytest.mark.parametrize(
    "name", ["dataset", "data set", "phase", "split_name", "Dataset_type", "stage"]
)
def test_words_of_splits_declare_them_whatever_their_column_is_called(
    tmp_path: Path, write: Callable[..., Path], name: str
) -> None:
    path = write(tmp_path, name, lambda i: "TEST" if i % 4 == 0 else "TRAIN")
    assert _declared(path) == {"train": 30, "test": 10}


def test_rows_of_training_first(tmp_path: Path) -> None:
    rows = [f"some words about number {i},{'ab'[i % 2]}" for i in range(1_500)]
    told = [f"{row},{'train' if i < 1_400 else 'test'}" for i, row in enumerate(rows)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text,label,phase", *told]))
    assert _declared(path) == {"train": 1_400, "test": 100}


@WRITERS
@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("kind", lambda i: ("train", "train", "car")[i % 3]),
        ("kind", lambda i: "train"),
        ("phase", lambda i: ("test", "new")[i % 2]),
        ("is_valid", lambda i: ("yes", "maybe")[i % 2]),
        ("is_new", lambda i: i % 2 == 0),
    ],
)
def test_other_columns_declare_nothing(
    tmp_path: Path, write: Callable[..., Path], name: str, cell: Cell
) -> None:
    path = write(tmp_path, name, cell)
    assert _declared(path) == {None: COUNT}
    note_with(f"Columns not used: {name!r}.", scanned(path).notes)


def test_flag_that_is_asked_for_is_the_label(tmp_path: Path) -> None:
    path = _texts(tmp_path, "is_valid", lambda i: i % 5 == 0)
    found = inspect(DataOptions(str(path), target="is_valid"))
    assert found.classes == ("False", "True")
    assert _declared(path, target="is_valid") == {None: COUNT}


def test_flag_is_the_label_where_no_other_is_there(tmp_path: Path) -> None:
    rows = [f"some words about number {i},{i % 2 == 0}" for i in range(COUNT)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text,is_valid", *rows]))
    assert inspected(path).classes == ("False", "True")


@pytest.mark.parametrize("asked", [{}, {"target": "breed"}])
def test_flag_beside_a_label_of_another_name(
    tmp_path: Path, asked: dict[str, str]
) -> None:
    path = _paths(tmp_path, "is_test", lambda i: i % 5 == 0, label="breed")
    if asked:
        assert _declared(path, **asked) == {"train": 32, "test": 8}
        return
    with pytest.raises(DataError, match="not clear which column"):
        scanned(path)


@WRITERS
@pytest.mark.parametrize("name", ["split", "partition", "split_id"])
def test_numbers_of_splits_are_pointed_out(
    tmp_path: Path, assert_sentence: Sentence, write: Callable[..., Path], name: str
) -> None:
    path = write(tmp_path, name, lambda i: (0, 0, 1, 2)[i % 4])
    found = scanned(path)
    assert {sample.split for sample in found.samples} == {None}
    note = assert_sentence(note_with("which splits", found.notes))
    assert "0, 1, 2" in note


@pytest.mark.parametrize("named", [True, False])
def test_folders_of_the_files_declare_splits(tmp_path: Path, named: bool) -> None:
    rows = ["file,finding"]
    for i in range(COUNT):
        place = f"images/{'test' if i % 4 == 0 else 'train'}/{i}.png"
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        write_png(tmp_path / place, i)
        rows.append(f"{place if named else f'{i}.png'},{'ab'[i // 2 % 2]}")
    (tmp_path / "about.csv").write_text("\n".join(rows))
    found = scanned(tmp_path)
    note_with("Splits kept as given by the folders of the files.", found.notes)
    assert Counter(s.split for s in found.samples) == {"train": 30, "test": 10}


def test_folders_declare_nothing_where_some_files_lie_in_none(tmp_path: Path) -> None:
    rows = ["file,finding"]
    for i in range(COUNT):
        place = (f"train/{i}.png", f"test/{i}.png", f"other/{i}.png")[i % 3]
        (tmp_path / place).parent.mkdir(exist_ok=True)
        write_png(tmp_path / place, i)
        rows.append(f"{place},{'ab'[i // 2 % 2]}")
    (tmp_path / "about.csv").write_text("\n".join(rows))
    assert set(splits_of(tmp_path / "about.csv").values()) == {None}
