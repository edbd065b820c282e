"""From a request to samples: what is scored, what targets mean, what one class is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_datasets import survey as module
from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources import Sample, Scan
from automl_datasets.survey import evaluation_samples, retarget, survey
from tests.datasets.csv_tables import save, texts
from tests.datasets.forms import noise, write_png

Sentence = Callable[[object], str]


def _splits(folder: Path) -> dict[str, Path]:
    """Write tables of texts: 24 to train, 8 to validate, 6 to test."""
    counts = {"train": 24, "val": 8, "test": 6}
    return {
        split: save(folder / f"{split}.csv", texts(count))
        for split, count in counts.items()
    }


@pytest.mark.parametrize(("split", "count"), [("train", 24), ("val", 8), ("test", 6)])
def test_the_file_that_is_named_is_scored(
    tmp_path: Path, split: str, count: int
) -> None:
    files = _splits(tmp_path)
    spec = prepare(DataOptions(str(files["train"])), tmp_path / "out").spec
    data = labelled(DataOptions(str(files[split])), spec)
    assert [sample.name for sample in data.samples] == [
        f"{split}.csv[{i}]" for i in range(count)
    ]


def test_test_data_is_the_file_that_is_named(tmp_path: Path) -> None:
    files = _splits(tmp_path)
    options = DataOptions(str(files["train"]), test_data=str(files["val"]))
    samples = survey(options).scan.samples
    names = {s.name for s in samples if s.split == "test"}
    assert names == {f"val.csv[{i}]" for i in range(8)}
    assert not names & {s.name for s in samples if s.split != "test"}


def test_a_table_of_paths_that_is_named_is_scored(tmp_path: Path) -> None:
    for place in range(12):
        write_png(tmp_path / f"{place}.png", place)
    for split, places in (("train", range(8)), ("test", range(8, 12))):
        rows = [f"{place}.png,{'ab'[place % 2]}" for place in places]
        (tmp_path / f"{split}.csv").write_text("\n".join(["path,label", *rows]))
    asked = DataOptions(str(tmp_path / "train.csv"))
    spec = prepare(asked, tmp_path / "out").spec
    assert (spec.num_train + spec.num_val, spec.num_test) == (8, 4)
    assert len(labelled(asked, spec).samples) == 8
    other = DataOptions(str(tmp_path / "test.csv"))
    assert len(labelled(other, spec).samples) == 4


def test_of_a_file_of_several_splits_the_test_split_is_scored(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(
        path,
        x_train=noise(0, 8, 6, 6),
        y_train=np.arange(8) % 2,
        x_test=noise(1, 4, 6, 6),
        y_test=np.arange(4) % 2,
    )
    scan = survey(DataOptions(str(path))).scan
    assert {s.split for s in evaluation_samples(scan, path)} == {"test"}


def _regression(*names: str) -> Scan:
    values = tuple(float(len(name)) for name in names)
    sample = Sample("x", values, None, "/x")
    return Scan("image", (), (sample,), task="regression", targets=names)


def test_targets_are_brought_into_the_known_order() -> None:
    scan, known = _regression("weight", "age"), _regression("age", "weight")
    (sample,) = retarget(scan.samples, scan, known, Path("d"))
    assert sample.target == (3.0, 6.0)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("age",), "lacks the target 'weight'"),
        (("age", "weight", "dose"), "holds the target 'dose'"),
    ],
)
def test_other_targets_are_refused(
    assert_sentence: Sentence, given: tuple[str, ...], reason: str
) -> None:
    scan, known = _regression(*given), _regression("age", "weight")
    with pytest.raises(DataError, match=reason) as caught:
        retarget(scan.samples, scan, known, Path("d"))
    assert_sentence(caught.value)


def test_labels_that_nobody_has_may_be_absent() -> None:
    sample = Sample("x", (1.0, 0.0), None, "/x")
    scan = Scan("image", ("red", "odd"), (sample,), task="multilabel")
    known = replace(scan, classes=("big", "red"))
    (found,) = retarget(scan.samples, scan, known, Path("d"))
    assert found.target == (0.0, 1.0)


@pytest.mark.parametrize("label", [".", "..", "/"])
@pytest.mark.parametrize("given", ["d", "d/labels.csv"])
def test_a_label_is_no_path(
    tmp_path: Path, assert_sentence: Sentence, label: str, given: str
) -> None:
    (tmp_path / "d").mkdir()
    for i in range(6):
        write_png(tmp_path / "d" / f"{i}.png", i)
    rows = [f"{i}.png,{label}" for i in range(6)]
    (tmp_path / "d" / "labels.csv").write_text("\n".join(["path,label", *rows]))
    with pytest.raises(DataError, match="one class only") as caught:
        survey(DataOptions(str(tmp_path / given)))
    assert "which holds them" not in assert_sentence(caught.value)


def test_what_the_system_does_not_let_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assert_sentence: Sentence
) -> None:
    def forbidden(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(module, "recognise", forbidden)
    with pytest.raises(DataError, match=r"read .*Permission denied") as caught:
        prepare(DataOptions(str(tmp_path)), tmp_path / "out")
    assert "written" not in assert_sentence(caught.value)
