"""Labels of -1 and 1."""

from __future__ import annotations

from pathlib import Path

from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.targets import decide
from tests.datasets.forms import write_png

COLUMNS = {"smiling": ["-1", "1", "1"], "young": ["1", "1", "1"]}


def test_several_columns_are_labels() -> None:
    found = decide(COLUMNS, DataOptions("a.csv"), source="a.csv")
    assert (found.task, found.classes) == ("multilabel", ("smiling", "young"))
    assert found.values == [(0.0, 1.0), (1.0, 1.0), (1.0, 1.0)]
    exclusive = {"a": [-1, 1, -1], "b": [1, -1, 1]}
    found = decide(exclusive, DataOptions("a.npz"), source="a.npz")
    assert (found.task, found.values) == ("classification", [1, 0, 1])


def test_one_column_is_two_classes() -> None:
    found = decide({"y": ["-1", "1", "1"]}, DataOptions("a.csv"), source="a.csv")
    assert (found.task, found.classes) == ("classification", ("-1", "1"))


def test_regression_keeps_the_numbers() -> None:
    options = DataOptions("a.csv", task="regression")
    assert decide(COLUMNS, options, source="a.csv").values[0] == (-1.0, 1.0)
    spread = {"a": ["-1", "0"], "b": ["1", "1"]}
    assert decide(spread, DataOptions("a.csv"), source="a.csv").task == "regression"


def test_all_columns_of_a_table_of_signs_are_labels(tmp_path: Path) -> None:
    for i in range(24):
        write_png(tmp_path / f"{i}.png", i)
    rows = [f"{i}.png,{2 * (i % 2) - 1},{2 * (i // 2 % 2) - 1}" for i in range(24)]
    path = tmp_path / "about.csv"
    path.write_text("\n".join(["path,smiling,young", *rows]))
    found = inspect(DataOptions(str(path)))
    assert (found.task, found.classes) == ("multilabel", ("smiling", "young"))
    rows = [f"some words of {row}".replace(".png", " here") for row in rows]
    path.write_text("\n".join(["text,smiling,young", *rows]))
    assert inspect(DataOptions(str(path))).classes == ("smiling", "young")
