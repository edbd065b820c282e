"""What is told of data that has been read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from automl_datasets.findings import shared_groups, skipped_for, thin_classes
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare

Images = Callable[..., Path]


def test_groups_in_several_splits_are_counted_and_not_named() -> None:
    splits = np.array(["train", "val", "test", "test"])
    (note,) = shared_groups(["Privatus", "Ignota", "Privatus", "Nemo"], splits)
    assert "1 group of 3 occur in several" in note
    assert "(train, test)" in note
    assert "Privatus" not in note
    assert shared_groups(["a", "b", "c", "c"], splits) == []
    assert shared_groups(None, splits) == []


def test_the_commonest_reasons_of_skipping_are_told() -> None:
    reasons = ["empty"] * 4 + ["broken."] * 3 + ["no image"] * 2 + ["odd", "far"]
    told = skipped_for([(f"{i}.png", reason) for i, reason in enumerate(reasons)])
    assert told == "empty (4); broken (3); no image (2); other reasons (2)"


def test_classes_without_any_sample_are_told_once() -> None:
    names = [f"c{i}" for i in range(8)]
    nowhere = dict.fromkeys(names, 0)
    counts = {split: nowhere | {"c0": 3, "c7": 2} for split in ("train", "val")}
    counts["test"] = nowhere | {"c0": 1}
    assert thin_classes(counts) == [
        "No split has a sample of 'c1', 'c2', 'c3', 'c4', 'c5' and 1 other.",
        "The test split has no sample of 'c7'.",
    ]


def test_what_was_skipped_is_told_with_its_reason(
    tmp_path: Path, images: Images
) -> None:
    options = DataOptions(str(images({"a": 9, "b": 9}, a=2)))
    notes = prepare(options, tmp_path / "out").profile.notes
    assert "2 entries skipped: empty file (2)." in notes
    problems = inspect(options).problems
    assert "2 entries cannot be used: empty file (2)." in problems
