"""Series in the files of the archives: `.ts`, `.tsv`, `.arff` and `.npy`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.samples import Plan, Scan
from automl_datasets.sources.registry import recognise

Sentence = Callable[[object], str]

HEADER = """#A comment with \u2013 dashes
@problemName Toy
@timeStamps false
@classLabel true up down
@data
"""


def read(path: Path, **options: str) -> tuple[Scan, Plan, list[NDArray[np.float32]]]:
    """Return what a source makes of a path, every sample fitted."""
    asked = DataOptions(str(path), **options)  # type: ignore[arg-type]
    source, _ = recognise(path)
    scan = source.scan(path, asked)
    plan = source.plan(scan, asked, thorough=True)
    rows = [plan.reader.read(s, fitted=True).array for s in scan.samples]
    assert all(row.shape == plan.layout.shape for row in rows)
    assert all(row.dtype == np.float32 for row in rows)
    return scan, plan, rows


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_ts_of_several_unequal_dimensions(tmp_path: Path) -> None:
    lines = "1,2,3:4,5,6:up\n7,?:NaN,8:down\n\n"
    path = write(tmp_path / "toy.ts", HEADER + lines)
    scan, plan, rows = read(path)
    assert scan.classes == ("up", "down")  # as declared, not by the alphabet
    assert [sample.target for sample in scan.samples] == [0, 1]
    assert plan.layout.shape == (3, 2)
    assert rows[0].tolist() == [[1, 4], [2, 5], [3, 6]]
    nan = np.nan
    expected = np.array([[7, nan], [nan, 8], [nan, nan]])
    assert np.array_equal(rows[1], expected, equal_nan=True)


def test_ts_of_time_stamps(tmp_path: Path) -> None:
    header = HEADER.replace("@timeStamps false", "@timeStamps true")
    lines = (
        "(2020-01-01 00:05:00,1.5),(2020-01-01 00:10:00,2):(0,3),(1,4):up\n"
        "(0,5),(1,6):(0,7),(1,8):down\n"
    )
    scan, _, rows = read(write(tmp_path / "toy.ts", header + lines))
    assert rows[0].tolist() == [[1.5, 3], [2, 4]]
    assert any("Time stamps are dropped" in note for note in scan.notes)


def test_ts_with_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    text = "\ufeff" + (HEADER + "1,2:up\n3,4:down\n").replace("\n", "\r\n")
    scan, _, rows = read(write(tmp_path / "toy.ts", text))
    assert scan.classes == ("up", "down")
    assert rows[1].ravel().tolist() == [3, 4]


def test_ts_of_a_regression(tmp_path: Path) -> None:
    header = HEADER.replace("@classLabel true up down", "@targetlabel true")
    scan, _, _ = read(write(tmp_path / "toy.ts", header + "1,2:3\n3,4:1\n5,6:?\n"))
    assert scan.task == "regression"
    assert [sample.target for sample in scan.samples] == [(3.0,), (1.0,)]
    assert scan.skipped == (("toy.ts[2]", "has no label"),)


def test_ts_label_beyond_the_declared_ones(tmp_path: Path) -> None:
    scan, _, _ = read(write(tmp_path / "toy.ts", HEADER + "1,2:up\n3,4:sideways\n"))
    assert scan.classes == ("sideways", "up")


def test_ts_without_labels_is_refused(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    header = HEADER.replace("@classLabel true up down", "@classLabel false")
    path = write(tmp_path / "toy.ts", header + "1,2\n")
    with pytest.raises(DataError) as caught:
        read(path)
    assert "@classLabel true" in assert_sentence(caught.value)


@pytest.mark.parametrize("text", ["export const a = 1;\n", "\x47@\x00\x10" * 100, ""])
def test_ts_of_another_kind_is_not_taken(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "program.ts", text)
    with pytest.raises(DataError, match="not understood"):
        recognise(path)


@pytest.mark.parametrize("given", ["Toy_TRAIN.ts", "toy_test.TS"])
def test_pairs_are_found_from_either_file(tmp_path: Path, given: str) -> None:
    write(tmp_path / "Toy_TRAIN.ts", HEADER + "1,2:up\n3,4:down\n")
    write(tmp_path / "toy_test.TS", HEADER + "5,6:up\n")
    write(tmp_path / "other_test.ts", HEADER + "7,8:up\n")
    scan, _, rows = read(tmp_path / given)
    assert [sample.split for sample in scan.samples] == ["train", "train", "test"]
    assert [row[0, 0] for row in rows] == [1, 3, 5]
    assert any("Toy_TRAIN.ts" in n and "toy_test.TS" in n for n in scan.notes)


def test_a_lone_training_file_has_no_split(tmp_path: Path) -> None:
    scan, _, _ = read(write(tmp_path / "Toy_TRAIN.ts", HEADER + "1:up\n2:down\n"))
    assert {sample.split for sample in scan.samples} == {None}


def test_folder_of_one_data_set(tmp_path: Path, assert_sentence: Sentence) -> None:
    write(tmp_path / "Toy_TRAIN.ts", HEADER + "1,2:up\n3,4:down\n")
    write(tmp_path / "Toy_TEST.ts", HEADER + "5,6:up\n")
    write(tmp_path / "README.md", "About it")
    scan, _, _ = read(tmp_path)
    assert Counter(s.split for s in scan.samples) == {"train": 2, "test": 1}
    write(tmp_path / "Other_TRAIN.ts", HEADER + "1,2:up\n")
    with pytest.raises(DataError) as caught:
        read(tmp_path)
    assert "Other_TRAIN.ts" in assert_sentence(caught.value)


@pytest.mark.parametrize("suffix", [".ts", ".TS"])
def test_folder_of_one_file(tmp_path: Path, suffix: str) -> None:
    write(tmp_path / f"toy{suffix}", HEADER + "1,2:up\n3,4:down\n")
    write(tmp_path / "README.md", "About it")
    assert len(read(tmp_path)[0].samples) == 2


def test_groups_need_columns(tmp_path: Path, assert_sentence: Sentence) -> None:
    path = write(tmp_path / "toy.ts", HEADER + "1,2:up\n3,4:down\n")
    with pytest.raises(DataError) as caught:
        read(path, group="patient")
    assert "'patient'" in assert_sentence(caught.value)


def test_spoilt_lines_are_named(tmp_path: Path) -> None:
    lines = "".join(f"{i},{i + 1},2:up\n{i},9,1:down\n" for i in range(8))
    spoilt = "1,two,3:up\n?,?,?:up\n1e99,2,3:down\n1,2,3:4,5,6:up\n"
    path = write(tmp_path / "toy.ts", HEADER + lines + spoilt)
    profile = prepare(DataOptions(str(path)), tmp_path / "out").profile
    reasons = dict(profile.skipped)
    assert "'two'" in reasons["toy.ts[16]"]
    assert reasons["toy.ts[17]"] == "holds no value"
    assert "infinite" in reasons["toy.ts[18]"]
    assert "2 channels" in reasons["toy.ts[19]"]


def test_tsv_of_the_archive(tmp_path: Path) -> None:
    text = "-1\t1.5\tNaN\t3\t4\tNaN\n1\t5\t6\t7\t8\t9\n"
    scan, plan, rows = read(write(tmp_path / "toy.tsv", text))
    assert scan.classes == ("-1", "1")
    assert plan.sizes == ((4,), (5,))  # missing values at the end are padding
    expected = np.array([1.5, np.nan, 3, 4, np.nan], np.float32)
    assert np.array_equal(rows[0].ravel(), expected, equal_nan=True)


@pytest.mark.parametrize("separator", [",", "  ", ", "])
def test_txt_of_the_older_archive(tmp_path: Path, separator: str) -> None:
    rows = [["2.0000000e+00", *"1234"], ["1.0000000e+00", *"5678"]]
    text = "\n".join(" " + separator.join(row) for row in rows)
    scan, _, arrays = read(write(tmp_path / "toy.txt", text))
    assert scan.classes == ("1", "2")
    assert arrays[1].ravel().tolist() == [5, 6, 7, 8]


def test_tsv_of_many_whole_labels_is_a_classification(tmp_path: Path) -> None:
    lines = "".join(f"{i}\t1\t2\t3\t{i}\n" for i in range(50))
    scan, _, _ = read(write(tmp_path / "toy.tsv", lines))
    assert scan.task == "classification"
    assert len(scan.classes) == 50


UNIVARIATE = """% about
@relation toy
{attributes}
@attribute 'the class' {{up,'not up'}}
@data
"""


def test_arff_of_one_dimension(tmp_path: Path) -> None:
    attributes = "\n".join(f"@attribute att{i} numeric" for i in range(8))
    lines = "1,2,3,4,5,6,7,8,up\n% no row\n9,?,3,4,5,6,?,?,'not up'\n"
    path = write(
        tmp_path / "toy.arff", UNIVARIATE.format(attributes=attributes) + lines
    )
    scan, plan, rows = read(path)
    assert scan.classes == ("up", "not up")
    assert plan.sizes == ((8,), (6,))
    assert rows[0].ravel().tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert np.isnan(rows[1].ravel()).tolist() == [False, True, *[False] * 4, True, True]


def test_arff_of_several_dimensions(tmp_path: Path) -> None:
    text = """@relation toy
@attribute relationalAtt relational
  @attribute att0 numeric
  @attribute att1 numeric
@end relationalAtt
@attribute activity {up,down}
@data
"1.0,2.0\\n3.0,4.0",down
'5,6\\n7,?',up
"""
    scan, plan, rows = read(write(tmp_path / "toy.arff", text))
    assert scan.classes == ("up", "down")
    assert [sample.target for sample in scan.samples] == [1, 0]
    assert plan.layout.shape == (2, 2)
    assert rows[0].tolist() == [[1, 3], [2, 4]]


def test_arff_target_can_be_chosen(tmp_path: Path) -> None:
    attributes = "\n".join(f"@attribute att{i} numeric" for i in range(9))
    lines = "".join(f"{i},2,3,4,5,6,7,8,{i}.5,up\n" for i in range(30))
    path = write(
        tmp_path / "toy.arff", UNIVARIATE.format(attributes=attributes) + lines
    )
    scan, plan, _ = read(path, target="att8")
    assert (scan.task, scan.targets) == ("regression", ("att8",))
    assert plan.layout.shape == (8, 1)
    with pytest.raises(DataError, match="no column 'att99'"):
        read(path, target="att99")


def test_arff_of_a_table_is_not_taken(tmp_path: Path) -> None:
    attributes = "\n".join(f"@attribute att{i} numeric" for i in range(4))
    text = UNIVARIATE.format(attributes=attributes) + "1,2,3,4,up\n"
    path = write(tmp_path / "iris.arff", text)
    for given in (path, tmp_path):
        with pytest.raises(DataError, match=r"4 numeric attributes.* 8 steps"):
            recognise(given)


def test_arff_of_texts_is_not_taken(tmp_path: Path) -> None:
    text = UNIVARIATE.format(attributes="@attribute words string") + "'a word',up\n"
    with pytest.raises(DataError, match=r"declares texts.* CSV table"):
        recognise(write(tmp_path / "mails.arff", text))


@pytest.mark.parametrize(
    ("name", "noted"),
    [("att{}", False), ("V_{:02}", False), ("length of leg {}.", True)],
)
def test_arff_of_measures_is_noted(tmp_path: Path, name: str, noted: bool) -> None:
    names = [name.format(i) for i in range(8)]
    attributes = "\n".join(f"@attribute '{name}' numeric" for name in names)
    lines = "1,2,3,4,5,6,7,8,up\n9,8,7,6,5,4,3,2,'not up'\n"
    scan, _, _ = read(
        write(tmp_path / "toy.arff", UNIVARIATE.format(attributes=attributes) + lines)
    )
    assert any(names[0] in note for note in scan.notes) is noted


@pytest.mark.parametrize(
    ("inputs", "labels"),
    [("x.npy", "y.npy"), ("ecg.npy", "ecg_labels.npy"), ("ecg.npy", "y.npy")],
)
def test_npy_beside_its_labels(tmp_path: Path, inputs: str, labels: str) -> None:
    x = np.arange(240.0).reshape(6, 20, 2)
    np.save(tmp_path / inputs, x)
    np.save(tmp_path / labels, np.array(["a", "b"] * 3))
    scan, plan, rows = read(tmp_path / inputs)
    assert scan.classes == ("a", "b")
    assert plan.layout.shape == (20, 2)
    assert np.array_equal(np.stack(rows), x.astype(np.float32))


def test_npy_splits_in_a_folder(tmp_path: Path) -> None:
    for split, count in {"train": 6, "test": 3}.items():
        np.save(tmp_path / f"X_{split}.npy", np.ones((count, 20), np.float32))
        np.save(tmp_path / f"y_{split}.npy", np.arange(count) % 2)
    scan, plan, _ = read(tmp_path)
    assert Counter(s.split for s in scan.samples) == {"train": 6, "test": 3}
    assert plan.layout.shape == (20, 1)


def test_npy_of_images_beside_labels_is_refused(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    np.save(tmp_path / "x.npy", np.ones((6, 9, 8, 3), np.uint8))
    np.save(tmp_path / "y.npy", np.arange(6) % 2)
    for path in (tmp_path, tmp_path / "x.npy"):
        with pytest.raises(DataError, match=r"holds images .*np.savez") as caught:
            read(path)
        assert_sentence(caught.value)


def test_npy_of_unequal_number_of_labels(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    np.save(tmp_path / "x.npy", np.ones((6, 20)))
    np.save(tmp_path / "y.npy", np.ones(5))
    with pytest.raises(DataError) as caught:
        read(tmp_path / "x.npy")
    assert "(5,)" in assert_sentence(caught.value)


@pytest.mark.parametrize(
    ("name", "train", "test", "shape", "classes"),
    [
        ("1d/ucr_uea/SwedishLeaf_TEST.tsv", 500, 625, (128, 1), 15),
        ("1d/ucr_uea/ECG200_TRAIN.tsv", 100, 100, (96, 1), 2),
        ("1d/ucr_uea/ItalyPowerDemand_TRAIN.ts", 67, 1029, (24, 1), 2),
        ("1d/ucr_uea/BasicMotions_TEST.ts", 40, 40, (100, 6), 4),
        ("1d/ucr_uea/JapaneseVowels_TRAIN.ts", 270, 370, (29, 12), 9),
        ("robustness/timeseries/PickupGestureWiimoteZ_TEST.ts", 50, 50, (361, 1), 10),
        ("robustness/timeseries/DodgerLoopGame_TEST.tsv", 20, 138, (288, 1), 2),
        ("robustness/timeseries/Covid3Month_TEST.ts", 140, 61, (84, 1), 0),
    ],
)
def test_archives(
    test_data: Path,
    name: str,
    train: int,
    test: int,
    shape: tuple[int, int],
    classes: int,
) -> None:
    scan, plan, rows = read(test_data / name)
    assert Counter(s.split for s in scan.samples) == {"train": train, "test": test}
    assert plan.layout.shape == shape
    assert len(scan.classes) == classes
    assert scan.task == ("classification" if classes else "regression")
    unequal = "Vowels" in name or "Pickup" in name or "Dodger" in name
    assert bool(np.isnan(np.stack(rows)).any()) == unequal
