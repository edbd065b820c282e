"""What labels mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.target_columns import unlabelled
from automl_datasets.targets import Targets, decide

NAN = float("nan")


def _decide(
    columns: dict[str, Any], *, order: Sequence[str] | None = None, **options: Any
) -> Targets:
    return decide(columns, DataOptions("a.csv", **options), source="a.csv", order=order)


@pytest.mark.parametrize(
    ("labels", "classes", "values"),
    [
        (["dog", "cat", "dog"], ("cat", "dog"), [1, 0, 1]),
        (["10", "9", "-1"], ("-1", "9", "10"), [2, 1, 0]),
        (["1.0", "2.0", "1.0"], ("1", "2"), [0, 1, 0]),
        (["0.000000e+00", "2e1", "+3."], ("0", "3", "20"), [0, 2, 1]),
        (["007", "7", "10"], ("7", "007", "10"), [1, 0, 2]),
        ([3, 1, 3], ("1", "3"), [1, 0, 1]),
        ([True, False], ("False", "True"), [1, 0]),
        (np.eye(3), ("0", "1", "2"), [0, 1, 2]),
        (["a|b", "c"], ("a|b", "c"), [0, 1]),
        ([" größe ", "<b>"], ("<b>", "größe"), [1, 0]),
        (["nan", "x"], ("nan", "x"), [0, 1]),
    ],
)
def test_classes(labels: Any, classes: tuple[str, ...], values: list[int]) -> None:
    targets = _decide({"label": labels})
    assert targets.task == "classification"
    assert (targets.classes, targets.values) == (classes, values)


def test_order_is_kept() -> None:
    targets = _decide({"y": ["1", "-1", "1"]}, order=["1", "-1", "0"])
    assert targets[:4] == ("classification", ("1", "-1", "0"), (), [0, 1, 0])
    named = _decide({"y": np.array([1, 0])}, order=["zebra", "ant"])
    assert named[:4] == ("classification", ("zebra", "ant"), (), [1, 0])
    with pytest.raises(DataError, match="'2'"):
        _decide({"y": ["1", "2"]}, order=["1", "-1"])


def test_joined_labels() -> None:
    targets = _decide({"tags": ["a|b", "", "b", "c|a", "c"]})
    assert targets.task == "multilabel"
    assert targets.classes == ("a", "b", "c")
    assert targets.values[0] == (1.0, 1.0, 0.0)
    assert targets.values[1] == (0.0, 0.0, 0.0)
    assert any("any number of the 3 labels" in note for note in targets.notes)
    assert _decide({"tags": ["a;b", "b;a", "a"]}).classes == ("a", "b")


def test_columns_of_flags() -> None:
    targets = _decide({"cat": ["1", "0", "1"], "dog": ["1", "0", "0"]})
    assert targets[:3] == ("multilabel", ("cat", "dog"), ())
    assert targets.values == [(1.0, 1.0), (0.0, 0.0), (1.0, 0.0)]
    exclusive: dict[str, Any] = {"cat": [1, 0], "dog": [0, 1]}
    assert _decide(exclusive)[:4] == ("classification", ("cat", "dog"), (), [0, 1])
    assert _decide(exclusive, task="multilabel").values == [(1.0, 0.0), (0.0, 1.0)]


def test_rows_of_flags() -> None:
    rows = np.array([[1, 1, 0], [0, 0, 0], [0, 1, 1]], np.uint8)
    assert _decide({"y": rows}).classes == ("y 0", "y 1", "y 2")
    assert _decide({"y": rows}, order=["a", "b", "c"]).classes == ("a", "b", "c")


@pytest.mark.parametrize(
    ("labels", "task"),
    [
        (np.linspace(0, 1, 50), "regression"),
        (["0.5", "1", "2"], "regression"),
        (np.arange(200), "regression"),
        (np.arange(200) % 15, "classification"),
        (np.arange(2000) % 50, "classification"),
        (np.arange(200) % 50, "classification"),
        ([f"{i}.0" for i in np.arange(200) % 40 + 1], "classification"),
        (np.arange(200) % 50 + 2, "regression"),
        (np.arange(200) % 50 * 2, "regression"),
        (np.r_[np.arange(200) % 50, np.zeros(8)], "regression"),
        (np.r_[np.arange(200) % 50, 50], "regression"),
        ([f"class {i}" for i in range(200)], "classification"),
    ],
)
def test_numbers(labels: Any, task: str) -> None:
    assert _decide({"y": labels}).task == task


def test_codes_of_many_classes_are_said_to_be_some(
    assert_sentence: Callable[[object], str],
) -> None:
    faces = _decide({"person": np.repeat(np.arange(40), 10)})
    assert (faces.classes[0], len(faces.classes)) == ("0", 40)
    (note,) = faces.notes
    assert "0 to 39" in assert_sentence(note)
    assert _decide({"person": np.arange(200) % 15}).notes == ()
    assert _decide({"y": np.arange(80) % 40}, task="regression").notes == ()


@pytest.mark.parametrize("seed", range(20))
def test_ages_are_measured(seed: int) -> None:
    generator = np.random.default_rng(seed)
    for ages in (
        generator.integers(1, 31, 300),
        np.clip(generator.normal(40, 12, 1000).round(), 0, 90),
    ):
        assert _decide({"age": ages}).task == "regression"


def test_several_targets() -> None:
    targets = _decide({"x": [1.5, 2], "y": [0, 3.25]})
    assert targets[:4] == ("regression", (), ("x", "y"), [(1.5, 0.0), (2.0, 3.25)])
    assert _decide({"y": np.ones((2, 2)) / 2}).names == ("y 0", "y 1")


def test_user_decides() -> None:
    columns = {"age": ["3", "4"], "animal": ["cat", "dog"]}
    assert _decide(columns, target="animal").classes == ("cat", "dog")
    assert _decide(columns, target="age", task="regression").values == [(3.0,), (4.0,)]


@pytest.mark.parametrize(
    ("columns", "options", "reason"),
    [
        ({"label": [1]}, {"target": "labl"}, "no column 'labl'.*nearest is 'label'"),
        ({"label": [1]}, {"target": "zzz"}, "has 'label'; name one of these"),
        ({"label": ["a"]}, {"task": "regression"}, "not all numbers"),
        ({"label": [0.5]}, {"task": "classification"}, "holds? 0.5, which is no class"),
        ({"label": [NAN, 1.5]}, {}, "NaN or infinite"),
        ({"a": ["x"], "b": ["y"]}, {}, "'a', 'b' in a.csv are not one class"),
        ({"a": ["x"], "b": ["y"]}, {"task": "multilabel"}, "give 0 or 1 in each"),
        ({"a": np.zeros((2, 3, 3))}, {}, "have shape"),
    ],
)
def test_what_cannot_be_used_is_refused(
    columns: dict[str, Any],
    options: dict[str, Any],
    reason: str,
    assert_sentence: Callable[[object], str],
) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        _decide(columns, **options)
    assert "a.csv" in assert_sentence(caught.value)


def test_missing_labels() -> None:
    def places(values: list[Any], **options: Any) -> list[int]:
        return unlabelled({"y": values}, DataOptions("a", **options), source="a")

    assert places(["a", "", " ", "b"]) == [1, 2]
    assert places([1.5, NAN, None]) == [1, 2]
    assert places(["a|b", "", "a", "b"]) == []
    assert places(["a", "", "b"], task="multilabel") == []
