"""Columns called `y`: a label, a coordinate of each step, or a target with `x`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from tests.datasets.csv_tables import read, save
from tests.datasets.folder_trees import inspected, note_with
from tests.datasets.forms import write_png

Sentence = Callable[[object], str]
COUNT = 24


def _steps(values: Sequence[str], label: str, ids: int = 8) -> pd.DataFrame:
    """Return series of six steps, whose label is the parity of their id."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"id": np.repeat(range(ids), 6), "time": [*range(6)] * ids})
    for name in values:
        frame[name] = rng.normal(size=6 * ids).round(3)
    return frame.assign(**{label: frame["id"] % 2})


@pytest.mark.parametrize(
    ("values", "label", "asked"),
    [
        ("xyz", "label", {}),
        ("xyz", "activity", {}),
        ("xyz", "activity", {"target": "activity"}),
        ("zy", "category", {}),
        ("y", "activity", {"target": "activity"}),
        (["x1", "y1", "x2", "y2"], "label", {}),
        (["x1", "y1", "x2", "y2"], "activity", {"target": "activity"}),
        (["x", "outcome"], "activity", {"target": "activity"}),
    ],
)
def test_coordinates_of_steps_are_values(
    tmp_path: Path, values: Sequence[str], label: str, asked: dict[str, str]
) -> None:
    frame = _steps(values, label)
    scan, _, arrays = read(save(tmp_path / "a.csv", frame), **asked)
    assert scan.classes == ("0", "1")
    expected = frame.loc[frame["id"] == 2, list(values)].to_numpy()
    assert np.allclose(arrays[2], expected, atol=1e-6)


@pytest.mark.parametrize("values", [["x"], ["x", "z"], ["value"]])
def test_y_that_stays_the_same_within_series_is_a_label(
    tmp_path: Path, values: list[str]
) -> None:
    frame = _steps(values, "y")
    frame.loc[0, "y"] = 1  # one spoilt series makes no coordinate of it
    scan, _, arrays = read(save(tmp_path / "a.csv", frame))
    assert (scan.classes, len(scan.samples)) == (("0", "1"), 7)
    assert arrays[0].shape == (6, len(values))


def test_codes_of_a_target_that_is_asked_for_are_no_value(tmp_path: Path) -> None:
    frame = _steps(["x"], "label").assign(kind=["walk", "run"] * 24)
    frame["kind"] = frame["label"].map({0: "walk", 1: "run"})
    _, _, arrays = read(save(tmp_path / "a.csv", frame), target="kind")
    assert arrays[0].shape == (6, 1)


@pytest.mark.parametrize("target", [None, "activity"])
def test_y_is_a_value_of_series_that_are_asked_for(
    tmp_path: Path, target: str | None
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(COUNT, 3)), columns=list("xyz"))
    label = target or "category"
    path = save(tmp_path / "a.csv", frame.assign(**{label: list("ab") * 12}))
    options = DataOptions(str(path), kind="series", target=target)
    assert inspect(options).shape == (3, 1)


def _points(folder: Path, header: str, rows: Sequence[str]) -> Path:
    for i in range(COUNT):
        write_png(folder / f"{i}.png", i)
    lines = [f"{i}.png,{row}" for i, row in enumerate(rows)]
    (folder / "a.csv").write_text("\n".join([f"path,{header}", *lines]))
    return folder / "a.csv"


def test_points_of_images_are_targets(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    rows = [f"{i}.5,{3 * i},{i % 4}" for i in range(COUNT)]
    found = inspected(_points(tmp_path, "x,y,age", rows))
    assert (found.task, found.targets) == ("regression", ("x", "y"))
    assert_sentence(note_with("coordinates x, y", found.notes))
    assert note_with("not used", found.notes) == "Columns not used: 'age'."


def test_points_beside_a_label_are_not_used(tmp_path: Path) -> None:
    rows = [f"{i}.5,{i}.25,{'ab'[i % 2]}" for i in range(COUNT)]
    found = inspected(_points(tmp_path, "x,y,category", rows))
    assert found.classes == ("a", "b")
    note_with("Columns not used: 'x', 'y'.", found.notes)


@pytest.mark.parametrize(
    ("row", "asked"),
    [("{i}.5,{two}", {}), ("{i},{i}", {"task": "classification"}), ("a{i},{i}.5", {})],
)
def test_y_alone_where_x_is_no_coordinate(
    tmp_path: Path, row: str, asked: dict[str, str]
) -> None:
    rows = [row.format(i=i, two=i % 2) for i in range(COUNT)]
    path = _points(tmp_path, "x,y", rows)
    found = inspect(DataOptions(str(path), **asked))  # type: ignore[arg-type]
    assert found.targets in ((), ("y",))
    note_with("Columns not used: 'x'.", found.notes)


def test_steps_without_a_label_are_refused(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    frame = _steps(["x", "y"], "label").drop(columns="label")
    with pytest.raises(DataError, match="not clear which column") as caught:
        read(save(tmp_path / "a.csv", frame))
    assert_sentence(caught.value)
