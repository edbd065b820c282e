"""Tables of values alone are samples to predict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from automl.export.unlabelled import read_unlabelled
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.sources.value_rows import value_rows
from automl_datasets.spec import DataSpec

ROWS, SIDE = 24, 8


def images() -> np.ndarray:
    generator = np.random.default_rng(3)
    return generator.integers(0, 256, (ROWS, SIDE * SIDE), "uint8")


def write(file: Path, values: np.ndarray, first: str | None, *, head: str) -> None:
    """Write rows of numbers, beside a first column of labels where one is named."""
    names = ([] if first is None else [first]) + [
        f"{head}{i}" for i in range(values.shape[1])
    ]
    rows = [",".join(names)]
    for place, row in enumerate(values.tolist()):
        label = [] if first is None else ["ab"[place % 2]]
        rows.append(",".join([*label, *map(str, row)]))
    file.write_text("\n".join(rows), "utf-8")


def predicted(file: Path, spec: DataSpec) -> tuple[dict[str, np.ndarray], list[str]]:
    refused: list[str] = []
    found = read_unlabelled([file], spec, lambda name, error: refused.append(name))
    return dict(found), refused


def test_pixels_without_a_label_are_images(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", images(), "label", head="pixel")
    spec = prepare(DataOptions(str(tmp_path / "train.csv")), tmp_path / "run").spec
    file = tmp_path / "to_predict.csv"
    write(file, images(), None, head="pixel")
    found, refused = predicted(file, spec)
    assert refused == []
    assert list(found)[:2] == [f"{file}[0]", f"{file}[1]"]
    read = np.stack(list(found.values())).reshape(ROWS, -1)
    assert (read == images()).all()


@pytest.mark.parametrize("labelled", [True, False])
def test_series_are_read_whole_with_or_without_a_label(
    labelled: bool, tmp_path: Path
) -> None:
    values = np.random.default_rng(5).normal(size=(ROWS, 20)).round(3)
    write(tmp_path / "train.csv", values, "label", head="t")
    spec = prepare(DataOptions(str(tmp_path / "train.csv")), tmp_path / "run").spec
    assert spec.shape == (20, 1)
    file = tmp_path / "new.csv"
    write(file, values, "label" if labelled else None, head="t")
    found, refused = predicted(file, spec)
    assert refused == []
    read = np.stack(list(found.values()))[:, :, 0]
    np.testing.assert_allclose(read, values, rtol=1e-6)


def test_rows_that_are_no_samples_are_refused_one_by_one(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", images(), "label", head="pixel")
    spec = prepare(DataOptions(str(tmp_path / "train.csv")), tmp_path / "run").spec
    file = tmp_path / "new.csv"
    values = images().astype("int64")
    values[1, 0] = 999
    write(file, values, None, head="pixel")
    found, refused = predicted(file, spec)
    assert (len(found), refused) == (ROWS - 1, [f"{file}[1]"])


@pytest.mark.parametrize("name", ["id", "label", "time"])
def test_a_column_that_is_no_value_is_not_taken_for_one(
    name: str, tmp_path: Path
) -> None:
    values = np.random.default_rng(5).normal(size=(ROWS, 20)).round(3)
    write(tmp_path / "train.csv", values, "label", head="t")
    spec = prepare(DataOptions(str(tmp_path / "train.csv")), tmp_path / "run").spec
    file = tmp_path / "new.csv"
    write(file, values, None, head="t")
    text = file.read_text("utf-8")
    assert len(value_rows(file, spec)) == ROWS
    file.write_text(text.replace("t0,", f"{name},", 1), "utf-8")
    assert value_rows(file, spec) == []
