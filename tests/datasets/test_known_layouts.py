"""Layouts that public data sets come in: what tells labels and splits in them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from automl_datasets.errors import DataError
from automl_datasets.listing import folders
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources._split_folders import split_folders
from tests.datasets.folder_trees import (
    inspected,
    note_with,
    scanned,
    splits_of,
    write_tree,
)
from tests.datasets.forms import write_png

Sentence = Callable[[object], str]
CLASSES = ("n01", "n02", "n03")


def _flat_validation(root: Path, wrapper: str = "images/") -> list[str]:
    """Write class folders to train on, and a flat `val/`; return lines about it."""
    write_tree(root, [f"train/{name}/images" for name in CLASSES], 6)
    (root / "val" / wrapper).mkdir(parents=True)
    for i in range(9):
        write_png(root / "val" / wrapper / f"v{i}.png", 900 + i)
    return [f"v{i}.png\t{CLASSES[i % 3]}\t0\t{i}\t44" for i in range(9)]


@pytest.mark.parametrize("wrapper", ["images/", "val/", ""])
@pytest.mark.parametrize("header", ["", "file\tclass\tleft\ttop\tright\n"])
def test_labels_of_a_flat_split_are_listed_in_it(
    tmp_path: Path, assert_sentence: Sentence, wrapper: str, header: str
) -> None:
    lines = _flat_validation(tmp_path / "d", wrapper)
    write_tree(tmp_path / "d", ["test/images"], 6)
    listed = header + "\n".join(lines)
    (tmp_path / "d" / "val" / "val_annotations.txt").write_text(listed)
    found = inspected(tmp_path / "d")
    assert found.classes == CLASSES
    assert found.splits["val"] == dict.fromkeys(CLASSES, 3)
    note = note_with("val/val_annotations.txt gives them", found.notes)
    assert_sentence(note)
    note_with("Left out test/", found.notes)
    assert not found.skipped
    data = prepare(DataOptions(str(tmp_path / "d")), tmp_path / "out").split("val")
    pairs = zip(data.names, data.targets, strict=True)
    labels = {Path(name).name: int(t) for name, t in pairs}
    assert labels["v4.png"] == 1


def test_sample_that_the_list_of_a_flat_split_lacks_is_named(tmp_path: Path) -> None:
    lines = _flat_validation(tmp_path / "d")
    lines[4] = lines[4].replace("n02", "n77")
    (tmp_path / "d" / "val" / "list.txt").write_text("\n".join([*lines, ""]))
    write_tree(tmp_path / "d", ["val/images"], 1)
    _check_left_out(tmp_path / "d", why="2 of 10 have no label")


def _check_left_out(root: Path, *, why: str) -> None:
    found = inspected(root)
    assert "val" not in set(splits_of(root).values()), why
    note_with("Left out val/", found.notes)


@pytest.mark.parametrize(
    "line",
    [
        "v{i}.png\t{i}",
        "v{i}.png\tn01\tn02",
        "x{i}.png\tn01",
        "nothing\tat all",
        "v{i}.png\tn01",
    ],
)
def test_list_of_anything_else_labels_no_flat_split(tmp_path: Path, line: str) -> None:
    _flat_validation(tmp_path / "d")
    lines = [line.format(i=i) for i in range(9)]
    (tmp_path / "d" / "val" / "list.txt").write_text("\n".join(lines))
    _check_left_out(tmp_path / "d", why=line)


def test_guesses_to_hand_in_label_no_flat_split(tmp_path: Path) -> None:
    lines = _flat_validation(tmp_path / "d")
    table = tmp_path / "d" / "val" / "sample_submission.csv"
    table.write_text("\n".join(line.replace("\t", ",") for line in lines))
    _check_left_out(tmp_path / "d", why="guesses")


def _birds(root: Path) -> dict[str, str]:
    """Write class folders and a list of ids; return the flag of each path."""
    write_tree(root, ["images/001.Crow", "images/002.Jay"], 8)
    names = [f"{c}/{i}.png" for c in ("001.Crow", "002.Jay") for i in range(8)]
    ids = [f"{place} {name}" for place, name in enumerate(names, 1)]
    (root / "images.txt").write_text("\n".join(ids))
    (root / "classes.txt").write_text("1 001.Crow\n2 002.Jay\n")
    labels = [f"{place} {1 + place // 9}" for place in range(1, 17)]
    (root / "image_class_labels.txt").write_text("\n".join(labels))
    return {name: str(int(place % 3 > 0)) for place, name in enumerate(names)}


@pytest.mark.parametrize("keys", ["ids", "paths"])
@pytest.mark.parametrize("header", ["", "image split\n"])
@pytest.mark.parametrize(
    ("flags", "other"), [("10", "test"), (("train", "val"), "val")]
)
def test_list_of_flags_tells_the_splits(
    tmp_path: Path,
    assert_sentence: Sentence,
    keys: str,
    header: str,
    flags: tuple[str, str],
    other: str,
) -> None:
    root = tmp_path / "birds"
    told = _birds(root)
    lines = [
        f"{place if keys == 'ids' else name} {flags[flag == '0']}"
        for place, (name, flag) in enumerate(told.items(), 1)
    ]
    listed = header + "\n".join(lines)
    (root / f"train_{other}_split.txt").write_text(listed)
    assert splits_of(root) == {
        f"images/{name}": "train" if flag == "1" else other
        for name, flag in told.items()
    }
    note = note_with(f"where 1 is train and 0 is {other}", scanned(root).notes)
    assert ("images.txt tells" in assert_sentence(note)) == (keys == "ids")


@pytest.mark.parametrize("line", ["{place} {place}", "{place} 1", "x{place} {odd}"])
def test_list_without_flags_of_the_samples_is_not_followed(
    tmp_path: Path, line: str
) -> None:
    _birds(tmp_path)
    lines = [line.format(place=place, odd=place % 2) for place in range(1, 17)]
    (tmp_path / "train_test_split.txt").write_text("\n".join(lines))
    assert set(splits_of(tmp_path).values()) == {None}


@pytest.mark.parametrize("stem", ["train_val_list", "train_val", "train_test"])
def test_labels_behind_paths_are_no_flags(tmp_path: Path, stem: str) -> None:
    """Such a list holds the samples of both, and labels may be 0 and 1."""
    told = _birds(tmp_path)
    lines = [f"{name} {int(name.startswith('002'))}" for name in told]
    (tmp_path / f"{stem}.txt").write_text("\n".join(lines))
    assert set(splits_of(tmp_path).values()) <= {None, "train"}


def test_ids_are_not_taken_for_names_where_a_list_tells_them(tmp_path: Path) -> None:
    names = [f"{'ab'[i % 2]}/{i}.png" for i in range(1, 17)]
    for place, name in enumerate(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_png(tmp_path / name, place)
    ids = [f"{place} {name}" for place, name in enumerate(reversed(names), 1)]
    (tmp_path / "images.txt").write_text("\n".join(ids))
    flags = [f"{place} {int(place > 4)}" for place in range(1, 17)]
    (tmp_path / "train_test_split.txt").write_text("\n".join(flags))
    tested = {name for name, split in splits_of(tmp_path).items() if split == "test"}
    assert tested == set(names[-4:])


def test_samples_without_a_flag_are_left_out(tmp_path: Path) -> None:
    _birds(tmp_path)
    lines = [f"{place} {place % 2}" for place in range(1, 15)]
    (tmp_path / "train_test_split.txt").write_text("\n".join(lines))
    assert len(splits_of(tmp_path)) == 14
    note_with("Left out 2 samples", scanned(tmp_path).notes)


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("birds-train", "birds-test"),
        ("X_train", "X_test"),
        ("train_images", "test_images"),
        ("a b training set", "a b testing set"),
        ("alphabet_train/alphabet_train", "alphabet_test/alphabet_test"),
    ],
)
def test_split_folders_may_be_called_by_more_than_the_split(
    tmp_path: Path, train: str, test: str
) -> None:
    root = write_tree(tmp_path / "d", [f"{s}/{c}" for s in (train, test) for c in "ab"])
    write_tree(root, ["more"])  # what is to be predicted
    found = inspected(root)
    assert found.classes == ("a", "b")
    assert found.samples["test"] == 8
    assert all(
        name.startswith(train if split == "train" else test)
        for name, split in splits_of(root).items()
    )


def test_class_folders_are_not_looked_into_for_splits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be very many, of very many files."""
    for name in ("a_train", "a_test"):
        write_tree(tmp_path, [f"{name}/{i}" for i in range(8)], 1)
    listed = []

    def noting(folder: str | Path) -> list[os.DirEntry[str]]:
        listed.append(Path(folder).name)
        return folders(folder)

    monkeypatch.setattr("automl_datasets.sources._split_folders.folders", noting)
    assert len(split_folders(tmp_path).declared) == 2
    assert set(listed) == {tmp_path.name, "a_train", "a_test"}


@pytest.mark.parametrize("test", ["x_test", "x_test/x_test", "x_test/images"])
def test_flat_folder_beside_such_training_has_no_labels(
    tmp_path: Path, test: str
) -> None:
    found = inspected(write_tree(tmp_path / "d", ["x_train/a", "x_train/b", test], 8))
    assert found.classes == ("a", "b")
    assert sum(found.samples.values()) == 16
    note_with("Left out x_test/", found.notes)


@pytest.mark.parametrize(
    "folders",
    [
        ["crash_train", "crash_test", "plane", "car"],  # no folders in them
        ["w_train/a", "w_train/b", "z_test/a", "z_test/b", "c", "d"],  # not alike
        ["w_train/a", "w_train/b", "w_test/x", "w_test/y", "c", "d"],  # nothing shared
        ["1_train/a", "1_train/b", "1_test/a", "1_test/b", "2_train/a", "2_test/a"],
    ],
)
def test_classes_may_hold_the_word_of_a_split(
    tmp_path: Path, folders: list[str]
) -> None:
    found = inspected(write_tree(tmp_path / "d", folders, 6))
    assert set(found.classes) == {name.partition("/")[0] for name in folders}


@pytest.mark.parametrize(
    ("names", "above"),
    [
        (("color", "grayscale", "segmented"), ""),
        (("Augmented Images", "Original Images"), ""),
        (("color", "grayscale"), "raw/"),
    ],
)
def test_renditions_of_the_same_samples_are_refused(
    tmp_path: Path, assert_sentence: Sentence, names: tuple[str, ...], above: str
) -> None:
    kinds = ("Apple_scab", "Apple_rot", "Corn_rust")
    root = write_tree(tmp_path / "d", [f"{above}{n}/{k}" for n in names for k in kinds])
    with pytest.raises(DataError, match="renditions of the same samples") as caught:
        inspected(root)
    told = assert_sentence(caught.value)
    assert all(repr(name) in told for name in names)
    one = root / above / names[0]
    assert f"point at one of them, like {one}, or give a table" in told
    assert len(inspected(one).classes) == 3


@pytest.mark.parametrize(
    "folders",
    [
        ["color", "grayscale"],
        ["color/a", "color/b", "grayscale/c", "grayscale/d"],
        ["raw/meat", "raw/fish", "cooked/meat", "cooked/fish"],
        ["color/1", "color/2", "grayscale/1"],
        ["original/1", "original/2", "enhanced/1", "enhanced/2"],
    ],
)
def test_classes_may_be_called_like_renditions(
    tmp_path: Path, folders: list[str]
) -> None:
    found = inspected(write_tree(tmp_path / "d", folders, 6))
    assert set(found.classes) == {name.partition("/")[0] for name in folders}


def test_classes_below_all_class_folders_are_said(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    signs = [f"{who}/{sign}" for who in "xy" for sign in ("01_palm", "02_fist")]
    root = write_tree(tmp_path / "d", signs)
    note = note_with("hold folders of the same names", inspected(root).notes)
    assert "'01_palm', '02_fist'): if these are the classes" in assert_sentence(note)
    parts = [f"{name}/{part}" for name in "xy" for part in ("p1", "p2")]
    notes = inspected(write_tree(tmp_path / "e", parts)).notes
    assert not any("of the same names" in note for note in notes)
