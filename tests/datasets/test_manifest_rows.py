"""Rows of tables of paths: files listed twice, and splits of columns and of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from automl_datasets.errors import DataError
from automl_datasets.fingerprints import fingerprint
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from tests.datasets.folder_trees import note_with, scanned, splits_of
from tests.datasets.forms import write_png

Sentence = Callable[[object], str]
COUNT = 24


def _images(folder: Path, count: int = COUNT) -> None:
    for i in range(count):
        write_png(folder / f"{i}.png", i)


def _table(path: Path, rows: Sequence[str], header: str = "path,label") -> Path:
    path.write_text("\n".join([header, *rows]))
    return path


def _rows(places: Sequence[int], *more: str) -> list[str]:
    return [",".join((f"{i}.png", "ab"[i % 2], *more)) for i in places]


def _split(places: Sequence[int], splits: Sequence[str]) -> list[str]:
    pairs = zip(_rows(places), splits, strict=True)
    return [f"{row},{split}" for row, split in pairs]


def test_rows_of_one_file_that_agree_are_one_sample(tmp_path: Path) -> None:
    _images(tmp_path)
    rows = [*_rows(range(COUNT)), "./0.png,a", "sub/../2.png,a", f"{tmp_path}/4.png,a"]
    (tmp_path / "sub").mkdir()
    found = scanned(_table(tmp_path / "table.csv", rows))
    assert len(found.samples) == COUNT
    assert dict(found.skipped) == dict.fromkeys(
        ["./0.png", "sub/../2.png", f"{tmp_path}/4.png"], "listed more than once"
    )


def test_row_without_a_label_takes_no_sample_from_another(tmp_path: Path) -> None:
    _images(tmp_path)
    path = _table(tmp_path / "table.csv", ["0.png,", *_rows(range(COUNT))])
    found = scanned(path)
    assert len(found.samples) == COUNT
    assert found.skipped == (("0.png", "no label"),)


def test_file_with_several_labels_is_no_sample(tmp_path: Path) -> None:
    _images(tmp_path)
    path = _table(tmp_path / "table.csv", [*_rows(range(COUNT)), "./0.png,b"])
    found = scanned(path)
    assert len(found.samples) == COUNT - 1
    assert {reason for _, reason in found.skipped} == {"listed with different labels"}
    assert len(found.skipped) == 2


def test_file_of_several_splits_is_no_sample(tmp_path: Path) -> None:
    _images(tmp_path)
    _table(tmp_path / "train.csv", _rows(range(16)))
    _table(tmp_path / "test.csv", _rows([0, *range(16, COUNT)]))
    found = scanned(tmp_path)
    assert len(found.samples) == COUNT - 1
    assert {reason for _, reason in found.skipped} == {"listed with different splits"}


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("path,label", "{i}.png,{other}", "join several labels of one by |"),
        ("path,label,split", "{i}.png,{own},test", "keep each in one split"),
    ],
)
def test_table_of_a_row_for_each_label_is_refused(
    tmp_path: Path, assert_sentence: Sentence, header: str, row: str, said: str
) -> None:
    _images(tmp_path)
    more = ["train"] * header.endswith("split")
    again = [row.format(i=i, own="ab"[i % 2], other="ba"[i % 2]) for i in range(8)]
    path = _table(tmp_path / "table.csv", [*_rows(range(COUNT), *more), *again], header)
    with pytest.raises(DataError, match="more than once") as caught:
        scanned(path)
    assert said in assert_sentence(caught.value)
    assert "16 of 32 rows" in str(caught.value)


def test_row_without_a_split_is_told_where_others_are_to_train(tmp_path: Path) -> None:
    _images(tmp_path)
    said = ["train"] * 15 + [""] + ["test"] * 8
    rows = _split(range(COUNT), said)
    found = scanned(_table(tmp_path / "table.csv", rows, "path,label,split"))
    assert found.skipped == (("15.png", "has no split, though other rows have"),)
    marked = _split(range(COUNT), [""] * 16 + ["test"] * 8)
    path = _table(tmp_path / "marked.csv", marked, "path,label,split")
    assert Counter(splits_of(path).values()) == {None: 16, "test": 8}


def test_the_likeliest_column_of_splits_is_taken(tmp_path: Path) -> None:
    _images(tmp_path)
    rows = [
        f"{row},train,{'test' * (i > 15)}" for i, row in enumerate(_rows(range(COUNT)))
    ]
    path = _table(tmp_path / "table.csv", rows, "path,label,fold,split")
    assert Counter(splits_of(path).values())["test"] == 8


@pytest.mark.parametrize("given", [".", "train.csv"])
@pytest.mark.parametrize(
    ("train", "test"),
    [("path,label,age", "path,label"), ("path,label", "path,label,x")],
)
def test_tables_of_splits_need_only_paths_and_labels(
    tmp_path: Path, given: str, train: str, test: str
) -> None:
    _images(tmp_path)
    _table(tmp_path / "train.csv", _rows(range(16), *["7"] * train.count("age")), train)
    test_rows = _rows(range(16, COUNT), *["7"] * test.count("x"))
    _table(tmp_path / "test.csv", test_rows, test)
    found = scanned(tmp_path / given)
    assert Counter(sample.split for sample in found.samples) == {"train": 16, "test": 8}
    note = note_with("Splits kept", found.notes)
    assert "train.csv" in note
    assert "test.csv" in note


@pytest.mark.parametrize("given", [".", "train.csv"])
def test_table_without_labels_or_files_is_told(
    tmp_path: Path, assert_sentence: Sentence, given: str
) -> None:
    _images(tmp_path)
    _table(tmp_path / "train.csv", _rows(range(16)))
    unlabelled = [f"{i}.png,{i}" for i in range(16, COUNT)]
    _table(tmp_path / "test.csv", unlabelled, "path,number")
    _table(tmp_path / "val.csv", ["lost/1.png,a", "lost/2.png,b"])
    found = scanned(tmp_path / given)
    assert {sample.split for sample in found.samples} == {None}
    assert len(found.samples) == 16
    assert "'label'" in assert_sentence(note_with("Not used: test.csv", found.notes))
    assert "'path'" in assert_sentence(note_with("Not used: val.csv", found.notes))


def test_table_to_test_on_stands_alone_where_it_is_given(tmp_path: Path) -> None:
    _images(tmp_path)
    _table(tmp_path / "train.csv", _rows(range(16)))
    other = _table(tmp_path / "test.csv", _rows(range(16, COUNT)))
    assert set(splits_of(other).values()) == {None}
    options = DataOptions(str(tmp_path / "train.csv"), test_data=str(other))
    assert inspect(options).samples["test"] == 8


def test_other_tables_are_part_of_the_data(tmp_path: Path) -> None:
    _images(tmp_path)
    options = DataOptions(str(_table(tmp_path / "train.csv", _rows(range(16)))))
    before = fingerprint(options)
    other = _table(tmp_path / "test.csv", _rows(range(16, 20)))
    joined = fingerprint(options)
    assert joined != before
    _table(other, _rows(range(16, COUNT)))
    assert fingerprint(options) not in (before, joined)


def test_column_of_splits_goes_before_the_table(tmp_path: Path) -> None:
    _images(tmp_path)
    rows = _split(range(16), ["train"] * 12 + ["val"] * 4)
    _table(tmp_path / "train.csv", rows, "path,label,split")
    _table(tmp_path / "test.csv", _rows(range(16, COUNT)))
    counts = Counter(splits_of(tmp_path).values())
    assert counts == {"train": 12, "val": 4, "test": 8}


def test_table_without_labels_leaves_class_folders(tmp_path: Path) -> None:
    rows = []
    for i in range(COUNT):
        folder = tmp_path / "ab"[i % 2]
        folder.mkdir(exist_ok=True)
        write_png(folder / f"{i}.png", i)
        rows.append(f"{folder.name}/{i}.png,{folder.name}")
    _table(tmp_path / "train.csv", rows[:16])
    paths = [f"{row.split(',')[0]},x{i}" for i, row in enumerate(rows[16:])]
    _table(tmp_path / "test.csv", paths, "path,id")
    assert inspect(DataOptions(str(tmp_path))).why.startswith("a folder")
    _table(tmp_path / "test.csv", rows[16:])
    assert Counter(splits_of(tmp_path).values()) == {"train": 16, "test": 8}
