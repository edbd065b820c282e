"""Lists of samples beside a table of paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from automl_datasets.errors import DataError
from automl_datasets.fingerprints import fingerprint
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources._listed_names import KnownNames, Listed, read_list
from tests.datasets.folder_trees import inspected, note_with, scanned, splits_of
from tests.datasets.forms import write_png

Sentence = Callable[[object], str]
COUNT = 24
LABELS = ("Hernia", "No Finding", "Effusion")


def _names(places: Iterable[int]) -> list[str]:
    return [f"{place:04}_0.png" for place in places]


def _data(
    root: Path,
    *,
    images: str = "images_{part:03}/images",
    table: str = "Data_Entry.csv",
    there: int = COUNT,
) -> Path:
    """Write images in folders, and a table that names them without these."""
    lines = ["Image Index,Finding Labels"]
    for place, name in enumerate(_names(range(COUNT))):
        folder = root / images.format(part=1 + place // 8)
        folder.mkdir(parents=True, exist_ok=True)
        if place < there:
            write_png(folder / name, place)
        lines.append(f"{name},{LABELS[place % 3]}")
    return _write(root / table, lines)


def _write(path: Path, lines: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))
    return path


def _tested(root: Path) -> set[str]:
    """Return the names, without folders, of the samples to test on."""
    return {Path(name).name for name, s in splits_of(root).items() if s == "test"}


@pytest.mark.parametrize("given", ["folder", "table"])
def test_lists_beside_a_table_are_followed(
    tmp_path: Path, assert_sentence: Sentence, given: str
) -> None:
    table = _data(tmp_path)
    _write(tmp_path / "train_val_list.txt", _names(range(18)))
    _write(tmp_path / "test_list.txt", _names(range(18, COUNT)))
    path = tmp_path if given == "folder" else table
    found = inspected(path)
    note = "Splits kept as given by the lists train_val_list.txt and test_list.txt."
    assert assert_sentence(note_with("Splits kept", found.notes)) == note
    assert _tested(path) == set(_names(range(18, COUNT)))
    data = prepare(DataOptions(str(path)), tmp_path / "out").split("test")
    assert {Path(name).name for name in data.names} == _tested(path)


@pytest.mark.parametrize(
    ("images", "table", "lists"),
    [
        ("images", "meta/labels.csv", "meta"),
        ("images", "labels.csv", "images"),
        ("images", "labels.csv", "lists"),
        ("data/images", "labels.csv", "data"),
        (".", "labels.csv", "."),
    ],
)
def test_lists_may_lie_anywhere_above_the_samples(
    tmp_path: Path, images: str, table: str, lists: str
) -> None:
    _data(tmp_path, images=images, table=table)
    _write(tmp_path / lists / "test.txt", _names(range(4)))
    assert _tested(tmp_path) == set(_names(range(4)))


def test_flags_beside_a_table_tell_the_splits(tmp_path: Path) -> None:
    _data(tmp_path)
    ids = [f"{place} {name}" for place, name in enumerate(_names(range(COUNT)), 1)]
    _write(tmp_path / "images.txt", ids)
    flags = [f"{place} {int(place > 5)}" for place in range(1, COUNT + 1)]
    _write(tmp_path / "train_test_split.txt", flags)
    assert _tested(tmp_path) == set(_names(range(5)))
    note_with("images.txt tells which samples are meant", scanned(tmp_path).notes)


def test_splits_of_the_table_come_before_lists(tmp_path: Path) -> None:
    table = _data(tmp_path)
    header, *rows = table.read_text().splitlines()
    told = [f"{row},{'test' if i < 9 else 'train'}" for i, row in enumerate(rows)]
    _write(table, [f"{header},split", *told])
    _write(tmp_path / "test.txt", _names(range(20, COUNT)))
    assert _tested(tmp_path) == set(_names(range(9)))


def test_rows_of_no_list_are_left_out_and_counted(tmp_path: Path) -> None:
    _data(tmp_path)
    _write(tmp_path / "train.txt", _names(range(12)))
    _write(tmp_path / "test.txt", _names(range(12, 20)))
    found = scanned(tmp_path)
    assert len(found.samples) == 20
    assert not found.skipped
    note_with("Left out 4 samples that no list names", found.notes)


def test_lists_name_rows_whose_files_are_lost(tmp_path: Path) -> None:
    """They are as long as the table, whatever part of the files was loaded."""
    _data(tmp_path, there=22)
    _write(tmp_path / "train.txt", _names(range(4, COUNT, 1)))
    _write(tmp_path / "test.txt", _names(range(4)))
    assert _tested(tmp_path) == set(_names(range(4)))
    assert len(scanned(tmp_path).skipped) == 2


@pytest.mark.parametrize("above", ["lost/", "//lost/", "../lost/", "images/../"])
def test_folders_that_are_not_there_hold_no_lists(tmp_path: Path, above: str) -> None:
    table = _data(tmp_path, images=".")
    lines = table.read_text().splitlines()
    _write(table, [*lines, f"{above}x.png,Hernia", "\0/y.png,Hernia"])
    _write(tmp_path / "test.txt", _names(range(4)))
    assert _tested(tmp_path) == set(_names(range(4)))
    assert _tested(table) == set(_names(range(4)))
    fingerprint(DataOptions(str(table)))


def test_list_of_lost_files_alone_leaves_nothing(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    _data(tmp_path, there=22)
    _write(tmp_path / "train.txt", _names((22, 23)))
    with pytest.raises(DataError, match=r"train\.txt") as caught:
        inspected(tmp_path)
    assert_sentence(caught.value)


def test_list_of_other_files_beside_a_table_is_said(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    _data(tmp_path)
    _write(tmp_path / "test.txt", [f"t{i}.png" for i in range(5)])
    found = scanned(tmp_path)
    assert {sample.split for sample in found.samples} == {None}
    assert_sentence(note_with("Not followed: test.txt", found.notes))


def test_list_beside_a_table_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assert_sentence: Sentence
) -> None:
    _data(tmp_path)
    _write(tmp_path / "test.txt", _names(range(4)))
    whole = Path.open

    def refusing(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == "test.txt":
            raise PermissionError(13, "Permission denied")
        return whole(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refusing)
    with pytest.raises(DataError, match="cannot be read") as caught:
        scanned(tmp_path)
    assert_sentence(caught.value)


def test_folder_beside_a_table_that_cannot_be_listed_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _data(tmp_path, images=".")
    (tmp_path / "lost+found").mkdir()
    _write(tmp_path / "test.txt", _names(range(4)))
    whole = os.scandir

    def refusing(folder: Any) -> Any:
        if Path(folder).name == "lost+found":
            raise PermissionError(13, "Permission denied")
        return whole(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    assert _tested(tmp_path) == set(_names(range(4)))


@pytest.mark.parametrize("absolute", [False, True])
def test_samples_called_like_lists_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absolute: bool
) -> None:
    """Nor are they opened: there may be very many."""
    for i in range(12):
        _write(tmp_path / f"train_{i}.txt", [f"train_{j}.txt" for j in range(i, 12)])
    above = f"{tmp_path}/" if absolute else ""
    rows = [f"{above}train_{i}.txt,{'ab'[i % 2]}" for i in range(12)]
    _write(tmp_path / "labels.csv", ["path,label", *rows])
    _write(tmp_path / "test.txt", ["train_0.txt", "train_1.txt"])
    opened = []

    def noting(file: Path, known: KnownNames) -> Listed:
        opened.append(file.name)
        return read_list(file, known)

    monkeypatch.setattr("automl_datasets.sources._split_lists.read_list", noting)
    assert _tested(tmp_path) == {"train_0.txt", "train_1.txt"}
    assert opened == ["test.txt"]


@pytest.mark.parametrize("given", ["folder", "table"])
def test_lists_beside_a_table_are_part_of_the_data(tmp_path: Path, given: str) -> None:
    table = _data(tmp_path)
    listed = _write(tmp_path / "test.txt", _names(range(4)))
    options = DataOptions(str(tmp_path if given == "folder" else table))
    before = fingerprint(options)
    assert fingerprint(options) == before
    _write(listed, _names(range(6)))
    assert fingerprint(options) != before
    listed.unlink()
    assert fingerprint(options) != before
