"""What the search does with trials that break off."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras_tuner
import pytest

from automl.engine import trial_loop
from automl.engine.ledger import Ledger
from automl.engine.trial_loop import TrialLoop
from automl.oracles.registry import make_oracle
from automl.run.directory import RunDirectory
from automl.run.trial import COMPLETED, FAILED, TrialRecord
from automl.training.assignment import TrainingResult
from automl.workers.messages import Broke, Ended, Event
from automl_reports.terminal.silent import SilentProgress
from tests.automl.one_worker import OneWorker

DONE = TrainingResult(3, 2, 0.5, 0.5, 1.0, 1.0)
LOST = Broke(0, "its machine left the cluster", lost=True)
TOO_LARGE = Broke(0, "it ran out of memory", out_of_memory=True)


def search(folder: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the ledger and the batch sizes that were trained with."""
    pool = OneWorker(list(events))

    batches: list[int] = []

    def submit(
        setting: Any, worker: int, record: TrialRecord, *_: Any, **__: Any
    ) -> None:
        on_disk = setting.run.trial(record.trial) / "trial.json"
        assert json.loads(on_disk.read_text())["rungs"] == record.rungs
        assert setting.run.oracle_file.exists()
        batches.append(record.hyperparameters["batch_size"])
        pool.submit()

    monkeypatch.setattr(trial_loop, "submit_training", submit)
    space = keras_tuner.HyperParameters()
    space.Fixed("batch_size", 64)
    space.Int("filters", 1, 1000)
    oracle = make_oracle(
        "random", space, keras_tuner.Objective("val_accuracy", "max"), max_epochs=3,
        seed=0,
    )  # fmt: skip
    ledger = Ledger(RunDirectory(folder), "max")
    setting: Any = SimpleNamespace(
        pool=pool,
        ledger=ledger,
        run=ledger.run,
        direction="max",
        progress=SilentProgress(),
        plan=SimpleNamespace(max_epochs=3, search_end=lambda budget, since: 9.0),
        request=SimpleNamespace(trials=1, seed=0, strategy="random", costs=()),
        clock=SimpleNamespace(
            elapsed=lambda: 0.0, budget_seconds=None, budget_since=0.0
        ),
        space=SimpleNamespace(limits=None),
        interrupt=SimpleNamespace(requested=False),
        refresh_report=lambda: None,
    )
    TrialLoop(setting, oracle, ()).run()
    assert pool.events == []
    return ledger, batches


@pytest.mark.parametrize(
    ("events", "status", "batches"),
    [
        ([LOST, LOST, Ended(0, DONE)], COMPLETED, [64, 64, 64]),
        ([LOST, LOST, LOST], FAILED, [64, 64, 64]),
        ([TOO_LARGE, Ended(0, DONE)], COMPLETED, [64, 32]),
        ([TOO_LARGE, TOO_LARGE], FAILED, [64, 32]),
        ([Broke(0, "the loss became nan")], FAILED, [64]),
    ],
)
def test_a_trial_is_tried_again_where_that_may_help(
    events: list[Event],
    status: str,
    batches: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger, trained = search(tmp_path, events, monkeypatch)
    assert trained == batches
    (record,) = ledger.records.values()
    assert (record.status, len(record.rungs)) == (status, 1)
    assert record.hyperparameters["batch_size"] == batches[-1]
    (on_disk,) = Ledger(RunDirectory(tmp_path), "max").records.values()
    assert on_disk == record
