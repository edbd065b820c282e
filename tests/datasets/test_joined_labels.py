"""Labels of several kinds in one cell, and of True and False in several columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from automl_datasets.errors import DataError
from automl_datasets.inputs import labelled
from automl_datasets.inspection import inspect
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.targets import Targets, decide
from tests.datasets.csv_tables import save

Sentence = Callable[[object], str]
LABELS = ("comedy", "crime", "drama", "love", "war")
PAIRS = [*combinations(LABELS, 2)]


def _decide(columns: dict[str, Any], **options: Any) -> Targets:
    return decide(columns, DataOptions("a.csv", **options), source="a.csv")


def _cells(joining: str) -> list[str]:
    return [joining.join(pair) for pair in PAIRS] * 2 + list(LABELS)


@pytest.mark.parametrize("joining", [",", ", ", " ", "  ", "|", "; "])
def test_labels_are_taken_apart_where_that_is_asked_for(joining: str) -> None:
    targets = _decide({"tags": _cells(joining)}, task="multilabel")
    assert targets.classes == LABELS
    assert targets.values[0] == (1.0, 1.0, 0.0, 0.0, 0.0)
    assert targets.values[-1] == (0.0, 0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (["sci fi", "war", "sci fi"], ("sci fi", "war")),
        (["big cat", "small cat", "big dog", "small dog"], None),
        (["sci fi|war", "war, old|sci fi", "war, old"], ("sci fi", "war", "war, old")),
        (["a, b", "b, a", "c d"], ("a", "b", "c d")),
    ],
)
def test_names_of_several_words_stay_whole(
    cells: Sequence[str], classes: tuple[str, ...] | None
) -> None:
    targets = _decide({"tags": [*cells] * 3}, task="multilabel")
    assert targets.classes == (classes or tuple(sorted(cells)))


@pytest.mark.parametrize(("joining", "word"), [(", ", "commas"), (" ", "blanks")])
def test_labels_that_may_be_joined_are_pointed_out(
    joining: str, word: str, assert_sentence: Sentence
) -> None:
    targets = _decide({"tags": _cells(joining)})
    assert (targets.task, len(targets.classes)) == ("classification", 15)
    note = assert_sentence(targets.notes[0])
    assert word in note
    assert "multilabel" in note


@pytest.mark.parametrize(
    "cells",
    [
        ["new york", "san diego", "los angeles"],
        ["Washington, D.C.", "Portland, Maine", "Salem, Oregon"],
        ["big cat", "small cat", "big dog", "small dog"],
        ["cat", "dog"],
    ],
)
def test_names_of_classes_are_not_pointed_out(cells: list[str]) -> None:
    assert _decide({"place": cells * 4}).notes == ()


@pytest.mark.parametrize("joining", [" ", ",", "|"])
def test_few_samples_to_score_on_are_taken_apart_as_the_known_ones(
    tmp_path: Path, joining: str
) -> None:
    cells = _cells(joining)
    texts = [f"some words about number {i}" for i in range(len(cells))]
    frame = pd.DataFrame({"text": texts, "tags": cells})
    path = save(tmp_path / "a.csv", frame)
    asked = DataOptions(str(path), task="multilabel", target="tags")
    spec = prepare(asked, tmp_path / "out").spec
    few = save(tmp_path / "few.csv", frame.iloc[:2])
    rows = [*labelled(DataOptions(str(few), target="tags"), spec)]
    assert rows[1][2] == (1.0, 0.0, 1.0, 0.0, 0.0)
    tested = DataOptions(
        str(path), test_data=str(few), task="multilabel", target="tags"
    )
    assert inspect(tested).samples["test"] == 2


@pytest.mark.parametrize("written", [str, lambda one: str(one).lower()])
@pytest.mark.parametrize("target", [None, "cat,dog,owl"])
def test_columns_of_true_and_false(
    tmp_path: Path, written: Callable[[bool], str], target: str | None
) -> None:
    frame = pd.DataFrame({"text": [f"some words about {i}" for i in range(24)]})
    for place, name in enumerate(("cat", "dog", "owl")):
        frame[name] = [written(i % 3 == place) for i in range(24)]
    path = save(tmp_path / "a.csv", frame)
    found = inspect(DataOptions(str(path), target=target))
    assert (found.task, found.classes) == ("classification", ("cat", "dog", "owl"))
    several = _decide({"cat": ["True", "False"], "dog": ["true", "true"]})
    assert several[:2] == ("multilabel", ("cat", "dog"))
    assert several.values == [(1.0, 1.0), (0.0, 1.0)]


def test_one_column_of_true_and_false_is_of_two_classes() -> None:
    assert _decide({"cat": ["True", "False"]}).classes == ("False", "True")


def test_true_and_false_beside_another_column_leave_a_doubt(
    tmp_path: Path, assert_sentence: Sentence
) -> None:
    frame = pd.DataFrame({"text": [f"some words about {i}" for i in range(24)]})
    frame["breed"] = list("abc") * 8
    frame["male"] = [i % 2 == 0 for i in range(24)]
    frame["young"] = [i % 5 == 0 for i in range(24)]
    with pytest.raises(DataError, match="not clear which column") as caught:
        inspect(DataOptions(str(save(tmp_path / "a.csv", frame))))
    assert_sentence(caught.value)
