"""What finalists are trained further, told from the time that is left."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl.engine import final_training
from automl.engine.final_training import (
    LONGER_SEED,
    FinalTraining,
    longest_epochs,
)
from automl.engine.ledger import SEARCH_TRAINING, Ledger
from automl.engine.plan import Plan
from automl.engine.setting import Setting
from automl.run.request import SearchRequest
from automl.run.trial import TrialRecord
from automl.training.checkpoint import save_checkpoint
from tests.automl.settings import (
    PLANNED,
    StillClock,
    add_trial,
    make_setting,
    new_trial,
)

DONE = 20


def tasks_within(
    seconds: float | None,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    kept: bool = True,
    refits: bool = False,
    goes_on_only: bool = False,
) -> list[tuple[str, int, int]]:
    """Return the trainings of one finalist: name, epochs done, and planned."""
    setting = make_setting(
        folder,
        plan=Plan(PLANNED, export_seconds=0.0, refits=refits),
        clock=StillClock(budget_seconds=seconds),
    )
    record = add_trial(setting, 0.9, epochs=DONE, planned=PLANNED)
    if kept:
        place = setting.run.training(record.trial, SEARCH_TRAINING)
        save_checkpoint(place, [np.zeros(1)], epochs=DONE)
    return tasks_of(setting, record, monkeypatch, goes_on_only=goes_on_only)


def tasks_of(
    setting: Setting,
    record: TrialRecord,
    monkeypatch: pytest.MonkeyPatch,
    *,
    goes_on_only: bool = False,
) -> list[tuple[str, int, int]]:
    """Return the trainings of a finalist: name, epochs done, and planned."""
    given: list[tuple[str, int, int]] = []

    def loop(_: Any, following: Any, *rest: Any, **options: Any) -> Any:
        while (task := following()) is not None:
            training = task.training
            given.append((training.name, training.epochs, training.planned_epochs))
        return SimpleNamespace(run=lambda: None)

    monkeypatch.setattr(final_training, "TaskLoop", loop)
    FinalTraining(setting, [record], goes_on_only=goes_on_only).run()
    return given


def test_the_search_s_own_training_goes_on_where_the_rest_of_it_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 55 seconds hold the 40 epochs that are left, but not all 60 from scratch.
    given = tasks_within(55.0, tmp_path, monkeypatch)
    assert given[0] == (SEARCH_TRAINING, DONE, PLANNED)


@pytest.mark.parametrize(("seconds", "kept"), [(40.0, True), (55.0, False)])
def test_else_a_shorter_one_begins_anew(
    seconds: float, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (only,) = tasks_within(seconds, tmp_path, monkeypatch, kept=kept)
    name, begun, planned = only
    assert (name, begun) == ("seed-1", 0)
    assert DONE < planned < PLANNED


def test_nothing_is_begun_that_would_be_shorter_than_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tasks_within(20.0, tmp_path, monkeypatch) == []


def test_without_a_budget_it_goes_on_whether_or_not_it_is_refitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tasks_within(None, tmp_path, monkeypatch, refits=True)
    assert given[0] == (SEARCH_TRAINING, DONE, PLANNED)


def test_a_finalist_whose_history_is_lost_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ledger, "history", lambda *_: [])
    given = tasks_within(55.0, tmp_path, monkeypatch)
    assert given[0] == (SEARCH_TRAINING, DONE, PLANNED)


def test_where_it_only_goes_on_it_has_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tasks_within(55.0, tmp_path, monkeypatch, refits=True, goes_on_only=True)
    assert given == [(SEARCH_TRAINING, DONE, PLANNED)]


@pytest.mark.parametrize(
    ("seconds", "asked", "epochs"),
    [(1000.0, None, [10]), (None, None, [10]), (None, 60, [60]), (9.0, None, [])],
)
def test_what_was_learned_by_heart_is_trained_for_less(
    seconds: float | None,
    asked: int | None,
    epochs: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting = make_setting(
        tmp_path,
        plan=Plan(PLANNED, export_seconds=0.0),
        clock=StillClock(budget_seconds=seconds),
        request=SearchRequest("data", objective="val_accuracy", epochs=asked),
    )
    record = new_trial(setting, 5, 0.8)  # the best of 60, .9 of 100 samples before
    given = tasks_of(setting, record, monkeypatch)
    assert [planned for _, _, planned in given] == epochs
    assert longest_epochs(setting, record) == (asked or 10)


@pytest.mark.parametrize(
    ("budget", "end"),
    [
        (200.0, 100.0),  # half of it
        (1000.0, 1000.0 - (5 + 1.15 * LONGER_SEED * PLANNED * 1.2 + 5)),
    ],
)
def test_no_more_time_is_kept_for_a_refit_than_it_needs(
    budget: float, end: float, tmp_path: Path
) -> None:
    setting = make_setting(
        tmp_path,
        plan=Plan(PLANNED, export_seconds=0.0, refits=True),
        clock=StillClock(budget_seconds=budget),
    )
    record = add_trial(setting, 0.9, epochs=DONE, planned=PLANNED)
    assert FinalTraining(setting, [record]).end == pytest.approx(end)
