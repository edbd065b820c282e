"""How long the winner is trained on all samples."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from automl.engine import task_loop
from automl.engine.plan import Plan
from automl.engine.refit import refit
from automl.engine.setting import Setting
from automl.run.request import SearchRequest
from automl.run.trial import REFIT, Training, TrialRecord
from automl.training.assignment import EpochEnded, TrainingResult
from automl.workers.messages import Ended
from tests.automl.settings import PLANNED, SPEC, make_setting, new_trial, trained


def refit_epochs(
    setting: Setting,
    record: TrialRecord,
    monkeypatch: pytest.MonkeyPatch,
    *,
    score: float = 0.9,
) -> int:
    """Return the epochs of a trial's refit, which has some score in the end."""
    pool: Any = setting.pool
    pool.events.append(Ended(0, TrainingResult(PLANNED, PLANNED, score, 1.0, 1.0)))
    monkeypatch.setattr(task_loop, "submit_training", pool.submit)
    refit(setting, [record])
    ((_, _, _, training),) = pool.submitted
    assert training.name == REFIT
    return int(training.planned_epochs)


@pytest.mark.parametrize(
    ("best", "end", "wanted"),
    [(60, 0.8, 60), (21, 0.8, 60), (20, 0.8, 40), (5, 0.8, 10), (5, 0.88, 60)],
)
def test_what_was_learned_by_heart_is_not_learned_again(
    best: int, end: float, wanted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path)  # .9 of 100 samples has a standard error of .03
    record = new_trial(setting, best, end)
    assert refit_epochs(setting, record, monkeypatch) == wanted


@pytest.mark.parametrize(("end", "wanted"), [(0.8, 20), (0.88, 60)])
def test_folds_tell_more_than_one_small_split(
    end: float, wanted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path)  # of 600 samples: .014
    record = new_trial(setting, 60, 0.9)
    record.fold_score = 0.9
    record.folds = [
        trained(setting, record, f"fold-{i}", best, end)
        for i, best in enumerate((50, 4, 10, 60, 9))
    ]
    assert refit_epochs(setting, record, monkeypatch) == wanted


def test_of_errors_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = SearchRequest("data", objective="val_loss")
    setting = make_setting(tmp_path, request=request)
    record = new_trial(setting, 5, 2.0)
    assert refit_epochs(setting, record, monkeypatch) == PLANNED


@pytest.mark.parametrize(("score", "kept"), [(0.95, True), (0.88, True), (0.85, False)])
def test_a_refit_that_went_wrong_is_dropped(
    score: float, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path)  # .9 of 100 samples has a standard error of .03
    record = new_trial(setting, PLANNED, 0.8)
    refit_epochs(setting, record, monkeypatch, score=score)
    refits = [t.val_score for t in record.trainings if t.name == REFIT]
    assert refits == ([0.9] if kept else [])  # it keeps the score that chose it


def test_few_validations_tell_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of 1 439 sentences: the error is .011.
    spec = replace(SPEC, num_train=8158, num_val=1439)
    setting = make_setting(tmp_path, spec=spec, plan=Plan(10))
    record = setting.ledger.open({}, origin="auto", landmark=False)
    scores = (0.765, 0.760, 0.745, 0.742, 0.744, 0.743, 0.744, 0.744, 0.744, 0.744)
    for epoch, score in enumerate(scores, 1):
        row = {"epoch": float(epoch), setting.objective: score, "seconds": 1.0}
        setting.ledger.add_epoch(record, "search", EpochEnded(row, score))
    record.trainings = [Training("search", 1, 10, 10, best_epoch=1, val_score=0.765)]
    assert refit_epochs(setting, record, monkeypatch) == 2


def test_what_single_folds_had_by_luck_is_no_fall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(tmp_path)
    record = new_trial(setting, 60, 0.9)
    record.fold_score = 0.9
    for lucky in range(1, 6):
        name = f"fold-{lucky}"
        for epoch in range(1, PLANNED + 1):
            score = 0.95 if epoch == 3 * lucky else 0.9
            row = {"epoch": float(epoch), setting.objective: score, "seconds": 1.0}
            setting.ledger.add_epoch(record, name, EpochEnded(row, score))
        record.folds.append(
            Training(name, 1, PLANNED, PLANNED, best_epoch=3 * lucky, val_score=0.95)
        )
    assert refit_epochs(setting, record, monkeypatch) == PLANNED
