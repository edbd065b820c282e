"""Folders around, inside and beside class folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from automl_datasets.errors import DataError
from automl_datasets.sources._folder_names import are_parts, are_people
from tests.datasets.folder_trees import inspected, note_with, splits_of, write_tree
from tests.datasets.forms import write_text, write_wav

Sentence = Callable[[object], str]


@pytest.mark.parametrize("wrapper", ["images", "Data", "Pets_1", "data/images"])
def test_wrapper_is_no_class(tmp_path: Path, wrapper: str) -> None:
    folders = [f"{wrapper}/{name}" for name in ("cat", "dog")]
    root = write_tree(tmp_path / "pets1", folders)
    found = inspected(root)
    assert found.classes == ("cat", "dog")
    note_with(f"The class folders are in pets1/{wrapper}/", found.notes)
    assert all(name.startswith(f"{wrapper}/") for name in splits_of(root))


def test_wrapper_of_split_folders(tmp_path: Path) -> None:
    folders = [f"data/{split}/{c}" for split in ("train", "test") for c in "ab"]
    root = write_tree(tmp_path / "d", folders, 6)
    found = inspected(root)
    assert found.classes == ("a", "b")
    assert found.samples["test"] == 12


@pytest.mark.parametrize("wrapper", ["images", "same"])
def test_wrapper_in_split_folders(tmp_path: Path, wrapper: str) -> None:
    root = tmp_path / "d"
    for split in ("train", "test"):
        inner = split if wrapper == "same" else wrapper
        write_tree(root / split, [f"{inner}/a", f"{inner}/b"], 6)
    found = inspected(root)
    assert found.classes == ("a", "b")
    assert found.samples["test"] == 12


def test_wrapper_wins_over_what_describes_it(tmp_path: Path) -> None:
    """Even where the files that describe the samples are more."""
    root = write_tree(tmp_path / "d", ["Images/cat", "Images/dog"])
    for name in ("cat", "dog"):
        folder = root / "Annotation" / name
        folder.mkdir(parents=True)
        for i in range(20):
            write_text(folder / f"{i}.txt", i)
    found = inspected(root)
    assert found.kind == "image"
    assert found.classes == ("cat", "dog")
    assert "'Annotation'" in note_with("The class folders are in", found.notes)


def test_wrapper_name_beside_classes_is_a_class(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["photos/old", "photos/new", "drawings"])
    assert inspected(root).classes == ("drawings", "photos")


def test_wrapper_of_flat_splits_is_refused_as_splits(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["data/train", "data/test"])
    with pytest.raises(DataError, match="look like splits"):
        inspected(root)


@pytest.mark.parametrize("name", ["_noise_", "unsup", "unlabeled", "Unlabelled_data"])
def test_folder_beside_the_classes_is_left_out(tmp_path: Path, name: str) -> None:
    root = write_tree(tmp_path / "d", ["train/a", "train/b", f"train/{name}"], 6)
    (root / "train" / name / "readme.md").write_text("not a sample")
    write_tree(root, ["test/a", "test/b"])
    found = inspected(root)
    assert found.classes == ("a", "b")
    assert not found.skipped
    note_with(f"Left out {name!r}", found.notes)


def test_classes_may_all_be_called_in_underscores(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["_a_", "_b_"])
    assert inspected(root).classes == ("_a_", "_b_")


@pytest.mark.parametrize(
    "folders",
    [
        ["images", "masks"],
        ["imagesTr", "labelsTr", "imagesTs"],
        ["JPEGImages", "Annotations"],
        ["train/images", "train/masks", "val/images", "val/masks"],
    ],
)
def test_parts_of_a_segmentation_are_refused(
    tmp_path: Path, folders: list[str], assert_sentence: Sentence
) -> None:
    root = write_tree(tmp_path / "d", folders)
    with pytest.raises(DataError, match="look like parts of a segmentation") as caught:
        inspected(root)
    assert "d/labels.csv" in assert_sentence(caught.value)


def test_images_beside_labels_of_another_kind_are_refused(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["images/train", "images/val"])
    for i in range(3):
        (root / "labels" / "train").mkdir(parents=True, exist_ok=True)
        (root / "labels" / "train" / f"{i}.txt").write_text("0 0.5 0.5 0.2 0.2")
    with pytest.raises(DataError, match=r"'images' and 'labels' .* detection"):
        inspected(root)


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (["fold1", "fold2", "fold3", "fold4"], "'fold3' and 1 more"),
        (["audio/fold1", "audio/fold2"], "like d/labels.csv"),
        (["images_001/images", "images_002/images"], "'images_001' and 'images_002'"),
        (["X_part_1", "X_part_2"], "rename the folders"),
        (["Training_1", "Training_2"], "look like parts"),
    ],
)
def test_numbered_parts_are_refused(
    tmp_path: Path, folders: list[str], said: str, assert_sentence: Sentence
) -> None:
    root = write_tree(tmp_path / "d", folders)
    with pytest.raises(DataError, match="parts of the data") as caught:
        inspected(root)
    assert said in assert_sentence(caught.value)


def test_table_beside_numbered_parts_is_named(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    root = write_tree(tmp_path / "d", ["fold1", "fold2"])
    (root / "about").mkdir()
    for name, rows in (("all.csv", 9), ("few.csv", 2), ("../fold1/inner.csv", 99)):
        (root / "about" / name).write_text("what,how\n" + "one,two\n" * rows)
    with pytest.raises(DataError, match="parts of the data") as caught:
        inspected(root)
    assert "perhaps made from about/all.csv," in assert_sentence(caught.value)


@pytest.mark.parametrize("names", [["grade1", "grade2"], ["1", "2"], ["part1", "cat"]])
def test_numbered_classes_stay(tmp_path: Path, names: list[str]) -> None:
    assert not are_parts(names)
    assert not are_people(names)
    assert set(inspected(write_tree(tmp_path / "d", names)).classes) == set(names)


@pytest.mark.parametrize("stem", ["Actor_", "sub-", "person"])
def test_people_are_kept_with_a_note(tmp_path: Path, stem: str) -> None:
    root = tmp_path / "d"
    for person in range(1, 4):
        (root / f"{stem}{person:02}").mkdir(parents=True)
        for i in range(4):
            write_wav(root / f"{stem}{person:02}" / f"{i}.wav", 10 * person + i)
    found = inspected(root)
    assert len(found.classes) == 3
    note_with("look like people or recordings", found.notes)


def test_splits_without_labels_are_left_out(tmp_path: Path) -> None:
    folders = ["train/cat/images", "train/dog/images", "val/images", "test/images"]
    found = inspected(write_tree(tmp_path / "d", folders, 8))
    assert found.classes == ("cat", "dog")
    assert sum(found.samples.values()) == 16
    assert not found.problems
    for folder in ("val/", "test/"):
        note_with(f"Left out {folder}", found.notes)


def test_class_folders_once_more_are_left_out(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["cat", "dog", "again/cat", "again/dog"])
    found = inspected(root)
    assert found.classes == ("cat", "dog")
    note_with("Left out 'again'", found.notes)
    assert not any("folders of several" in note for note in found.notes)


def test_class_of_folders_called_like_classes_stays(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["left", "right", "both/left", "both/right"])
    for file in sorted((root / "both").rglob("*.png")):
        file.rename(file.with_name(f"pair{file.name}"))
    assert inspected(root).classes == ("both", "left", "right")


@pytest.mark.parametrize(
    ("folders", "left_out"),
    [
        (["images/a", "images/b", "test"], "'test'"),
        (["data/a", "data/b", "masks", "test_images"], "'masks', 'test_images'"),
        (["data/a", "data/b", "test1/images"], "'test1'"),
    ],
)
def test_flat_split_beside_a_wrapper_is_left_out(
    tmp_path: Path, folders: list[str], left_out: str
) -> None:
    found = inspected(write_tree(tmp_path / "d", folders))
    assert found.classes == ("a", "b")
    note_with(f"not read as classes: {left_out}", found.notes)


def test_class_called_partly_like_a_split_stays(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["photos/old", "photos/new", "crash_test"])
    assert inspected(root).classes == ("crash_test", "photos")


@pytest.mark.parametrize(
    "names",
    [
        ["_cat_", "_dog_", "bird"],
        ["_a_", "b"],
        ["_a_", "_b_", "c", "d"],
        ["a", "b", "user_unlabelled_x"],
        ["labelled", "unlabelled"],
    ],
)
def test_odd_names_are_classes_unless_they_are_few(
    tmp_path: Path, names: list[str]
) -> None:
    assert set(inspected(write_tree(tmp_path / "d", names)).classes) == set(names)


def test_several_folders_beside_the_classes_are_left_out(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b", "_noise_", "data unlabeled"])
    found = inspected(root)
    assert found.classes == ("a", "b")
    note_with("Left out '_noise_'", found.notes)
    note_with("Left out 'data unlabeled'", found.notes)


def test_table_of_numbered_classes_is_to_be_given_itself(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    root = write_tree(tmp_path / "d", ["set1", "set2"])
    table = root / "labels.csv"
    rows = [f"{s}/{i}.png,{s}\n" for s in ("set1", "set2") for i in range(4)]
    table.write_text("path,label\n" + "".join(rows))
    with pytest.raises(DataError, match="look like parts") as caught:
        inspected(root)
    assert f"give {table} itself" in assert_sentence(caught.value)
    assert inspected(table).classes == ("set1", "set2")
