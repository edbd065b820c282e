"""Splits in `.npz` files: as arrays or as archives, their groups and targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from tests.datasets.forms import noise
from tests.datasets.npz_files import LABELS, Save, prepare_npz


@pytest.mark.parametrize(
    ("inputs", "labels"),
    [("x_{}", "y_{}"), ("{}_images", "{}_labels"), ("X_{}", "Y_{}")],
)
def test_given_splits_are_kept(
    tmp_path: Path, save_npz: Save, inputs: str, labels: str
) -> None:
    arrays: dict[str, Any] = {}
    for i, split in enumerate(("train", "val", "test")):
        arrays[inputs.format(split)] = noise(i, 10 + i, 6, 6)
        arrays[labels.format(split)] = (np.arange(10 + i) % 2)[:, None]
    data = prepare_npz(save_npz(**arrays), tmp_path)
    assert (data.spec.num_train, data.spec.num_val, data.spec.num_test) == (10, 11, 12)
    assert np.array_equal(data.split("test").inputs[..., 0], noise(2, 12, 6, 6))
    assert data.split("test").names[3] == inputs.format("test") + "[3]"


@pytest.mark.parametrize(
    ("train", "val"), [("train", "validation"), ("training", "dev"), ("train", "Valid")]
)
def test_splits_by_all_their_words(
    tmp_path: Path, save_npz: Save, train: str, val: str
) -> None:
    arrays: dict[str, Any] = {}
    for split, count in {train: 12, val: 10, "test": 8}.items():
        arrays[f"x_{split}"] = noise(count, count, 6, 6)
        arrays[f"y_{split}"] = np.arange(count) % 2
        arrays[f"age_{split}"] = np.arange(count) / 3
    path = save_npz(**arrays, x_unlabeled=noise(1, 5, 6, 6))
    found = inspect(DataOptions(str(path)))
    assert found.samples == {"train": 12, "val": 10, "test": 8}
    ages = [f"age_{split}" for split in (train, val, "test")]
    note = f"Arrays not used: {', '.join(map(repr, [*ages, 'x_unlabeled']))}."
    assert note in found.notes
    asked = inspect(DataOptions(str(path), target="age"))
    assert asked.samples == found.samples
    assert asked.task == "regression"


def test_arrays_that_are_used_are_not_told(save_npz: Save) -> None:
    arrays = _scans(classes=["cat", "dog"])
    options = DataOptions(str(save_npz(**arrays)), group="scan")
    assert not any("not used" in note for note in inspect(options).notes)


def _scans(**more: Any) -> dict[str, Any]:
    """Return arrays of two splits, three samples a scan."""
    return {
        "x_train": noise(0, 24, 6, 6),
        "x_test": noise(1, 12, 6, 6),
        "y_train": np.arange(24) % 2,
        "y_test": np.arange(12) % 2,
        "scan_train": np.arange(24) // 3,
        "scan_test": np.arange(12) // 3 + 100,
        **more,
    }


def test_groups_come_from_an_array_for_each_split(
    tmp_path: Path, save_npz: Save
) -> None:
    source = str(save_npz(**_scans()))
    data = prepare(DataOptions(source, group="scan"), tmp_path / "out")
    train, val, test = (data.split(s).groups or [] for s in ("train", "val", "test"))
    # Numbered by their names: 0, 1, 100, 101, 102, 103, 2 ...
    assert test == [2 + i // 3 for i in range(12)]
    assert train
    assert val
    assert not set(train) & set(val)
    assert Counter(train + val) == Counter(3 * [0, 1, *range(6, 12)])
    again = prepare(DataOptions(source, group="scan_train"), tmp_path / "again")
    assert again.split("test").groups == test


@pytest.mark.parametrize(
    ("more", "group", "reason"),
    [
        ({"scan_test": np.arange(5)}, "scan", "one group for each of 12"),
        ({}, "patient", "no array 'patient_train'"),
    ],
)
def test_groups_that_do_not_fit_are_refused(
    save_npz: Save,
    more: dict[str, Any],
    group: str,
    reason: str,
    assert_sentence: Callable[[object], str],
) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        inspect(DataOptions(str(save_npz(**_scans(**more))), group=group))
    assert_sentence(caught.value)


def test_regression_of_a_named_array_of_each_split(
    tmp_path: Path, save_npz: Save
) -> None:
    train, test = np.arange(24) / 7, np.arange(12) / 7 + 50
    path = save_npz(**_scans(age_train=train, age_test=test))
    data = prepare(DataOptions(str(path), target="age"), tmp_path / "out")
    assert (data.spec.task, data.spec.targets) == ("regression", ("age",))
    assert np.allclose(data.split("test").targets[:, 0], test)
    kept = np.concatenate([data.split(s).targets[:, 0] for s in ("train", "val")])
    assert np.allclose(np.sort(kept), train)


def test_rows_of_zeros_and_ones_are_labels(tmp_path: Path, save_npz: Save) -> None:
    train = np.array([[1, 0, 1], [1, 1, 0], [0, 0, 0], [0, 1, 1]] * 6)
    names = np.array(["cat", "dog", "owl"])
    path = save_npz(**_scans(y_train=train, y_test=train[:12], classes=names))
    data = prepare_npz(path, tmp_path)
    assert (data.spec.task, data.spec.classes) == ("multilabel", ("cat", "dog", "owl"))
    assert np.array_equal(data.split("test").targets, train[:12].astype(np.float32))


def test_rows_of_numbers_are_several_targets(tmp_path: Path, save_npz: Save) -> None:
    train = np.random.default_rng(0).random((24, 2))
    data = prepare_npz(
        save_npz(**_scans(y_train=train, y_test=train[:12] + 3)), tmp_path
    )
    assert (data.spec.task, len(data.spec.targets)) == ("regression", 2)
    assert np.allclose(data.split("test").targets, train[:12] + 3)


def _save_splits(folder: Path, **more: Any) -> None:
    for split, count in {"TRAIN": 12, "TEST": 8}.items():
        x, y = noise(count, count, 6, 6), np.arange(count) % 2
        np.savez(folder / f"Toy_{split}.npz", x=x, y=y, **more)


@pytest.mark.parametrize("given", ["Toy_TEST.npz", "Toy_TRAIN.npz", "."])
def test_splits_in_archives_of_their_own(tmp_path: Path, given: str) -> None:
    folder = tmp_path / "toy"
    folder.mkdir()
    _save_splits(folder)
    data = prepare_npz(folder / given, tmp_path)
    assert data.spec.num_train + data.spec.num_val == 12
    assert np.array_equal(data.split("test").inputs[..., 0], noise(8, 8, 6, 6))
    assert data.split("test").names[3] == "Toy_TEST.npz[3]"


def test_a_test_archive_without_labels_is_told_and_left(tmp_path: Path) -> None:
    _save_splits(tmp_path)
    np.savez(tmp_path / "Toy_TEST.npz", x=noise(8, 8, 6, 6))
    found = inspect(DataOptions(str(tmp_path / "Toy_TRAIN.npz")))
    assert sum(found.samples.values()) == 12
    assert any("Toy_TEST.npz" in note and "`y`" in note for note in found.notes)


def test_an_archive_with_splits_of_its_own_is_alone(tmp_path: Path) -> None:
    _save_splits(tmp_path)
    splits = {f"{name}_{s}": v for s in ("train", "test") for name, v in _xy().items()}
    np.savez(tmp_path / "Toy_TRAIN.npz", **splits)
    found = inspect(DataOptions(str(tmp_path / "Toy_TRAIN.npz")))
    assert (found.samples["train"] + found.samples["val"], found.samples["test"]) == (
        20,
        20,
    )


def _xy() -> dict[str, Any]:
    return {"x": noise(0, 20, 6, 6), "y": LABELS}


def test_groups_of_archives_of_their_own(tmp_path: Path) -> None:
    for split in ("train", "test"):
        scans = np.repeat(np.arange(5), 4) + 10 * (split == "test")
        np.savez(tmp_path / f"{split}.npz", scan=scans, **_xy())
    options = DataOptions(str(tmp_path), group="scan")
    groups = prepare(options, tmp_path / "out").split("test").groups
    assert set(groups or ()) == {2, 3, 4, 5, 6}  # by name: 0, 1, 10 to 14, 2, 3, 4


def test_the_only_archive_of_a_folder_is_its_data(tmp_path: Path) -> None:
    np.savez(tmp_path / "scans.npz", **_xy())
    (tmp_path / "README.txt").write_text("About it")
    assert inspect(DataOptions(str(tmp_path))).kind == "image"
    (tmp_path / "cat").mkdir()
    with pytest.raises(DataError):
        inspect(DataOptions(str(tmp_path)))
