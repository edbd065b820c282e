"""What a folder of images means."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from automl_datasets.resizing import common_size
from automl_datasets.sources import class_folders
from tests.datasets.forms import noise

Images = Callable[..., Path]
OPTIONS = DataOptions("x")


def _save(path: Path, *shape: int, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise(seed, *shape)).save(path)


def _tree(root: Path, folders: list[str], count: int = 4) -> Path:
    for seed, folder in enumerate(folders):
        for i in range(count):
            _save(root / folder / f"{i}.png", 6, 6, 3, seed=100 * seed + i)
    return root


def _prepare(path: Path, tmp_path: Path, **options: object) -> PreparedData:
    return prepare(DataOptions(str(path), **options), tmp_path / "out")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [
        ("train", "val", "test"),
        ("Training", "VALID", "testing"),
        ("train", "validation", "Test"),
        ("training_set", "val-set", "testset"),
    ],
)
def test_split_folders_are_kept(
    tmp_path: Path, train: str, val: str, test: str
) -> None:
    folders = [f"{split}/{c}" for split in (train, val, test) for c in "ab"]
    data = _prepare(_tree(tmp_path / "d", folders), tmp_path)
    assert data.spec.classes == ("a", "b")
    for name, folder in (("train", train), ("val", val), ("test", test)):
        split = data.split(name)
        assert len(split) == 8
        assert all(file.startswith(f"{folder}/") for file in split.names)


def test_missing_validation_comes_out_of_training(tmp_path: Path) -> None:
    tree = _tree(tmp_path / "d", ["train/a", "train/b", "test/a", "test/b"], 10)
    data = _prepare(tree, tmp_path)
    assert (data.spec.num_train, data.spec.num_val, data.spec.num_test) == (15, 5, 20)
    assert all(name.startswith("train/") for name in data.split("val").names)


@pytest.mark.parametrize(
    "folders",
    [["train", "test", "car", "plane"], ["car", "train", "plane"], ["val", "x"]],
)
def test_classes_may_be_called_like_splits(tmp_path: Path, folders: list[str]) -> None:
    data = _prepare(_tree(tmp_path / "d", folders, 6), tmp_path)
    assert set(data.spec.classes) == set(folders)


@pytest.mark.parametrize(
    "names",
    [
        ("train", "test"),
        ("our_train", "our_test", "our_rest"),
        ("train2017", "val2017"),
    ],
)
def test_classes_that_look_like_splits_are_refused(
    tmp_path: Path, names: tuple[str, ...], assert_sentence: Callable[[object], str]
) -> None:
    tree = _tree(tmp_path / "d", list(names))
    with pytest.raises(DataError, match="look like splits") as caught:
        inspect(DataOptions(str(tree)))
    assert names[0] in assert_sentence(caught.value)


def test_flat_folder_beside_training_has_no_labels(tmp_path: Path) -> None:
    tree = _tree(tmp_path / "d", ["train/cat", "train/dog", "test"], 8)
    found = inspect(DataOptions(str(tree)))
    assert found.classes == ("cat", "dog")
    assert sum(found.samples.values()) == 16
    assert any("Left out test/" in note for note in found.notes)


def test_split_without_a_class_of_training_is_refused(tmp_path: Path) -> None:
    tree = _tree(tmp_path / "d", ["train/cat", "train/dog", "test/unknown"], 8)
    with pytest.raises(DataError, match=r"test split .* training samples"):
        _prepare(tree, tmp_path)
    problems = inspect(DataOptions(str(tree))).problems
    assert "Not one class of the test split" in problems[0]


def test_folders_in_class_folders_are_said(tmp_path: Path) -> None:
    folders = [f"{c}/p{i}" for c in "ab" for i in range(4)]
    tree = _tree(tmp_path / "d", folders)
    said = "such as a/p0/"
    assert any(said in note for note in inspect(DataOptions(str(tree))).notes)
    declared = [f"{split}/{c}" for split in ("train", "val", "test") for c in folders]
    tree = _tree(tmp_path / "e", declared)
    notes = inspect(DataOptions(str(tree))).notes
    assert not any("several images" in note for note in notes)


@pytest.mark.parametrize(
    ("folders", "advice"),
    [
        (["cries/high", "cries/low"], "give .*/cries, which holds them"),
        (["cries/of/high", "cries/of/low"], "give .*/cries/of, which holds them"),
        (["cries"], "CSV table"),
        (["cries/of"], "CSV table"),
    ],
)
def test_one_class_alone_is_refused(
    tmp_path: Path, folders: list[str], advice: str
) -> None:
    tree = _tree(tmp_path / "d", folders)
    with pytest.raises(DataError, match=f"one class only, 'cries'; .*{advice}"):
        inspect(DataOptions(str(tree)))


def test_one_class_that_is_no_class_is_refused_for_what_it_holds(
    tmp_path: Path,
) -> None:
    tree = _tree(tmp_path / "d", ["kit/images", "kit/masks"])
    with pytest.raises(DataError, match=r"'images' and 'masks' in .*/kit look like"):
        inspect(DataOptions(str(tree)))


def test_folders_beside_splits_are_ignored_and_said(tmp_path: Path) -> None:
    folders = ["train/a", "train/b", "test/a", "test/b", "extra/a"]
    data = _prepare(_tree(tmp_path / "d", folders), tmp_path)
    assert any("Ignored 'extra'" in note for note in data.profile.notes)
    assert "extra" not in " ".join(data.split("train").names)


def test_class_in_test_only_is_said(tmp_path: Path) -> None:
    folders = ["train/a", "train/b", "test/a", "test/c"]
    data = _prepare(_tree(tmp_path / "d", folders), tmp_path)
    assert "The train split has no sample of 'c'." in data.profile.notes


def test_classes_sort_naturally(tmp_path: Path) -> None:
    data = _prepare(_tree(tmp_path / "d", ["10", "9", "1", "a2", "a10"]), tmp_path)
    assert data.spec.classes == ("1", "9", "10", "a2", "a10")


def test_nested_hidden_and_foreign_files(tmp_path: Path, images: Images) -> None:
    root = images({"a": 4, "b": 4})
    _save(root / "a" / "deep" / "deeper" / "x.png", 9, 8, 3)
    _save(root / "a" / ".hidden.png", 9, 8, 3)
    _save(root / ".cache" / "x.png", 9, 8, 3)
    (root / "a" / "notes.txt").write_text("no image")
    (root / "b" / "table.csv").write_text("1,2")
    (root / "b" / "words").write_text("no suffix, no image")
    _save(root / "stray.png", 9, 8, 3)
    data = _prepare(root, tmp_path)
    assert sum(map(len, map(data.split, ("train", "val", "test")))) == 9
    assert dict(data.profile.skipped) == {
        "a/notes.txt": "not an image",
        "b/table.csv": "not an image",
        "b/words": "not an image, or its header is broken",
        "stray.png": "outside the class folders",
    }


def test_links_and_pipes(tmp_path: Path, images: Images) -> None:
    root = images({"a": 4, "b": 4})
    (root / "a" / "loop").symlink_to(root)
    (root / "a" / "self").symlink_to(root / "a")
    (root / "b" / "dead.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(root / "b" / "pipe.png")
    _save(tmp_path / "elsewhere" / "x.png", 9, 8, 3, seed=99)
    (root / "b" / "linked").symlink_to(tmp_path / "elsewhere")
    data = _prepare(root, tmp_path)
    names = [n for s in ("train", "val", "test") for n in data.split(s).names]
    assert "b/linked/x.png" in names
    assert ("b/dead.png", "a dead link") in data.profile.skipped
    assert ("b/pipe.png", "not a regular file") in data.profile.skipped
    assert inspect(DataOptions(str(root))).classes == ("a", "b")


def test_file_names_that_are_no_text(tmp_path: Path, images: Images) -> None:
    root = images({"a": 4, "b": 4})
    odd = os.fsencode(root / "a") + b"/\xff\xfe.png"
    Path(os.fsdecode(odd)).write_bytes((root / "a" / "0.png").read_bytes())
    data = _prepare(root, tmp_path)
    names = [n for s in ("train", "val", "test") for n in data.split(s).names]
    assert "a/\\xff\\xfe.png" in names
    assert " ".join(names).encode("utf-8")


def test_images_without_class_folders_are_refused(tmp_path: Path) -> None:
    _save(tmp_path / "flat" / "1.png", 6, 6, 3)
    with pytest.raises(DataError, match="no class folders"):
        inspect(DataOptions(str(tmp_path / "flat")))


def test_class_folders_without_images_are_refused(tmp_path: Path) -> None:
    (tmp_path / "d" / "a").mkdir(parents=True)
    _save(tmp_path / "d" / "stray.png", 6, 6, 3)
    with pytest.raises(DataError, match="no images in its class folders"):
        inspect(DataOptions(str(tmp_path / "d")))


def test_unknown_things_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    words = tmp_path / "words.txt"
    words.write_text("hello")
    for path, found in (
        (tmp_path / "empty", "an empty folder"),
        (words, "is one text file"),
        (tmp_path / "none", "nothing at"),
    ):
        with pytest.raises(DataError, match=found):
            inspect(DataOptions(str(path)))


def test_grey_stays_one_channel(tmp_path: Path) -> None:
    root = tmp_path / "d"
    for i in range(4):
        _save(root / "a" / f"{i}.png", 8, 8, seed=i)
        _save(root / "b" / f"{i}.png", 8, 8, seed=10 + i)
    assert _prepare(root, tmp_path).spec.shape == (8, 8, 1)
    _save(root / "b" / "colour.png", 8, 8, 3)
    assert _prepare(root, tmp_path).spec.shape == (8, 8, 3)


@pytest.mark.parametrize(
    ("deep", "dtype"), [(0, "uint8"), (4, "uint8"), (5, "uint16"), (8, "uint16")]
)
def test_majority_decides_on_sixteen_bits(
    tmp_path: Path, deep: int, dtype: str
) -> None:
    for i in range(8):
        path = tmp_path / "d" / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = noise(i, 8, 8)
        values = pixels.astype(np.uint16) * 257 if i < deep else pixels
        Image.fromarray(values).save(path)
    data = _prepare(tmp_path / "d", tmp_path)
    assert data.spec.dtype == dtype
    top = data.split("train").inputs.max()
    assert (top > 255) == (dtype == "uint16")


def test_mixed_sizes_become_their_median(tmp_path: Path) -> None:
    for i, (height, width) in enumerate([(10, 20), (30, 40), (50, 90)] * 2):
        _save(tmp_path / "d" / "ab"[i % 2] / f"{i}.png", height, width, 3, seed=i)
    data = _prepare(tmp_path / "d", tmp_path)
    assert data.spec.shape == (30, 40, 3)
    assert data.spec.resized
    assert data.profile.sizes == {
        "min": (10, 20),
        "median": (30, 40),
        "max": (50, 90),
    }
    assert any("Image sizes differ" in note for note in data.profile.notes)


@pytest.mark.parametrize(
    ("sizes", "target"),
    [
        ([(300, 600)] * 2, (64, 128)),
        ([(256, 200)] * 2, (256, 200)),
        ([(300, 600), (302, 604)], (64, 128)),
        ([(2, 1000), (2, 1001)], (1, 128)),
    ],
)
def test_common_size(sizes: list[tuple[int, int]], target: tuple[int, int]) -> None:
    found, _ = common_size(sizes, None, noun="image", kept_side=256, longest_side=128)
    assert found == target


def test_asked_size_wins(tmp_path: Path, images: Images) -> None:
    data = _prepare(images({"a": 4, "b": 4}), tmp_path, image_size=(5, 7))
    assert data.spec.shape == (5, 7, 3)
    assert data.spec.resized
    assert any("as asked for" in note for note in data.profile.notes)


def _many(root: Path) -> list[Path]:
    files = [root / "ab"[i % 2] / f"{i:03}.png" for i in range(300)]
    for i, file in enumerate(files):
        _save(file, 6, 6, seed=i)
    return files


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((6, 6, 3), (6, 6, 3)), ((6, 9), (6, 6, 1)), ((6, 6), (6, 6, 1))],
)
def test_one_that_differs_among_many_is_noticed(
    tmp_path: Path, shape: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    """Headers of a few stand for all, until one contradicts them."""
    root = tmp_path / "d"
    files = _many(root)
    plan = class_folders.plan(
        class_folders.scan(root, OPTIONS), OPTIONS, thorough=False
    )
    assert plan.layout.shape == (6, 6, 1)
    _save(files[2], *shape)
    data = _prepare(root, tmp_path)
    assert data.spec.shape == expected
    assert data.spec.resized == (shape == (6, 9))
    assert data.spec.num_train + data.spec.num_val + data.spec.num_test == 300


def test_duplicates_are_found(tmp_path: Path) -> None:
    root = _tree(tmp_path / "d", ["train/a", "train/b", "test/a", "test/b"], 6)
    twin = (root / "train" / "a" / "0.png").read_bytes()
    for copy in ("a/again.png", "b/wrong.png"):
        (root / "test" / copy).write_bytes(twin)
    profile = _prepare(root, tmp_path).profile
    assert profile.duplicates_across_splits["count"] == profile.duplicate_count
    found = {b for _, b in profile.duplicates}
    assert {"test/a/again.png", "test/b/wrong.png"} <= found
    assert any("under a different class" in note for note in profile.notes)


def test_class_folders_whose_names_are_no_text_stay_apart(
    tmp_path: Path, images: Images
) -> None:
    root = images({"a": 4, "b": 4})
    for old, new in (("a", b"caf\xe8"), ("b", b"caf\xe9")):
        (root / old).rename(os.fsdecode(os.fsencode(root) + b"/" + new))
    data = _prepare(root, tmp_path)
    assert data.spec.classes == (r"caf\xe8", r"caf\xe9")


def test_folders_have_no_order_in_time(
    images: Images, assert_sentence: Callable[[object], str]
) -> None:
    root = images({"a": 9, "b": 9})
    with pytest.raises(DataError, match="no order in time") as caught:
        inspect(DataOptions(str(root), split="time"))
    assert_sentence(caught.value)
