"""What is trained next when a search goes on that the end phase had gone beyond."""

from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
import pytest

from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.plan import Plan
from automl.engine.setting import Setting
from automl.engine.trial_queue import Run, TrialQueue
from automl.oracles.registry import make_oracle
from automl.run.request import SearchRequest
from automl.run.trial import COMPLETED, SKIPPED, STOPPED
from automl.training.assignment import EpochEnded, TrainingResult
from automl.training.checkpoint import save_checkpoint
from automl_search_spaces.space import Landmark
from tests.automl.settings import make_setting

EPOCHS = 60
RUNGS = [7, 20, 60]  # of the default strategy where there are landmarks
LANDMARKS = tuple(Landmark(f"mark-{n}", {"filters": n}) for n in (2, 3, 5, 7))


def new_oracle(strategy: str = "auto", *, epochs: int = EPOCHS) -> Any:
    space = keras_tuner.HyperParameters()
    space.Int("filters", 1, 1000)
    return make_oracle(
        strategy,
        space,
        keras_tuner.Objective("val_accuracy", "max"),
        max_epochs=epochs,
        seed=0,
        landmarks=[mark.values for mark in LANDMARKS],
    )


def search_of(folder: Path, *, trials: int = 99, strategy: str = "auto") -> Setting:
    request = SearchRequest("data", trials=trials, strategy=strategy)
    return make_setting(folder, request=request, plan=Plan(EPOCHS))


def queue_of(setting: Setting) -> TrialQueue:
    strategy = setting.request.strategy
    return TrialQueue(setting, new_oracle(strategy), LANDMARKS)


def train(setting: Setting, run: Run, epochs: int, *, stopped: bool = False) -> None:
    """Train a trial: the score of an epoch is its number of thousandths."""
    record, training = run.record, run.record.trainings[0]
    for epoch in range(run.initial_epoch + 1, epochs + 1):
        score = epoch / 1000
        row = {"epoch": float(epoch), "seconds": 1.0, setting.objective: score}
        setting.ledger.add_epoch(record, SEARCH_TRAINING, EpochEnded(row, score))
    folder = setting.run.training(record.trial, SEARCH_TRAINING)
    if epochs < training.planned_epochs:
        save_checkpoint(folder, [np.zeros(1)], epochs=epochs)
    score = epochs / 1000
    result = TrainingResult(epochs, epochs, score, 1.0, 1.0, stopped=stopped)
    setting.ledger.add_result(record, training, result)
    setting.ledger.close(record, STOPPED if stopped else COMPLETED)


def climb(setting: Setting, queue: TrialQueue) -> Run:
    """Train landmarks until one of them is promoted, and return that promotion."""
    while True:
        run = queue.next_run()
        assert run is not None
        if run.initial_epoch:
            return run
        train(setting, run, run.epochs)
        queue.complete(run)


def test_a_rung_that_a_finalist_was_trained_beyond_is_told_as_it_was(
    tmp_path: Path,
) -> None:
    setting = search_of(tmp_path)
    queue = queue_of(setting)
    run = climb(setting, queue)
    assert (run.initial_epoch, run.epochs) == (7, 20)
    train(setting, run, 13, stopped=True)  # the time is up
    onward = Run(run.oracle_trial, run.record, 13, EPOCHS)
    train(setting, onward, EPOCHS)  # the end phase
    again = search_of(tmp_path)
    resumed = queue_of(again)
    told = resumed.oracle.trials[run.oracle_trial]
    assert (told.status, told.score, told.best_step) == ("COMPLETED", 0.020, 20)
    following = [resumed.next_run() for _ in range(3)]
    assert resumed.waiting == []
    assert run.record.trial not in {r.record.trial for r in following if r}
    known = again.ledger.records[run.record.trial].trainings[0]
    assert (known.epochs, known.val_score) == (EPOCHS, 0.060)


def test_a_trial_that_was_stopped_goes_on_from_where_it_was(tmp_path: Path) -> None:
    setting = search_of(tmp_path)
    run = climb(setting, queue_of(setting))
    train(setting, run, 13, stopped=True)
    (waiting,) = queue_of(search_of(tmp_path)).waiting
    assert (waiting.initial_epoch, waiting.epochs) == (13, 20)


def test_a_promotion_begins_where_the_end_phase_came_to(tmp_path: Path) -> None:
    setting = search_of(tmp_path)
    queue = queue_of(setting)
    first = queue.next_run()
    assert first is not None
    train(setting, first, first.epochs)
    onward = Run(first.oracle_trial, first.record, first.epochs, 12)
    train(setting, onward, 12, stopped=True)
    queue.complete(first)
    run = climb(setting, queue)
    assert run.record is first.record
    assert (run.initial_epoch, run.epochs) == (12, 20)


@pytest.mark.parametrize("strategy", ["auto", "hyperband"])
def test_beyond_the_limit_landmarks_are_left_for_later(
    strategy: str, tmp_path: Path
) -> None:
    setting = search_of(tmp_path, trials=2, strategy=strategy)
    queue = queue_of(setting)
    while (run := queue.next_run()) is not None:
        train(setting, run, run.epochs)
        queue.complete(run)
    assert len(setting.ledger.records) == 2
    further = search_of(tmp_path, trials=4, strategy=strategy)
    resumed = queue_of(further)
    while (run := resumed.next_run()) is not None:
        train(further, run, run.epochs)
        resumed.complete(run)
    origins = {record.origin for record in further.ledger.records.values()}
    assert origins == {mark.name for mark in LANDMARKS}


def test_no_strategy_trains_beyond_the_schedule(tmp_path: Path) -> None:
    setting = search_of(tmp_path)
    queue = TrialQueue(setting, new_oracle(epochs=2 * EPOCHS), LANDMARKS)
    run = climb(setting, queue)
    while run.epochs < EPOCHS:
        train(setting, run, run.epochs)
        queue.complete(run)
        run = climb(setting, queue)
    assert run.epochs == EPOCHS


def test_what_failed_is_not_promoted_where_all_of_its_round_did(
    tmp_path: Path,
) -> None:
    setting = search_of(tmp_path, strategy="hyperband")
    queue = queue_of(setting)
    failed: list[str] = []
    for _ in range(60):
        run = queue.next_run()
        assert run is not None
        assert run.record.trial not in failed
        if run.initial_epoch:
            setting.ledger.close_failed(run.record, "the loss became nan")
            queue.fail(run, "the loss became nan")
            failed.append(run.record.trial)
        else:
            train(setting, run, run.epochs)
            queue.complete(run)
    assert len(failed) > 9
    assert {record.status for record in setting.ledger.ranked()} == {
        COMPLETED,
        STOPPED,
    }


def test_after_many_refusals_only_promotions_go_on(tmp_path: Path) -> None:
    setting = search_of(tmp_path, trials=999)
    queue = queue_of(setting)
    landmarks = [queue.next_run() for _ in LANDMARKS]
    for _ in range(60):
        refused = queue.next_run()
        assert refused is not None
        setting.ledger.close(refused.record, SKIPPED, "the same network")
        queue.skip(refused)
    assert queue.next_run() is None
    for run in landmarks:
        assert run is not None
        train(setting, run, run.epochs)
        queue.complete(run)
    promoted = queue.next_run()
    assert promoted is not None
    assert (promoted.initial_epoch, promoted.epochs) == (7, 20)
    assert queue.next_run() is None
