"""A model reads those columns of a table that it was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl.export.unlabelled import read_unlabelled
from automl_datasets.inputs import labelled
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.spec import DataSpec
from tests.datasets.csv_tables import save

COUNT = 40


def _articles() -> pd.DataFrame:
    """Return headlines of few words beside addresses of many characters."""
    address = "https://www.example.com/some/long/address/of/an/article"
    return pd.DataFrame(
        {
            "article_link": [f"{address}-{i}/entry.html" for i in range(COUNT)],
            "headline": [f"short head line {i}" for i in range(COUNT)],
            "is_sarcastic": [i % 2 for i in range(COUNT)],
        }
    )


def _predicted(path: Path, spec: DataSpec) -> list[str]:
    refused: list[str] = []
    found = read_unlabelled([path], spec, lambda name, error: refused.append(name))
    texts = [str(array) for _, array in found]
    assert refused == []
    return texts


def _prepared(folder: Path, frame: pd.DataFrame, **asked: str) -> DataSpec:
    path = save(folder / "train.csv", frame)
    return prepare(DataOptions(str(path), **asked), folder / "out").spec  # type: ignore[arg-type]


@pytest.mark.parametrize("dropped", [[], ["is_sarcastic"]])
def test_texts_are_read_from_the_column_of_the_training(
    tmp_path: Path, dropped: Sequence[str]
) -> None:
    frame = _articles()
    spec = _prepared(tmp_path, frame)
    assert spec.preprocessing["columns"] == ["headline"]
    path = save(tmp_path / "new.csv", frame.drop(columns=dropped))
    assert _predicted(path, spec) == frame["headline"].to_list()


def test_the_column_with_most_text_where_the_known_one_is_not_there(
    tmp_path: Path,
) -> None:
    frame = _articles()
    spec = _prepared(tmp_path, frame)
    renamed = frame.rename(columns={"headline": "title"})
    path = save(tmp_path / "new.csv", renamed)
    assert _predicted(path, spec) == frame["article_link"].to_list()


def test_a_run_that_recorded_no_columns_reads_those_with_most_text(
    tmp_path: Path,
) -> None:
    frame = _articles()
    spec = _prepared(tmp_path, frame)
    record = {k: v for k, v in spec.preprocessing.items() if k != "columns"}
    path = tmp_path / "train.csv"
    old = replace(spec, preprocessing=record)
    assert _predicted(path, old) == frame["article_link"].to_list()


def test_texts_without_a_header_have_no_names_to_record(tmp_path: Path) -> None:
    path = save(tmp_path / "a.csv", _articles().iloc[:, 1:], header=False)
    spec = prepare(DataOptions(str(path)), tmp_path / "out").spec
    assert "columns" not in spec.preprocessing


def test_texts_to_score_on_come_from_the_same_column(tmp_path: Path) -> None:
    frame = _articles()
    spec = _prepared(tmp_path, frame)
    longer = frame.assign(
        body=[f"many words more {'word ' * 20}{i}" for i in range(40)]
    )
    path = save(tmp_path / "new.csv", longer)
    rows = labelled(DataOptions(str(path), target="is_sarcastic"), spec)
    assert [str(array) for _, array, _ in rows] == frame["headline"].to_list()


@pytest.mark.parametrize("more", [[], ["pressure"]])
def test_values_of_steps_come_from_the_same_columns(
    tmp_path: Path, more: Sequence[str]
) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"id": np.repeat(range(20), 6), "time": [*range(6)] * 20})
    for name in ("b", "a", *more):
        frame[name] = rng.normal(size=120).round(3)
    frame["activity"] = np.where(frame["id"] % 2, "walk", "run")
    trained = frame.drop(columns=list(more))
    spec = _prepared(tmp_path, trained, target="activity")
    assert spec.preprocessing["columns"] == ["b", "a"]
    path = save(
        tmp_path / "new.csv", frame[["a", *more, "b", "id", "time", "activity"]]
    )
    _, first, _ = next(iter(labelled(DataOptions(str(path), target="activity"), spec)))
    assert np.allclose(first, frame.loc[frame["id"] == 0, ["b", "a"]], atol=1e-6)


def test_columns_to_read_are_no_part_of_a_request() -> None:
    options = DataOptions("/data", columns=("headline",))
    assert DataOptions.from_json(options.to_json()).columns == ()
