import math
from typing import Any

import numpy as np
import pytest

from automl.errors import RequestError, UnsuitableRequestError
from automl.run.request import SearchRequest, parse_duration, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), (" 1.5 m ", 90)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["10", "", "m", "-5m", "0s", "10 minutes", "1e3s"])
def test_refused_durations_name_the_value_and_a_right_form(text: str) -> None:
    with pytest.raises(RequestError, match="10m") as caught:
        parse_duration(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("budget", [0, -5, math.inf, True, [600]])
def test_a_budget_in_seconds_is_a_number_above_zero(budget: Any) -> None:
    with pytest.raises(RequestError, match="--budget must be"):
        seconds_of(budget)


def test_json_round_trip() -> None:
    request = SearchRequest(
        "data", image_size=(3, 4), budget_seconds=5.0, export=("keras",), max_macs=7
    )
    assert SearchRequest.from_json(request.to_json()) == request


@pytest.mark.parametrize(
    "fields",
    [
        {"strategy": "annealing"},
        {"objective": "val_bleu"},
        {"task": "detection"},
        {"export": ("onnxx",)},
        {"trials": 0},
        {"workers": -1},
        {"seed": -3},
        {"budget_seconds": 0.0},
        {"folds": 0},
        {"split": "random"},
        {"kind": "hologram"},
        {"kind": None},
        {"strategy": None},
        {"seed": "0"},
        {"seed": 1.5},
        {"folds": "5"},
        {"ensemble": 2.5},
        {"track": "mlflow"},
    ],
)
def test_refusals_are_one_sentence_with_the_value(fields: dict[str, object]) -> None:
    with pytest.raises(RequestError) as caught:
        SearchRequest("data", **fields)  # type: ignore[arg-type]
    value = next(iter(fields.values()))
    shown = value[0] if isinstance(value, tuple) else value
    assert str(shown) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("task", "objective", "direction"),
    [
        ("classification", "val_accuracy", "max"),
        ("multilabel", "val_auc", "max"),
        ("regression", "val_rmse", "min"),
    ],
)
def test_the_task_decides_the_objective(
    task: str, objective: str, direction: str
) -> None:
    decided = SearchRequest("data").for_task(task)
    assert (decided.objective, decided.direction) == (objective, direction)
    assert decided.task == "auto"  # what was asked for is kept
    assert SearchRequest.from_json(decided.to_json()) == decided


def test_an_objective_of_another_task_is_refused() -> None:
    request = SearchRequest("data", objective="val_rmse")
    assert request.for_task("regression") is request
    with pytest.raises(UnsuitableRequestError, match=r"val_rmse.*val_accuracy"):
        request.for_task("classification")
    with pytest.raises(UnsuitableRequestError):
        SearchRequest("data", task="multilabel", objective="val_mae")


def test_what_is_asked_of_the_data_is_passed_on() -> None:
    asked = {"target": "dose", "group": "patient", "kind": "volume", "split": "time"}
    request = SearchRequest("data", seed=3, image_size=(4, 5), **asked)  # type: ignore[arg-type]
    options = request.data_options()
    assert {name: getattr(options, name) for name in asked} == asked
    assert (options.source, options.seed, options.image_size) == ("data", 3, (4, 5))


@pytest.mark.parametrize(
    ("given", "settled"),
    [(np.int64(7), 7), (1e6, 1_000_000), (np.float32(2), 2), (7, 7)],
)
def test_whole_numbers_are_taken_as_python_has_them(given: float, settled: int) -> None:
    request = SearchRequest("data", max_params=given)  # type: ignore[arg-type]
    assert request.max_params == settled
    assert type(request.max_params) is int


def test_a_number_of_numpy_is_written_down_as_any_other() -> None:
    request = SearchRequest("data", max_size_mb=np.float32(1.5))  # type: ignore[arg-type]
    assert (request.max_size_mb, type(request.max_size_mb)) == (1.5, float)


@pytest.mark.parametrize("given", [True, 2.5, "7", np.bool_(True)])
def test_what_is_no_whole_number_is_refused(given: object) -> None:
    with pytest.raises(RequestError, match="--max-params must be a whole number"):
        SearchRequest("data", max_params=given)  # type: ignore[arg-type]
