"""Further trainings: what a lost worker was doing is done again, to a limit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from automl.engine import task_loop
from automl.engine.setting import Setting
from automl.engine.task_loop import Task, TaskLoop
from automl.run.trial import Training
from automl.training.assignment import TrainingResult
from automl.workers.messages import Broke, Ended, Event
from tests.automl.one_worker import OneWorker
from tests.automl.settings import add_trial, make_setting

DONE = TrainingResult(1, 1, 0.5, 0.5, 1.0)


@pytest.mark.parametrize(
    ("events", "submitted", "kept"),
    [
        ([Broke(0, "killed", lost=True), Ended(0, DONE)], 2, 1),
        ([Broke(0, "killed", lost=True)] * 9, 3, 0),
        ([Broke(0, "the loss became nan")], 1, 0),
    ],
)
def test_a_lost_training_is_begun_again(
    events: list[Event],
    submitted: int,
    kept: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = OneWorker(list(events))
    monkeypatch.setattr(task_loop, "submit_training", pool.submit)
    scored = run_one_task(make_setting(tmp_path, pool=pool))
    assert [given[3].name for given in pool.submitted] == ["seed-1"] * submitted
    assert len(scored) == kept


def test_a_training_that_the_user_stops_is_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = OneWorker([Ended(0, replace(DONE, stopped=True))])
    setting = make_setting(tmp_path, pool=pool)

    def submit(*arguments: Any, **options: Any) -> None:
        pool.submit(*arguments, **options)
        setting.interrupt.requested = True

    monkeypatch.setattr(task_loop, "submit_training", submit)
    assert run_one_task(setting) == []
    (record,) = setting.ledger.records.values()
    assert record.best_training("max") is None


def test_the_search_s_own_training_keeps_what_it_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = TrainingResult(41, 41, 0.7, 1.0, 1.0, stopped=True)
    pool = OneWorker([Ended(0, stopped)])
    setting = make_setting(tmp_path, pool=pool)
    record = add_trial(setting, 0.5, epochs=20)

    def submit(*arguments: Any, **options: Any) -> None:
        pool.submit(*arguments, **options)
        setting.interrupt.requested = True

    monkeypatch.setattr(task_loop, "submit_training", submit)
    tasks = [Task(record, record.trainings[0])]
    kept: list[Task] = []
    TaskLoop(
        setting, lambda: tasks.pop() if tasks else None, kept.append, end=9.0
    ).run()
    assert (record.trainings[0].epochs, record.trainings[0].val_score) == (41, 0.7)
    assert len(kept) == 1


def run_one_task(setting: Setting) -> list[Task]:
    """Run a training of a new trial, and return what was kept of it."""
    record = setting.ledger.open({}, origin="auto", landmark=False)
    tasks = [Task(record, Training("seed-1", 1, 9))]
    scored: list[Task] = []
    loop = TaskLoop(
        setting, lambda: tasks.pop() if tasks else None, scored.append, end=9.0
    )
    loop.run()
    return scored
