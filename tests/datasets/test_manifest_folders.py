"""A table somewhere in the folder that was given, and the files it names there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources.registry import recognise
from tests.datasets.forms import write_png, write_volume

Sentence = Callable[[object], str]
COUNT = 24


def _images(folder: Path, names: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        write_png(folder / f"{name}.png", i)


def _table(path: Path, rows: Sequence[str], header: str = "file,label") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]))


def _labels(names: Sequence[str], ending: str = "") -> list[str]:
    return [f"{name}{ending},{'ab'[i % 2]}" for i, name in enumerate(names)]


NAMES = [f"{i}-scan" for i in range(COUNT)]


@pytest.mark.parametrize("ending", ["", ".png"])
@pytest.mark.parametrize("place", ["meta", "about/all"])
def test_table_in_a_folder_beside_the_files(
    tmp_path: Path, place: str, ending: str
) -> None:
    for part in range(2):
        _images(tmp_path / f"part_{part}" / "images", NAMES[part::2])
    _table(tmp_path / place / "about.csv", _labels(NAMES, ending))
    found = inspect(DataOptions(str(tmp_path)))
    assert found.why.startswith(f"{place}/about.csv has paths")
    assert found.classes == ("a", "b")
    assert sum(found.samples.values()) == COUNT
    assert any("below the folder, '0-scan" in note for note in found.notes)
    data = prepare(DataOptions(str(tmp_path)), tmp_path / "out")
    assert "part_1/images/1-scan.png" in {
        name for split in ("train", "val", "test") for name in data.split(split).names
    }


def test_paths_may_begin_at_any_folder(tmp_path: Path) -> None:
    for part in range(2):  # names alone are not enough, since both parts have them
        _images(tmp_path / "sounds" / f"part_{part}", NAMES[:12])
    named = [f"part_{part}/{name}.png" for name in NAMES[:12] for part in range(2)]
    _table(tmp_path / "meta" / "about.csv", _labels(named))
    assert sum(inspect(DataOptions(str(tmp_path))).samples.values()) == COUNT


def test_table_itself_says_which_folder_to_give(tmp_path: Path) -> None:
    root = tmp_path / "data"
    _images(root / "images", NAMES)
    _table(root / "meta" / "about.csv", _labels(NAMES, ".png"))
    with pytest.raises(DataError, match=r"give .*/data instead"):
        inspect(DataOptions(str(root / "meta" / "about.csv")))


def test_files_of_the_tables_own_split_are_meant(tmp_path: Path) -> None:
    numbers = [str(i) for i in range(COUNT)]
    _images(tmp_path / "train", numbers)
    _images(tmp_path / "test", [str(i) for i in range(3 * COUNT)])
    _table(tmp_path / "trainLabels.csv", _labels(numbers), header="id,label")
    _table(tmp_path / "sampleSubmission.csv", ["0,a", "1,a"], header="id,label")
    for path in (tmp_path, tmp_path / "trainLabels.csv"):
        scan = recognise(path)[0].scan(path, DataOptions(str(path)))
        assert len(scan.samples) == COUNT
        assert {Path(sample.location).parent.name for sample in scan.samples} == {
            "train"
        }


def test_submissions_hold_no_labels(tmp_path: Path) -> None:
    _images(tmp_path / "images", NAMES)
    _table(tmp_path / "sample_submission.csv", _labels(NAMES))
    assert recognise(tmp_path)[0].NAME == "class folders"
    (tmp_path / "sample_submission.csv").rename(tmp_path / "anything.csv")
    assert recognise(tmp_path)[0].NAME == "table of paths"


def test_submission_leaves_class_folders(tmp_path: Path) -> None:
    for part, name in enumerate("ab"):
        _images(tmp_path / name, NAMES[part::2])
    _table(
        tmp_path / "sample_submission.csv", [f"x{i},0" for i in range(9)], "id,label"
    )
    assert recognise(tmp_path)[0].NAME == "class folders"


def test_tables_of_splits_below_belong_together(tmp_path: Path) -> None:
    _images(tmp_path / "images", NAMES)
    _table(tmp_path / "meta" / "train.csv", _labels(NAMES[:16]))
    _table(tmp_path / "meta" / "test.csv", _labels(NAMES[16:]))
    _table(tmp_path / "meta" / "three" / "all.csv", [f"{n},1" for n in NAMES], "id,x")
    found = inspect(DataOptions(str(tmp_path)))
    assert found.samples["test"] == 8
    assert found.why.startswith("meta/test.csv and meta/train.csv have")


def test_table_of_few_files_leaves_class_folders(tmp_path: Path) -> None:
    for part, name in enumerate("ab"):
        _images(tmp_path / name, NAMES[part::2])
    rows = [f"{name},{i % 2}" for i, name in enumerate(NAMES)]
    _table(tmp_path / "meta" / "boxes.csv", rows[:8], header="file,boxes")
    assert recognise(tmp_path)[0].NAME == "class folders"
    _table(tmp_path / "boxes.csv", rows, header="file,boxes")
    assert recognise(tmp_path)[0].NAME == "table of paths"


def test_table_below_that_repeats_the_folders_leaves_them(tmp_path: Path) -> None:
    for part, name in enumerate("ab"):
        _images(tmp_path / name, NAMES[part::2])
    _table(tmp_path / "meta" / "about.csv", _labels(NAMES))
    assert recognise(tmp_path)[0].NAME == "class folders"
    with pytest.raises(DataError, match="copy it to"):
        inspect(DataOptions(str(tmp_path / "meta" / "about.csv")))


def test_table_of_the_test_files_alone_is_no_training_data(tmp_path: Path) -> None:
    for part, name in enumerate("ab"):
        _images(tmp_path / "train" / name, NAMES[part::2])
        _images(tmp_path / "test" / name, [f"t{i}-{name}" for i in range(24)])
    rows = [f"t{i}-{name},{i % 3}" for name in "ab" for i in range(24)]
    _table(tmp_path / "meta" / "about.csv", rows)
    assert recognise(tmp_path)[0].NAME == "class folders"


def test_target_tells_tables_apart(tmp_path: Path) -> None:
    _images(tmp_path / "images", NAMES)
    _table(tmp_path / "boxes.csv", [f"{n},{i}" for i, n in enumerate(NAMES)], "id,left")
    _table(tmp_path / "attributes.csv", _labels(NAMES), header="id,hair")
    with pytest.raises(DataError, match=r"\(attributes.csv, boxes.csv\)"):
        inspect(DataOptions(str(tmp_path)))
    assert inspect(DataOptions(str(tmp_path), target="hair")).classes == ("a", "b")


@pytest.mark.parametrize("header", ["id,label,more", "id,red,blue"])
def test_table_of_clear_labels_is_meant(tmp_path: Path, header: str) -> None:
    _images(tmp_path / "images", NAMES)
    _table(
        tmp_path / "a.csv", [f"{n},{i},5" for i, n in enumerate(NAMES)], "id,left,top"
    )
    rows = [f"{n},{i % 2},{i // 2 % 2}" for i, n in enumerate(NAMES)]
    _table(tmp_path / "z.csv", rows, header)
    _table(tmp_path / "b.csv", [f"{n},1,1" for n in NAMES], "id,right,bottom")
    assert len(inspect(DataOptions(str(tmp_path))).classes) == 2


def test_many_tables_are_samples_themselves(tmp_path: Path) -> None:
    _images(tmp_path / "images", NAMES)
    for i in range(17):
        _table(tmp_path / "series" / f"{i}.csv", _labels(NAMES))
    assert recognise(tmp_path)[0].NAME == "class folders"


def test_no_file_outside_the_folder_is_reached(tmp_path: Path) -> None:
    root = tmp_path / "data"
    _images(tmp_path / "secret", ["1000-scan", "1001-scan"])
    _images(root / "images", NAMES)
    (root / "linked").symlink_to(tmp_path / "secret")
    (root / "images" / "1001-scan.png").symlink_to(tmp_path / "secret/1001-scan.png")
    outside = tmp_path / "secret" / "1000-scan.png"
    rows = [*_labels(NAMES), "1001-scan,a", f"{outside},b"]
    _table(root / "meta" / "about.csv", rows)
    found = inspect(DataOptions(str(root)))
    assert sum(found.samples.values()) == COUNT
    assert dict(found.skipped) == {
        "images/1001-scan.png": "leads out of the folder of the table",
        str(outside): "leads out of the folder of the table",
    }
    _table(root / "meta" / "about.csv", ["1000-scan,a", "1001-scan,b"])
    assert recognise(root)[0].NAME == "class folders"


@pytest.mark.parametrize("given", ["", "participants.tsv"])
def test_ids_are_the_folders_of_files(tmp_path: Path, given: str) -> None:
    subjects = [f"sub-{i:02}" for i in range(12)]
    for i, subject in enumerate(subjects):
        (tmp_path / subject / "anat").mkdir(parents=True)
        write_volume(tmp_path / subject / "anat" / f"{subject}_T1w.nii.gz", i)
    rows = [f"{subject}\t{'ab'[i % 2]}" for i, subject in enumerate(subjects)]
    _table(tmp_path / "participants.tsv", rows, header="participant_id\tdiagnosis")
    found = inspect(DataOptions(str(tmp_path / given), target="diagnosis"))
    assert (found.kind, sum(found.samples.values())) == ("volume", 12)
    for i, subject in enumerate(subjects):
        write_volume(tmp_path / subject / "anat" / f"{subject}_T2w.nii.gz", i)
    with pytest.raises(DataError, match="one each of the 24 files"):
        inspect(DataOptions(str(tmp_path / given), target="diagnosis"))


def test_paths_that_count_from_the_folder_given(tmp_path: Path) -> None:
    _images(tmp_path / "images", NAMES)
    rows = _labels([f"images/{name}" for name in NAMES], ".png")
    _table(tmp_path / "meta" / "labels.csv", rows)
    notes = inspect(DataOptions(str(tmp_path))).notes
    assert f"The paths in the column 'file' count from {tmp_path.name}/." in notes


def _classes(folder: Path) -> None:
    for part, name in enumerate(("cat", "dog")):
        _images(folder / name, NAMES[part::2])


@pytest.mark.parametrize(
    ("table", "header"),
    [
        ("runs/2024/predictions.csv", "file,class"),
        ("meta/md5.csv", "file,md5"),
        ("meta/info.csv", "file,age,camera"),
    ],
)
@pytest.mark.parametrize("root", ["", "images"])
def test_class_folders_come_before_a_table_deeper_down(
    tmp_path: Path, assert_sentence: Sentence, table: str, header: str, root: str
) -> None:
    _classes(tmp_path / root)
    more = "," * (header.count(",") - 1)
    rows = [f"{name},{'xyz'[i % 3]}{more}" for i, name in enumerate(NAMES)]
    _table(tmp_path / table, rows, header)
    found = inspect(DataOptions(str(tmp_path)))
    assert found.classes == ("cat", "dog")
    assert any(note.startswith(f"{table} names") for note in found.notes)
    with pytest.raises(DataError, match="copy it to") as caught:
        inspect(DataOptions(str(tmp_path / table)))
    copy = tmp_path / Path(table).name
    assert str(copy) in assert_sentence(caught.value)
    (tmp_path / table).rename(copy)
    target = header.split(",")[1]
    assert inspect(DataOptions(str(copy), target=target)).classes == ("x", "y", "z")


def test_split_folders_come_before_a_table_deeper_down(tmp_path: Path) -> None:
    named = []
    for split in ("train", "test"):
        for part, name in enumerate(("cat", "dog")):
            files = [f"{split}-{i}" for i in range(part, COUNT, 2)]
            _images(tmp_path / split / name, files)
            named += files
    _table(tmp_path / "meta" / "info.csv", _labels(named), "file,camera")
    found = inspect(DataOptions(str(tmp_path)))
    assert (found.classes, found.samples["test"]) == (("cat", "dog"), COUNT)


def test_table_in_a_class_folder_is_ignored(tmp_path: Path) -> None:
    _classes(tmp_path)
    _table(tmp_path / "cat" / "boxes.csv", _labels(NAMES[::2]), "file,boxes")
    found = inspect(DataOptions(str(tmp_path)))
    assert found.classes == ("cat", "dog")
    assert not any("boxes.csv" in note for note in found.notes)


def test_table_is_needed_where_folders_are_splits_alone(tmp_path: Path) -> None:
    _images(tmp_path / "train_images", NAMES)
    _images(tmp_path / "test_images", ["t1", "t2"])
    _table(tmp_path / "meta" / "labels.csv", _labels(NAMES))
    assert recognise(tmp_path)[0].NAME == "table of paths"


def test_table_beside_class_folders_in_a_wrapper_is_taken(tmp_path: Path) -> None:
    _classes(tmp_path / "images")
    _table(tmp_path / "images" / "labels.csv", _labels(NAMES))
    assert inspect(DataOptions(str(tmp_path))).classes == ("a", "b")


def test_results_of_a_run_are_no_labels(tmp_path: Path) -> None:
    _images(tmp_path / "images", NAMES)
    _table(tmp_path / "runs" / "predictions.csv", _labels(NAMES))
    assert recognise(tmp_path)[0].NAME == "table of paths"
    (tmp_path / "runs" / "run.json").write_text("{}")
    assert recognise(tmp_path)[0].NAME == "class folders"


@pytest.mark.parametrize("deep", ["predictions.csv", "a/b.csv"])
def test_tables_of_the_folder_itself_come_first(tmp_path: Path, deep: str) -> None:
    _images(tmp_path / "images", NAMES)
    rows = [f"{name},{'xy'[i % 2]}" for i, name in enumerate(NAMES)]
    _table(tmp_path / "mytable.csv", rows, "id,diagnosis")
    _table(tmp_path / "other.csv", ["1,2", "3,4"], "left,right")
    _table(tmp_path / "runs" / deep, _labels(NAMES))
    assert inspect(DataOptions(str(tmp_path))).classes == ("x", "y")
    with pytest.raises(DataError, match=r"copy it to .*/(predictions|b)\.csv"):
        inspect(DataOptions(str(tmp_path / "runs" / deep)))
