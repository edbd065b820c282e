"""Finalists are compared by all folds, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from automl.engine import task_loop
from automl.engine.cross_validation import (
    choose_by_folds,
    cross_validate,
    fold_answers,
)
from automl.engine.ledger import SEARCH_TRAINING
from automl.engine.plan import Plan
from automl.engine.setting import Setting
from automl.run.predictions import save_predictions
from automl.run.trial import Training, TrialRecord
from automl.training.assignment import EpochEnded, Fold, TrainingResult
from automl.training.samples import held_out_rows, joined_targets
from automl.workers.messages import Ended, Event
from tests.automl.one_worker import OneWorker
from tests.automl.settings import (
    EPOCH_SECONDS,
    StillClock,
    add_trial,
    make_setting,
    two_classes,
    write_targets,
)

FOLDS = 3
EPOCHS = 10
#: What a training is reckoned to take: so many epochs, and a while for tracing.
TRAINING_SECONDS = 1.15 * EPOCHS * 0.8 + 5  # two of three folds of 600 samples
#: Of the refit after them, of a fifth more samples, and the scoring before it.
REFIT_SECONDS = 5 + 1.15 * EPOCHS * 1.2 + 5


class SlowWorker(OneWorker):
    """A worker whose every training takes as long as was reckoned."""

    def __init__(self, clock: StillClock, scores: list[float]) -> None:
        done = [TrainingResult(EPOCHS, EPOCHS, score, 1.0, 1.0) for score in scores]
        super().__init__([Ended(0, result) for result in done])
        self.clock = clock

    def wait(self) -> list[Event]:
        self.clock.now += TRAINING_SECONDS
        return super().wait()


def setting_of(
    folder: Path,
    scores: list[float],
    monkeypatch: pytest.MonkeyPatch,
    *,
    budget: float | None = None,
) -> tuple[Setting, SlowWorker]:
    """Return a search whose folds have some scores, one after another."""
    clock = StillClock(budget)
    pool = SlowWorker(clock, scores)
    monkeypatch.setattr(task_loop, "submit_training", pool.submit)
    plan = Plan(EPOCHS, folds=FOLDS, refits=True, export_seconds=0.0)
    setting = make_setting(folder, plan=plan, clock=clock, pool=pool)
    write_targets(setting, train=np.arange(12) % 2, val=np.arange(6) % 2)
    return setting, pool


def predict_folds(setting: Setting, record: TrialRecord) -> None:
    """Write what a trial's folds predicted, all of it right."""
    for index in range(len(record.folds)):
        rows = held_out_rows(setting.data, Fold(index, FOLDS, setting.request.seed))
        folder = setting.run.training(record.trial, f"fold-{index}")
        right = two_classes(joined_targets(setting.data)[rows])
        save_predictions(folder, "val", right)


def names(record: TrialRecord) -> list[str]:
    return [fold.name for fold in record.folds]


def test_what_was_done_before_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting, pool = setting_of(tmp_path, [0.7, 0.9], monkeypatch)
    record = add_trial(setting, 0.9)
    record.folds.append(Training("fold-0", 1, EPOCHS, EPOCHS, val_score=0.8))
    cross_validate(setting, [record])
    assert names(record) == ["fold-0", "fold-1", "fold-2"]
    assert [training.name for _, _, _, training in pool.submitted] == names(record)[1:]
    assert record.fold_score == pytest.approx(0.8)
    assert record.fold_error == pytest.approx(0.1 / np.sqrt(3))
    (on_disk,) = setting.run.read_trials().values()
    assert on_disk == record


def test_where_the_time_ends_those_that_are_done_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Room for five folds and the refit that is to follow.
    budget = 5 * TRAINING_SECONDS + REFIT_SECONDS + 1
    scores = [0.7, 0.7, 0.7]
    setting, pool = setting_of(tmp_path, scores, monkeypatch, budget=budget)
    first, second = add_trial(setting, 0.8), add_trial(setting, 0.9)
    cross_validate(setting, [first, second])
    assert pool.events == []
    assert names(second) == []
    predict_folds(setting, first)
    choice = choose_by_folds(setting, [first, second])
    assert choice is not None
    assert choice.tied == (first.trial,)
    assert len(fold_answers(setting)) == 18


def test_with_no_finalist_done_nothing_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = 2 * TRAINING_SECONDS + REFIT_SECONDS + 1
    setting, _ = setting_of(tmp_path, [0.7, 0.7], monkeypatch, budget=budget)
    record = add_trial(setting, 0.8)
    cross_validate(setting, [record])
    assert names(record) == ["fold-0", "fold-1"]
    assert choose_by_folds(setting, [record]) is None


def test_all_but_the_first_are_tried_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(rounds: int, folder: Path) -> list[list[str]]:
        budget = rounds * TRAINING_SECONDS + REFIT_SECONDS + 1
        setting, _ = setting_of(folder, [0.8] * rounds, monkeypatch, budget=budget)
        records = [add_trial(setting, 0.9) for _ in range(3)]
        cross_validate(setting, records)
        return [names(record) for record in records]

    whole = [f"fold-{index}" for index in range(FOLDS)]
    assert tried(0, tmp_path / "0") == [[], [], []]
    assert tried(2, tmp_path / "2") == [whole[:2], [], []]
    assert tried(3 * FOLDS - 1, tmp_path / "8") == [whole, whole, []]
    assert tried(3 * FOLDS, tmp_path / "9") == [whole, whole, whole]


def test_cheap_ones_leave_the_time_that_the_refit_of_a_dear_one_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(dear: float, folder: Path) -> list[int]:
        scores = [0.8] * 2 * FOLDS
        setting, _ = setting_of(folder, scores, monkeypatch, budget=162.0)
        records = [add_trial(setting, 0.9), add_trial(setting, 0.8)]
        row = {"epoch": 1.0, "seconds": dear}
        setting.ledger.add_epoch(records[0], SEARCH_TRAINING, EpochEnded(row, 0.9))
        cross_validate(setting, records)
        return [len(names(record)) for record in records]

    assert tried(2 * EPOCH_SECONDS, tmp_path / "near") == [FOLDS, FOLDS]
    assert tried(5 * EPOCH_SECONDS, tmp_path / "dear") == [FOLDS, 0]


def test_where_a_dear_one_does_not_fit_a_cheaper_one_is_tried_but_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(order: list[int], folder: Path) -> list[int]:
        budget = 2 * FOLDS * TRAINING_SECONDS + REFIT_SECONDS + 1
        setting, _ = setting_of(folder, [0.8] * 2 * FOLDS, monkeypatch, budget=budget)
        records = [add_trial(setting, 0.9) for _ in range(3)]
        row = {"epoch": 1.0, "seconds": 100 * EPOCH_SECONDS}
        setting.ledger.add_epoch(records[0], SEARCH_TRAINING, EpochEnded(row, 0.9))
        cross_validate(setting, [records[place] for place in order])
        return [len(names(records[place])) for place in order]

    assert tried([1, 0, 2], tmp_path / "second") == [FOLDS, 0, FOLDS]
    assert tried([0, 1, 2], tmp_path / "first") == [0, 0, 0]


def test_the_answers_of_folds_keep_their_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting, _ = setting_of(tmp_path, [], monkeypatch)
    train, val = (setting.data.split(name) for name in ("train", "val"))
    train.file("groups.json").write_text(str([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]))
    val.file("groups.json").write_text(str([6, 6, 7, 7, 8, 8]))
    assert setting.answers("val").groups is not None
    groups = fold_answers(setting).groups
    assert groups is not None
    assert sorted(groups) == sorted([*range(9), *range(9)])
    # Pairs lie in one fold, so they are side by side.
    assert (groups[::2] == groups[1::2]).all()
