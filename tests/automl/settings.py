"""A search under way, made of real parts, for tests of one of its phases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from automl.engine.clock import Clock
from automl.engine.interrupt import Interrupt
from automl.engine.ledger import SEARCH_TRAINING, Ledger
from automl.engine.plan import Plan
from automl.engine.setting import Setting
from automl.run.directory import RunDirectory
from automl.run.predictions import save_predictions
from automl.run.request import SearchRequest
from automl.run.trial import COMPLETED, Training, TrialRecord
from automl.training.assignment import EpochEnded, SpaceRequest
from automl_datasets.preparation import PreparedData
from automl_datasets.profile import DataProfile
from automl_datasets.spec import DataSpec
from automl_reports.terminal.silent import SilentProgress
from tests.automl.one_worker import OneWorker

EPOCH_SECONDS = 1.0
PLANNED = 60
SPEC = DataSpec(
    "image", (8, 8, 1), "uint8", "classification", ("a", "b"),
    500, 100, 100, (0.0,), (1.0,),
)  # fmt: skip


class StillClock(Clock):
    """A clock that stands still until it is moved.

    Attributes:
        now: Second of the run that it shows.
    """

    def __init__(self, budget_seconds: float | None = None) -> None:
        super().__init__(budget_seconds)
        self.now = 0.0

    def elapsed(self) -> float:
        return self.now


def make_setting(folder: Path, *, spec: DataSpec = SPEC, **parts: Any) -> Setting:
    """Return a search that nothing was done in yet.

    Args:
        folder: Of the run.
        spec: The data, of which there are no arrays but those that a test writes.
        **parts: Fields of the setting in place of the usual ones.
    """
    run = RunDirectory(folder)
    run.prepared.mkdir(parents=True, exist_ok=True)
    request = parts.get("request", SearchRequest("data"))
    profile = DataProfile("data", spec.kind, "", {})
    usual: dict[str, Any] = {
        "run": run,
        "request": request,
        "plan": Plan(60, export_seconds=0.0),
        "data": PreparedData(run.prepared, spec, profile, "", {}),
        "space": SpaceRequest("auto", max_epochs=60),
        "ledger": Ledger(run, request.direction),
        "pool": OneWorker([]),
        "clock": StillClock(),
        "progress": SilentProgress(),
        "interrupt": Interrupt(),
        "refresh_report": lambda: None,
    }
    return Setting(**{**usual, **parts})


def write_targets(setting: Setting, **targets: np.ndarray) -> None:
    """Write the right answers of some splits."""
    for split, answers in targets.items():
        np.save(setting.data.split(split).file("targets.npy"), answers)


def add_trial(
    setting: Setting, score: float, *, epochs: int = 1, planned: int = PLANNED
) -> TrialRecord:
    """Return a trial that the search trained, each epoch with the same score."""
    record = setting.ledger.open({}, origin="auto", landmark=False)
    training = Training(SEARCH_TRAINING, 1, planned, epochs, val_score=score)
    training.seconds = epochs * EPOCH_SECONDS
    record.trainings.append(training)
    setting.ledger.close(record, COMPLETED)
    for epoch in range(1, epochs + 1):
        row = {"epoch": float(epoch), "seconds": EPOCH_SECONDS}
        setting.ledger.add_epoch(record, SEARCH_TRAINING, EpochEnded(row, score))
    return record


def trained(
    setting: Setting, record: TrialRecord, name: str, best: int, end: float
) -> Training:
    """Return a training that had .9 around its best epoch, and so much elsewhere."""
    for epoch in range(1, PLANNED + 1):
        score = 0.9 if abs(epoch - best - 0.5) < PLANNED // 6 else end
        row = {"epoch": float(epoch), setting.objective: score, "seconds": 1.0}
        setting.ledger.add_epoch(record, name, EpochEnded(row, score))
    return Training(name, 1, PLANNED, PLANNED, best_epoch=best, val_score=0.9)


def new_trial(setting: Setting, best: int, end: float) -> TrialRecord:
    """Return a trial whose training had .9 around its best epoch, and then less."""
    record = setting.ledger.open({}, origin="auto", landmark=False)
    record.trainings = [trained(setting, record, SEARCH_TRAINING, best, end)]
    return record


def two_classes(targets: np.ndarray, wrong: Iterable[int] = ()) -> np.ndarray:
    """Return what a model predicts that is slightly wrong on some samples."""
    sure = np.full(len(targets), 0.9)
    sure[list(wrong)] = 0.4
    return np.where(np.eye(2, dtype=bool)[targets], sure[:, None], 1 - sure[:, None])


def predict(
    setting: Setting,
    record: TrialRecord,
    *,
    training: str = SEARCH_TRAINING,
    wrong: Iterable[int] = (),
) -> None:
    """Write what a training predicts on both splits, wrong on the same places."""
    folder = setting.run.training(record.trial, training)
    for split in ("val", "test"):
        targets = setting.data.split(split).targets
        save_predictions(folder, split, two_classes(targets, wrong))
