"""Importance: what truly matters is found, noise is not, and too little says so."""

import math
import random
from dataclasses import replace
from pathlib import Path

import pytest

from automl.importance import (
    hyperparameter_importance,
    importance_of,
    store_importance,
)
from automl_reports.data_summary import DataSummary
from automl_reports.importance import Importance
from automl_reports.rows import RunReport, TrialRow


def trials(count: int, *, signal: bool = True, seed: int = 0) -> list[TrialRow]:
    """Return trials whose score hangs on rate and family alone, and on luck."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        rate = 10 ** chance.uniform(-5, -1)
        family = chance.choice("abc")
        values = {f"noise_{n}": chance.random() for n in range(6)} | {"family": family}
        if number % 2:
            values["only_some"] = chance.random()
        told = -0.03 * (math.log10(rate) + 3) ** 2 - 0.05 * "abc".index(family)
        score = 0.9 + told * signal + chance.gauss(0, 0.01)
        rows.append(
            TrialRow(
                f"{number:04}", "completed", "plain", "random", val_score=score,
                learning_rate=rate, hyperparameters=values,
            )
        )  # fmt: skip
    return rows


def report_of(rows: list[TrialRow], *, seconds: float = 1.0) -> RunReport:
    data = DataSummary("x", "image", (8, 8, 1), ("a", "b"), {})
    return RunReport(
        "run", "finished", "classification", "val_accuracy", "max", seconds, 1, "",
        tuple(rows), data,
    )  # fmt: skip


def test_what_matters_lies_above_the_noise_and_nothing_else() -> None:
    found = hyperparameter_importance(trials(120), "val_accuracy")
    above = {name for name, drop, _ in found.drops if drop > found.noise}
    assert above == {"learning_rate", "family"}
    assert found.hidden == ""
    assert found.r2 is not None
    assert found.r2 > 0.5
    drops = [drop for _, drop, _ in found.drops]
    assert drops == sorted(drops, reverse=True)


def test_luck_alone_is_no_importance() -> None:
    found = hyperparameter_importance(trials(60, signal=False), "val_accuracy")
    assert found.drops == ()
    assert "chance" in found.hidden or "shuffled copies" in found.hidden


def test_too_few_trials_say_how_many_are_needed() -> None:
    rows = trials(29) + [replace(row, status="stopped") for row in trials(40)]
    found = hyperparameter_importance(rows, "val_accuracy")
    assert found.num_trials == 29
    assert "at least 30" in found.hidden


def test_stopped_trials_are_compared_at_the_rung_that_all_reached() -> None:
    def at_rung(row: TrialRow) -> TrialRow:
        history = ({"epoch": 2.0, "val_accuracy": row.val_score or 0.0},)
        return replace(row, status="stopped", val_score=0.5, history=history)

    rows = [at_rung(row) for row in trials(60)]
    found = hyperparameter_importance(rows, "val_accuracy", rungs=(2, 6, 18))
    assert found.epochs == 2
    assert {name for name, _, _ in found.drops[:2]} == {"learning_rate", "family"}


def test_one_choice_for_all_has_no_importance() -> None:
    rows = [
        TrialRow(
            str(n), "completed", "", "", val_score=n / 40, hyperparameters={"a": 1}
        )
        for n in range(40)
    ]
    assert "same" in hyperparameter_importance(rows, "val_accuracy").hidden


def test_it_is_computed_once_for_the_same_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, report = tmp_path / "importance.json", report_of(trials(40))
    first = importance_of(report, file)
    store_importance(file, replace(report, importance=first))

    def fail(*_: object, **__: object) -> Importance:
        raise AssertionError("computed again")

    monkeypatch.setattr("automl.importance.hyperparameter_importance", fail)
    assert importance_of(replace(report, seconds=9.0), file) == first
    with pytest.raises(AssertionError, match="computed again"):
        importance_of(report_of(trials(41)), file)


def test_means_over_folds_are_not_learned_from_beside_scores_of_one_split() -> None:
    rows = trials(40)
    mixed = [
        replace(row, val_score=0.1, split_score=row.val_score, cross_validated=True)
        if number % 2
        else row
        for number, row in enumerate(rows)
    ]
    found = hyperparameter_importance(mixed, "val_accuracy")
    assert found == hyperparameter_importance(rows, "val_accuracy")
