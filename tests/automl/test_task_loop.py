"""Further trainings: what a lost worker was doing is done again, to a limit."""

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

DONE = TrainingResult(1, 1, 0.5, 0.5, 1.0, 1.0)


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
    ledger = Ledger(RunDirectory(tmp_path), "max")
    record = ledger.open({}, origin="auto", landmark=False)
    setting: Any = SimpleNamespace(
        pool=pool,
        ledger=ledger,
        run=ledger.run,
        direction="max",
        progress=SilentProgress(),
        clock=SimpleNamespace(elapsed=lambda: 0.0),
        interrupt=SimpleNamespace(requested=False),
        refresh_report=lambda: None,
    )
    tasks = [Task(record, Training("seed-1", 1, 9))]
    scored: list[Task] = []
    loop = TaskLoop(
        setting, lambda: tasks.pop() if tasks else None, scored.append, end=9.0
    )
    loop.run()
    assert [given[3].name for given in pool.submitted] == ["seed-1"] * submitted
    assert len(scored) == kept
