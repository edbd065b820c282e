"""How long the winner is trained on all samples."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from automl.engine.ledger import Ledger
from automl.engine.refit import _wanted_epochs
from automl.run.directory import RunDirectory
from automl.run.trial import Training, TrialRecord
from automl.training.assignment import EpochEnded

PLANNED = 60


def setting_of(folder: Path, direction: str = "max") -> Any:
    ledger = Ledger(RunDirectory(folder), direction)
    return SimpleNamespace(
        ledger=ledger,
        direction=direction,
        objective="val_accuracy",
        data=SimpleNamespace(spec=SimpleNamespace(num_train=500, num_val=100)),
    )


def trained(
    setting: Any, record: TrialRecord, name: str, best: int, end: float
) -> Training:
    """Return a training that had .9 after its best epoch, and so much from then on."""
    for epoch in range(1, PLANNED + 1):
        score = 0.9 if epoch == best else end
        row = {"epoch": float(epoch), "val_accuracy": score}
        setting.ledger.add_epoch(record, name, EpochEnded(row, score))
    return Training(name, 1, PLANNED, PLANNED, best_epoch=best, val_score=0.9)


@pytest.mark.parametrize(
    ("best", "end", "wanted"),
    [(60, 0.8, 60), (21, 0.8, 60), (20, 0.8, 40), (5, 0.8, 10), (5, 0.88, 60)],
)
def test_what_was_learned_by_heart_is_not_learned_again(
    best: int, end: float, wanted: int, tmp_path: Path
) -> None:
    setting = setting_of(tmp_path)  # .9 of 100 samples has a standard error of .03
    record = setting.ledger.open({}, origin="auto", landmark=False)
    chosen = trained(setting, record, "search", best, end)
    assert _wanted_epochs(setting, record, chosen) == wanted


@pytest.mark.parametrize(("end", "wanted"), [(0.88, 20), (0.89, 60)])
def test_folds_tell_more_than_one_small_split(
    end: float, wanted: int, tmp_path: Path
) -> None:
    setting = setting_of(tmp_path)  # of 600 samples: .012
    record = setting.ledger.open({}, origin="auto", landmark=False)
    chosen = trained(setting, record, "search", 60, 0.9)
    record.folds = [
        trained(setting, record, f"fold-{i}", best, end)
        for i, best in enumerate((50, 4, 10, 60, 9))
    ]
    assert _wanted_epochs(setting, record, chosen) == wanted


def test_of_errors_nothing_is_told(tmp_path: Path) -> None:
    setting = setting_of(tmp_path, "min")
    record = setting.ledger.open({}, origin="auto", landmark=False)
    chosen = trained(setting, record, "search", 5, 2.0)
    assert _wanted_epochs(setting, record, chosen) == PLANNED
