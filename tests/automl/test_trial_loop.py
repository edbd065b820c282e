"""What the search does with trials that break off."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras_tuner
import pytest

from automl.engine import trial_loop
from automl.engine.ledger import Ledger
from automl.engine.plan import Plan
from automl.engine.setting import Setting
from automl.engine.trial_loop import TrialLoop
from automl.engine.trial_queue import TrialQueue
from automl.oracles.registry import make_oracle
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.run.trial import COMPLETED, FAILED, REFIT, STOPPED, Training, TrialRecord
from automl.training.assignment import TrainingResult
from automl.workers.messages import Broke, Ended, Event
from tests.automl.one_worker import OneWorker
from tests.automl.settings import StillClock, make_setting

DONE = TrainingResult(3, 2, 0.5, 0.5, 1.0)
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
    setting = setting_of(pool, folder, trials=1)
    TrialLoop(setting, new_oracle(), ()).run()
    assert pool.events == []
    return setting.ledger, batches


def new_oracle() -> Any:
    space = keras_tuner.HyperParameters()
    space.Fixed("batch_size", 64)
    space.Int("filters", 1, 1000)
    objective = keras_tuner.Objective("val_accuracy", "max")
    return make_oracle("random", space, objective, max_epochs=3, seed=0)


def setting_of(pool: OneWorker, folder: Path, *, trials: int) -> Setting:
    request = SearchRequest("data", trials=trials, strategy="random")
    return make_setting(folder, pool=pool, plan=Plan(3), request=request)


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


def halving_search(
    folder: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> tuple[Setting, Any]:
    """Return a search of three trials that promotes the best, and its strategy."""
    space = keras_tuner.HyperParameters()
    space.Int("batch_size", 1, 1000)
    objective = keras_tuner.Objective("val_accuracy", "max")
    marks = [{"batch_size": size} for size in (2, 3, 5)]
    oracle = make_oracle(
        "auto", space, objective, max_epochs=9, seed=0, landmarks=marks
    )
    pool = OneWorker(list(events))
    monkeypatch.setattr(trial_loop, "submit_training", pool.submit)
    request = SearchRequest("data", trials=3)
    setting = make_setting(folder, pool=pool, plan=Plan(9), request=request)
    TrialLoop(setting, oracle, ()).run()
    assert pool.events == []
    return setting, oracle


def rung(score: float) -> Ended:
    return Ended(0, TrainingResult(1, 1, score, 0.5, 1.0))


@pytest.mark.parametrize("written", [True, False])
def test_a_trial_that_fails_on_a_later_rung_keeps_the_model_it_had(
    written: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_rung = [rung(0.5), rung(0.8), rung(0.6)]
    broke = Broke(0, "the loss became nan in epoch 2")
    setting, oracle = halving_search(tmp_path, [*first_rung, broke], monkeypatch)
    best, *others = setting.ledger.ranked()
    assert (best.trial, best.status) == ("0002", STOPPED)
    assert best.reason == (
        "failed after epoch 1: the loss became nan in epoch 2; "
        "the weights of epoch 1 are kept"
    )
    assert len(others) == 2
    assert oracle.trials[best.rungs[-1]].status == "FAILED"
    events: list[Event] = []
    if not written:  # killed before the strategy's file told of it
        lines = setting.run.oracle_file.read_text().splitlines(keepends=True)
        setting.run.oracle_file.write_text("".join(lines[:-1]))
        events = [broke]
    resumed, _ = halving_search(tmp_path, events, monkeypatch)
    (again, *_) = resumed.ledger.ranked()
    assert (again.status, again.reason) == (STOPPED, best.reason)
    assert again.rungs == best.rungs


def test_a_trial_that_waits_is_given_to_one_worker_alone(tmp_path: Path) -> None:
    queue = TrialQueue(setting_of(OneWorker([]), tmp_path, trials=9), new_oracle(), ())
    first, second = queue.next_run(), queue.next_run()
    assert first is not None
    assert second is not None
    queue.waiting.append(second)  # its worker was lost
    given = [queue.next_run(), queue.next_run(), first]
    assert len({run.oracle_trial for run in given if run is not None}) == 3


def test_beyond_the_limit_no_proposal_is_used_up(tmp_path: Path) -> None:
    oracle = new_oracle()
    queue = TrialQueue(setting_of(OneWorker([]), tmp_path, trials=1), oracle, ())
    assert queue.next_run() is not None
    assert queue.next_run() is None
    assert len(oracle.trials) == 1


def test_a_full_disk_stops_the_search_and_fails_no_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Broke(0, "OSError: [Errno 28] No space left on device: 'epoch-0003.npz'")
    with pytest.raises(OSError, match="No space left"):
        search(tmp_path, [full], monkeypatch)
    (record,) = Ledger(RunDirectory(tmp_path), "max").records.values()
    assert record.status != FAILED


@pytest.mark.parametrize(
    ("interrupted", "why"),
    [(False, "the time was up"), (True, "the search was interrupted")],
)
def test_a_trial_that_is_cut_short_says_why_and_forgets_its_refit(
    interrupted: bool, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = OneWorker([Ended(0, replace(DONE, stopped=True))])
    clock = StillClock(budget_seconds=9.0)
    request = SearchRequest("data", strategy="random", budget_seconds=9.0)
    setting = make_setting(
        tmp_path, pool=pool, plan=Plan(9), request=request, clock=clock
    )
    ended: list[str] = []
    monkeypatch.setattr(
        setting.progress, "trial_ended", lambda row: ended.append(row.trial)
    )

    def submit(_: Any, worker: int, record: TrialRecord, *__: Any, **___: Any) -> None:
        record.trainings.append(Training(REFIT, 1, 9, 9, val_score=0.4))
        pool.submit()
        setting.interrupt.requested = interrupted
        clock.now = 0.0 if interrupted else 9.0

    monkeypatch.setattr(trial_loop, "submit_training", submit)
    TrialLoop(setting, new_oracle(), ()).run()
    record = setting.ledger.records["0001"]
    assert (record.status, record.reason) == (STOPPED, f"{why} after 3 of 9 epochs")
    assert [training.name for training in record.trainings] == ["search"]
    assert ended == [record.trial]


def test_what_is_halved_as_the_search_ends_does_not_stay_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = OneWorker([TOO_LARGE])
    setting = setting_of(pool, tmp_path, trials=1)

    def submit(*_: Any, **__: Any) -> None:
        pool.submit()
        setting.interrupt.requested = True

    monkeypatch.setattr(trial_loop, "submit_training", submit)
    TrialLoop(setting, new_oracle(), ()).run()
    (record,) = setting.ledger.records.values()
    assert record.status == STOPPED
    assert record.reason == "the search was interrupted before its first epoch"
    (again,) = TrialQueue(
        setting_of(OneWorker([]), tmp_path, trials=1), new_oracle(), ()
    ).waiting
    assert again.record.hyperparameters["batch_size"] == 32


class SteadyWorker(OneWorker):
    """A worker of which every training takes so many seconds of a still clock."""

    def __init__(self, clock: StillClock, seconds: float) -> None:
        super().__init__([Ended(0, DONE)] * 100)
        self.clock, self.seconds = clock, seconds

    def wait(self) -> list[Event]:
        self.clock.now += self.seconds
        return super().wait()


@pytest.mark.parametrize(("final_epochs", "trials"), [(3, 37), (100, 20)])
def test_the_search_goes_on_where_what_follows_has_time_to_spare(
    final_epochs: int, trials: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StillClock(400)
    pool = SteadyWorker(clock, 10)
    monkeypatch.setattr(trial_loop, "submit_training", pool.submit)
    plan = Plan(final_epochs, final_share=0.5, export_seconds=0.0)
    setting = replace(setting_of(pool, tmp_path, trials=100), plan=plan, clock=clock)
    reason = TrialLoop(setting, new_oracle(), ()).run()
    assert reason == "the budget's share for searching ended"
    # Six epochs are reckoned to take 3.15 seconds: nine such trainings fit from second
    # 362 on, and nine that are longer by far would not fit from 200 on.
    assert len(setting.ledger.records) == trials


def test_it_goes_on_however_often_it_looks_at_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = StillClock(400)
    clock.now = 190
    pool = SteadyWorker(clock, 0.3)
    monkeypatch.setattr(trial_loop, "submit_training", pool.submit)
    plan = Plan(3, final_share=0.5, export_seconds=0.0)
    setting = replace(setting_of(pool, tmp_path, trials=60), plan=plan, clock=clock)
    reason = TrialLoop(setting, new_oracle(), ()).run()
    assert reason == "60 trials were run"
    assert clock.now > 200
