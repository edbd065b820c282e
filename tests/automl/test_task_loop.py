"""Further trainings: what a lost worker was doing is done again, to a limit."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from automl.engine import task_loop
from automl.engine.ledger import Ledger
from automl.engine.task_loop import Task, TaskLoop
from automl.run.directory import RunDirectory
from automl.run.trial import Training
from automl.training.assignment import TrainingResult
from automl.workers.messages import Broke, Ended, Event
from automl_reports.terminal.silent import SilentProgress
from tests.automl.one_worker import OneWorker

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
    scored = run_one_task(setting_of(pool, tmp_path))
    assert [given[3].name for given in pool.submitted] == ["seed-1"] * submitted
    assert len(scored) == kept


def test_a_training_that_the_user_stops_is_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = OneWorker([Ended(0, replace(DONE, stopped=True))])
    setting = setting_of(pool, tmp_path)

    def submit(*arguments: Any, **options: Any) -> None:
        pool.submit(*arguments, **options)
        setting.interrupt.requested = True

    monkeypatch.setattr(task_loop, "submit_training", submit)
    assert run_one_task(setting) == []
    (record,) = setting.ledger.records.values()
    assert record.best_training("max") is None


def setting_of(pool: OneWorker, folder: Path) -> Any:
    ledger = Ledger(RunDirectory(folder), "max")
    return SimpleNamespace(
        pool=pool,
        ledger=ledger,
        run=ledger.run,
        direction="max",
        progress=SilentProgress(),
        clock=SimpleNamespace(elapsed=lambda: 0.0),
        interrupt=SimpleNamespace(requested=False),
        refresh_report=lambda: None,
    )


def run_one_task(setting: Any) -> list[Task]:
    """Run a training of a new trial, and return what was kept of it."""
    record = setting.ledger.open({}, origin="auto", landmark=False)
    tasks = [Task(record, Training("seed-1", 1, 9))]
    scored: list[Task] = []
    loop = TaskLoop(
        setting, lambda: tasks.pop() if tasks else None, scored.append, end=9.0
    )
    loop.run()
    return scored
