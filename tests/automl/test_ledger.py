"""The trials in memory and on disk."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl.engine.ledger import Ledger
from automl.errors import RequestError
from automl.run.directory import RunDirectory
from automl.run.trial import COMPLETED, FAILED, REFIT, SKIPPED, STOPPED, Training
from automl.training.assignment import EpochEnded, ModelFacts, TrainingResult
from automl.training.checkpoint import save_checkpoint


def epoch(number: int, loss: float) -> EpochEnded:
    return EpochEnded({"epoch": float(number), "loss": loss}, score=1 - loss)


def test_what_was_begun_but_is_unknown_to_the_strategy_is_forgotten(
    tmp_path: Path,
) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    known = ledger.open({"filters": 8}, origin="auto", landmark=False)
    known.rungs = ["0000", "0007"]
    unknown = ledger.open({"filters": 9}, origin="auto", landmark=False)
    unknown.rungs = ["0008"]
    for record in (known, unknown):
        ledger.save(record)
    ledger.forget_unknown_rungs({"0000"})
    assert list(ledger.records) == ["0001"]
    assert known.rungs == ["0000"]
    on_disk = Ledger(RunDirectory(tmp_path), "max").records
    assert list(on_disk) == ["0001"]
    assert on_disk["0001"].rungs == ["0000"]
    assert ledger.open({}, origin="auto", landmark=False).trial == "0002"


def test_two_trials_can_not_be_the_same_of_the_strategy_s(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    for rungs in (["0000", "0002"], ["0001", "0002"]):
        record = ledger.open({}, origin="auto", landmark=False)
        record.rungs = rungs
        ledger.save(record)
    words = "trials 0001 and 0002 of .* both say that they are the strategy's 0002"
    with pytest.raises(RequestError, match=words):
        Ledger(RunDirectory(tmp_path), "max")


def test_an_epoch_that_is_run_again_takes_the_place_of_the_first(
    tmp_path: Path,
) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    record = ledger.open({}, origin="auto", landmark=False)
    for number, loss in ((1, 0.9), (2, 0.8), (3, 0.7), (2, 0.6)):
        ledger.add_epoch(record, "search", epoch(number, loss))
    rows = ledger.history("0001", "search")
    assert [(row["epoch"], row["loss"]) for row in rows] == [(1, 0.9), (2, 0.6)]
    assert ledger.run.read_history("0001") == rows


def test_a_history_beyond_the_last_finished_rung_does_not_count(
    tmp_path: Path,
) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    record = ledger.open({}, origin="auto", landmark=False)
    record.trainings.append(Training("search", 1, 9))
    for number in (1, 2, 3):
        ledger.add_epoch(record, "search", epoch(number, 0.5))
    ledger.add_result(record, record.trainings[0], TrainingResult(2, 1, 0.5, 0.5, 3.0))
    ledger.save(record)
    assert len(Ledger(RunDirectory(tmp_path), "max").history("0001", "search")) == 2


def test_the_best_come_first_and_equals_by_cost(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    for status, score, params in (
        ("completed", 0.8, 30),
        ("stopped", 0.9, 20),
        ("failed", 0.99, 10),
        ("completed", 0.8, 10),
    ):
        record = ledger.open({}, origin="auto", landmark=False)
        record.status, record.params = status, params
        record.trainings.append(Training("search", 1, 9, val_score=score))
    assert [record.trial for record in ledger.ranked()] == ["0002", "0004", "0001"]
    assert ledger.counted() == 4


def test_what_changes_together_is_written_once_at_the_end(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    written: list[str] = []
    with ledger.together():
        record = ledger.open({}, origin="auto", landmark=False)
        ledger.write_after(lambda: written.extend(Ledger(ledger.run, "max").records))
        ledger.add_rung(record, "0000")
        ledger.add_epoch(record, "search", epoch(1, 0.9))
        assert not Ledger(ledger.run, "max").records
    assert written == ["0001"]  # by then the records are on disk
    on_disk = Ledger(ledger.run, "max")
    assert on_disk.of_rung("0000") == record
    assert len(ledger.run.read_history("0001")) == 1


def test_a_network_that_another_trial_has_is_a_repeat(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    first, second = (ledger.open({}, origin="", landmark=False) for _ in range(2))
    facts = ModelFacts("abc", 1.0, 1.0, "adam", 1e-3)
    ledger.add_facts(first, facts)
    assert ledger.repeated_trial(first, "abc") is None
    assert ledger.repeated_trial(second, "abc") == "0001"
    ledger.add_facts(first, replace(facts, identity="half the batch"))
    assert ledger.repeated_trial(second, "abc") is None


def test_skipped_trials_do_not_count(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    first, second = (ledger.open({}, origin="", landmark=False) for _ in range(2))
    ledger.close(first, SKIPPED, "too large")
    ledger.add_rung(second, "0001")
    ledger.add_rung(first, "0000")
    assert (ledger.counted(), Ledger(ledger.run, "max").counted()) == (1, 1)
    ledger.close(first, FAILED)
    assert ledger.counted() == 2
    ledger.close(first, SKIPPED)
    ledger.forget_unknown_rungs({"0001"})
    assert ledger.counted() == 1


def test_a_refit_is_not_what_ranks_a_trial_and_ends_with_a_better_training(
    tmp_path: Path,
) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    record = ledger.open({}, origin="auto", landmark=False)
    searched = Training("search", 1, 9, epochs=3, val_score=0.9)
    refit = Training(REFIT, 2, 9, epochs=9, val_score=0.7)  # that of its folds
    record.trainings = [searched, refit]
    ledger.close(record, STOPPED)
    assert ledger.score(record) == 0.9
    ledger.add_result(record, searched, TrainingResult(9, 8, 0.95, 0.5, 3.0))
    assert record.trainings == [searched]
    assert ledger.score(record) == 0.95


def test_no_trial_gets_the_number_of_another(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    for _ in range(3):
        ledger.save(ledger.open({}, origin="auto", landmark=False))
    shutil.rmtree(ledger.run.trial("0002"))
    left = Ledger(ledger.run, "max")
    assert left.open({}, origin="auto", landmark=False).trial == "0004"


@pytest.mark.parametrize(
    ("status", "epochs", "kept"),
    [
        (COMPLETED, 3, ["epoch-0003.npz"]),  # it may be promoted
        (STOPPED, 3, ["epoch-0003.npz"]),
        (COMPLETED, 9, []),
        (FAILED, 3, []),
    ],
)
def test_checkpoints_go_once_nothing_can_go_on_from_them(
    status: str, epochs: int, kept: list[str], tmp_path: Path
) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    record = ledger.open({}, origin="auto", landmark=False)
    record.trainings.append(Training("search", 1, 9, epochs=epochs))
    folder = ledger.run.training(record.trial, "search")
    save_checkpoint(folder, [np.zeros(1)], epochs=3)
    with ledger.together():
        ledger.close(record, status)
        assert list(folder.iterdir())  # the record is not on disk yet
    assert [file.name for file in folder.iterdir()] == kept


@pytest.mark.parametrize(
    ("direction", "epochs", "told"),
    [
        ("max", 1, 0.9),
        ("max", 3, 0.6),  # of the second and the third
        ("max", 4, 0.6),
        ("max", 6, 0.9),  # of all: the weights of the best are kept
        ("min", 3, 0.4),
        ("min", 6, 0.1),
    ],
)
def test_a_rung_is_told_the_best_of_its_later_epochs(
    direction: str, epochs: int, told: float, tmp_path: Path
) -> None:
    ledger = Ledger(RunDirectory(tmp_path), direction)
    record = ledger.open({}, origin="auto", landmark=False)
    scores = [0.9, 0.5, 0.6, 0.4, 0.55, 0.5]
    if direction == "min":
        scores = [round(1 - score, 2) for score in scores]
    best = 0.9 if direction == "max" else 0.1
    record.trainings.append(Training("search", 1, 6, 6, val_score=best))
    for number, score in enumerate(scores, 1):
        row = {"epoch": float(number), "val_accuracy": score}
        ledger.add_epoch(record, "search", EpochEnded(row, score))
    assert ledger.rung_score(record, epochs, "val_accuracy") == told


def test_a_rung_between_two_validations_is_told_the_one_before(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    record = ledger.open({}, origin="auto", landmark=False)
    record.trainings.append(Training("search", 1, 9, 8, val_score=0.8))
    for number, score in ((2, 0.2), (5, 0.5), (8, 0.8)):
        row = {"epoch": float(number), "val_accuracy": score}
        ledger.add_epoch(record, "search", EpochEnded(row, score))
    assert ledger.rung_score(record, 4, "val_accuracy") == 0.2


def test_a_rung_without_a_history_is_told_the_best_score(tmp_path: Path) -> None:
    ledger = Ledger(RunDirectory(tmp_path), "max")
    record = ledger.open({}, origin="auto", landmark=False)
    record.trainings.append(Training("search", 1, 9, 3, val_score=0.7))
    assert ledger.rung_score(record, 3, "val_accuracy") == 0.7
