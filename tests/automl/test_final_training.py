"""What finalists are trained further, told from the time that is left."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl.engine import final_training
from automl.engine.final_training import FinalTraining
from automl.engine.ledger import SEARCH_TRAINING, Ledger
from automl.engine.plan import Plan
from automl.run.directory import RunDirectory
from automl.run.trial import STOPPED, Training
from automl.training.assignment import EpochEnded
from automl.training.checkpoint import save_checkpoint

EPOCH_SECONDS = 1.0
DONE, PLANNED = 20, 60


def tasks_within(
    seconds: float, folder: Path, monkeypatch: pytest.MonkeyPatch, *, kept: bool = True
) -> list[tuple[str, int, int]]:
    """Return the trainings of one finalist: name, epochs done, and planned."""
    ledger = Ledger(RunDirectory(folder), "max")
    record = ledger.open({}, origin="auto", landmark=False)
    training = Training(SEARCH_TRAINING, 1, PLANNED, epochs=DONE, val_score=0.9)
    record.trainings.append(training)
    ledger.close(record, STOPPED)
    for epoch in range(1, DONE + 1):
        row = {"epoch": float(epoch), "seconds": EPOCH_SECONDS}
        ledger.add_epoch(record, SEARCH_TRAINING, EpochEnded(row, 0.9))
    if kept:
        place = ledger.run.training(record.trial, SEARCH_TRAINING)
        save_checkpoint(place, [np.zeros(1)], epochs=DONE)
    setting: Any = SimpleNamespace(
        run=ledger.run,
        ledger=ledger,
        plan=Plan(PLANNED, export_seconds=0.0),
        clock=SimpleNamespace(budget_seconds=seconds, elapsed=lambda: 0.0),
        data=SimpleNamespace(spec=SimpleNamespace(num_train=100)),
        request=SimpleNamespace(seed=0),
    )
    given: list[tuple[str, int, int]] = []

    def loop(_: Any, following: Any, *rest: Any, **options: Any) -> Any:
        while (task := following()) is not None:
            training = task.training
            given.append((training.name, training.epochs, training.planned_epochs))
        return SimpleNamespace(run=lambda: None)

    monkeypatch.setattr(final_training, "TaskLoop", loop)
    FinalTraining(setting, [record]).run()
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
