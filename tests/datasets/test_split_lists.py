"""Lists of samples beside class folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources._split_lists import _group_and_split
from tests.datasets.folder_trees import (
    inspected,
    note_with,
    scanned,
    splits_of,
    write_tree,
)
from tests.datasets.forms import write_png


def _write_list(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(
    ("stem", "meant"),
    [
        ("testing_list", ("list", "test")),
        ("validation_list", ("list", "val")),
        ("trainlist01", ("list01", "train")),
        ("train", ("", "train")),
        ("my-dev-files", ("my_files", "val")),
        ("trainval", ("", "train")),
        ("train_val_list", ("list", "train")),
        ("train_test_split", None),
        ("classes", None),
        ("contest", None),
    ],
)
def test_names_of_lists(stem: str, meant: tuple[str, str] | None) -> None:
    assert _group_and_split(stem) == meant


def test_samples_of_no_list_are_to_train(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["no", "yes"], 6)
    _write_list(root / "testing_list.txt", ["no/0.png", "yes/0.png"])
    _write_list(root / "validation_list.txt", ["no/1.png", "yes/1.png"])
    splits = splits_of(root)
    assert {name for name, s in splits.items() if s == "test"} == {
        "no/0.png",
        "yes/0.png",
    }
    assert sum(split == "val" for split in splits.values()) == 2
    assert sum(split == "train" for split in splits.values()) == 8
    found = inspected(root)
    note = note_with("testing_list.txt", found.notes)
    assert "all other samples are to train" in note
    assert not found.skipped
    assert not found.problems
    data = prepare(DataOptions(str(root)), tmp_path / "out")
    assert set(data.split("test").names) == {"no/0.png", "yes/0.png"}


def test_lists_beside_a_wrapper_leave_out_endings(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["images/a b", "images/c"], 6)
    for split, places in (("train", range(4)), ("test", (4, 5))):
        lines = [f"{c}/{i}" for c in ("a b", "c") for i in places]
        _write_list(root / "meta" / f"{split}.txt", lines)
    splits = splits_of(root)
    assert len(splits) == 12
    assert all(
        split == ("train" if int(name[-5]) < 4 else "test")
        for name, split in splits.items()
    )
    note_with("lists meta/train.txt and meta/test.txt.", scanned(root).notes)


def test_folder_of_lists_beside_the_classes_is_no_class(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    _write_list(root / "lists" / "test.txt", ["./a/0.png", "b\\0.png"])
    _write_list(root / "lists" / "classes.txt", ["a", "b"])
    found = inspected(root)
    assert found.samples["test"] == 2
    assert not found.skipped
    assert not any("Left out" in note for note in found.notes)


def test_first_numbered_lists_are_followed(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "ucf", ["UCF/a", "UCF/b"], 6)
    for number in (1, 2, 10):
        test = [f"UCF/{c}/{number % 6}.png" for c in "ab"]
        others = [i for i in range(5) if i != number % 6]
        train = [f"{c}/{i}.png {k}" for k, c in enumerate("ab") for i in others]
        _write_list(root / "lists" / f"testlist{number:02}.txt", test)
        _write_list(root / "lists" / f"trainlist{number:02}.txt", train)
    scan = scanned(root)
    assert {s.name for s in scan.samples if s.split == "test"} == {
        "UCF/a/1.png",
        "UCF/b/1.png",
    }
    assert len(scan.samples) == 10
    note_with("Left out 2 samples that no list names", scan.notes)
    assert "testlist02.txt" in note_with("Not followed", scan.notes)


def test_list_of_several_splits_gives_way(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    for name, places in (
        ("trainval", range(4)),
        ("train", range(2)),
        ("val", (2, 3)),
        ("test", (4, 5)),
    ):
        _write_list(root / f"{name}.txt", [f"{c}/{i}" for c in "ab" for i in places])
    splits = list(splits_of(root).values())
    assert [splits.count(name) for name in ("train", "val", "test")] == [4, 4, 4]


def test_list_of_training_and_validation_goes_with_that_of_testing(
    tmp_path: Path,
) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    for name, places in (("train_val_list", range(4)), ("test_list", (4, 5))):
        _write_list(root / f"{name}.txt", [f"{c}/{i}" for c in "ab" for i in places])
    splits = list(splits_of(root).values())
    assert [splits.count(name) for name in ("train", "test")] == [8, 4]


def test_sample_of_two_lists_is_not_trained_on(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    _write_list(root / "train.txt", [f"{c}/{i}" for c in "ab" for i in range(6)])
    _write_list(root / "test.txt", ["a/0", "b/0"])
    splits = splits_of(root)
    assert splits["a/0.png"] == splits["b/0.png"] == "test"


def test_list_of_other_files_is_not_followed_and_said(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    _write_list(root / "test.txt", ["a/0.png", "a/lost.png", "b/lost.png"])
    assert set(splits_of(root).values()) == {None}
    note_with("only 1 of its 3 lines", scanned(root).notes)


def test_list_of_everything_leaves_nothing_to_train_on(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"])
    _write_list(root / "test.txt", [f"{c}/{i}.png" for c in "ab" for i in range(4)])
    assert set(splits_of(root).values()) == {None}


def test_text_called_like_a_split_is_no_list(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"])
    _write_list(root / "test.txt", ["how the samples were tested"] * 2000)
    found = inspected(root)
    assert [name for name, _ in found.skipped] == ["test.txt"]
    assert set(splits_of(root).values()) == {None}


def test_list_that_cannot_be_read_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    assert_sentence: Callable[[object], str],
) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"])
    _write_list(root / "test.txt", ["a/0.png"])
    whole = Path.open

    def refusing(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == "test.txt":
            raise PermissionError(13, "Permission denied")
        return whole(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refusing)
    with pytest.raises(DataError, match="cannot be read") as caught:
        scanned(root)
    assert "test.txt" in assert_sentence(caught.value)


def test_split_folders_come_before_lists(tmp_path: Path) -> None:
    folders = [f"{split}/{c}" for split in ("train", "test") for c in "ab"]
    root = write_tree(tmp_path / "d", folders)
    _write_list(root / "test.txt", ["train/a/0.png", "train/b/0.png"])
    assert splits_of(root)["train/a/0.png"] == "train"


def test_wholly_listed_test_data_is_all_tested(tmp_path: Path) -> None:
    """A list that names what is scored on, and nothing else, says nothing of it."""
    root = write_tree(tmp_path / "d", ["a", "b"], 8)
    other = write_tree(tmp_path / "other", ["a", "b"], 2)
    _write_list(other / "test.txt", ["a/0", "a/1", "b/0", "b/1"])
    options = DataOptions(str(root), test_data=str(other))
    assert prepare(options, tmp_path / "out").spec.num_test == 4


@pytest.mark.parametrize(
    "line",
    [
        "photos/{label}/{i}.jpg",
        "/data/of/others/photos/{label}/{i}.jpg",
        "C:\\data\\photos\\{label}\\{i}.jpg",
        '"{label}/{i}.jpg"',
        "'{label}/{i}.jpg', 'a {label}'",
        "{label}/{i}.jpg, {label}",
        "{label}/{i}.jpg\ta {label}",
        "{label}/{i} {label}",
        "{label}/{i}.jpg 3 1",
        "{i}.jpg",
        "{i}",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_samples_are_named_in_many_ways(
    tmp_path: Path, line: str, encoding: str
) -> None:
    root = tmp_path / "photos"
    lines = []
    for start, label in ((0, "cat"), (6, "sea dog")):
        for i in range(start, start + 6):
            (root / label).mkdir(parents=True, exist_ok=True)
            write_png(root / label / f"{i}.jpg", i)
        lines.append(line.format(label=label, i=start))
    (root / "test.txt").write_text("\n".join(lines), encoding=encoding)
    splits = splits_of(root)
    tested = {name for name, split in splits.items() if split == "test"}
    assert tested == {"cat/0.jpg", "sea dog/6.jpg"}
    assert list(splits.values()).count("train") == 10


@pytest.mark.parametrize("name", ["test", "val_list", "training-files", "test_names"])
def test_list_that_names_nothing_is_said(
    tmp_path: Path, name: str, assert_sentence: Callable[[object], str]
) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"])
    _write_list(root / f"{name}.txt", ["0.png", "1.png"])  # of which class?
    found = inspected(root)
    note = assert_sentence(note_with(f"Not followed: {name}.txt", found.notes))
    assert "none of its lines, such as '0.png', names a sample" in note
    assert "'a/0.png'" in note
    assert not found.skipped
    assert set(splits_of(root).values()) == {None}


def test_folder_of_another_class_is_not_overlooked(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"])
    write_png(root / "a" / "only.png", 900)
    _write_list(root / "test.txt", ["b/only.png"])
    assert set(splits_of(root).values()) == {None}
    note_with("names a sample", scanned(root).notes)


def test_long_lines_take_no_longer(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"])
    _write_list(root / "test.txt", ["x/" * 200_000 + "lost.png"])
    assert len(note_with("names a sample", scanned(root).notes)) < 400


def test_longest_ending_decides(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b", "a/x/b"])
    _write_list(root / "test.txt", ["old/x/b/0.png", "old/b/1.png"])
    tested = {name for name, split in splits_of(root).items() if split == "test"}
    assert tested == {"a/x/b/0.png", "b/1.png"}


def test_names_without_ending_that_are_ambiguous_name_nothing(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 40)
    write_png(root / "a" / "0.jpg", 900)
    _write_list(root / "test.txt", [f"{c}/{i}" for c in "ab" for i in range(20)])
    splits = splits_of(root)
    assert splits["a/0.png"] == splits["a/0.jpg"] == "train"
    assert list(splits.values()).count("test") == 39


def test_overlaps_are_said(
    tmp_path: Path, assert_sentence: Callable[[object], str]
) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    for name, places in (("train", range(5)), ("val", (4,)), ("test", (3, 4))):
        _write_list(root / f"{name}.txt", [f"{c}/{i}" for c in "ab" for i in places])
    notes = scanned(root).notes
    said = "2 samples are in train.txt and test.txt; they are to test."
    assert assert_sentence(note_with(said, notes))
    note_with("2 samples are in train.txt and val.txt and test.txt", notes)
    _write_list(root / "test.txt", ["b/5"])
    assert not any("and test.txt; " in note for note in scanned(root).notes)


def test_equal_lists_are_said(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    for name in ("val", "test"):
        _write_list(root / f"{name}.txt", ["a/0"])
    said = "1 sample is in val.txt and test.txt; it is to test."
    note_with(said, scanned(root).notes)


@pytest.mark.parametrize("more", [2, 8])
def test_of_several_lists_that_of_most_samples_is_followed(
    tmp_path: Path, more: int
) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 10)
    _write_list(root / "train.txt", [f"{c}/{i}" for c in "ab" for i in range(4)])
    _write_list(root / "train2.txt", [f"a/{i}" for i in range(2, 2 + more)])
    assert "a/0.png" in splits_of(root)  # the first, where they name as many
    assert len(splits_of(root)) == 8


@pytest.mark.parametrize("header", ["filename", "path label", "# the samples tested"])
def test_header_of_a_short_list_is_no_lost_sample(tmp_path: Path, header: str) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    _write_list(root / "test.txt", [header, "a/0.png a", "b/0.png b"])
    assert list(splits_of(root).values()).count("test") == 2


@pytest.mark.parametrize("first", ["a/lost.png", "lost.png", "c/0"])
def test_first_line_that_names_another_file_is_no_header(
    tmp_path: Path, first: str
) -> None:
    root = write_tree(tmp_path / "d", ["a", "b"], 6)
    _write_list(root / "test.txt", [first, "a/0.png", "b/0.png"])
    assert set(splits_of(root).values()) == {None}
