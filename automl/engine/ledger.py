"""The trials of a search, in memory and on disk."""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterable, Mapping
from typing import Any

from automl.run.directory import RunDirectory
from automl.run.trial import (
    COMPLETED,
    FAILED,
    RUNNING,
    SKIPPED,
    STOPPED,
    Training,
    TrialRecord,
)
from automl.training.assignment import (
    EpochEnded,
    ModelCost,
    ModelFacts,
    TrainingResult,
)

SEARCH_TRAINING = "search"


class Ledger:
    """Every trial's record and history; each change is on disk before it counts.

    Attributes:
        run: Where it is written.
        direction: Whether a large or a small score is good.
        records: The records by identity, in order.
    """

    def __init__(self, run: RunDirectory, direction: str) -> None:
        """Read what is on disk."""
        self.run = run
        self.direction = direction
        self.records = run.read_trials()
        self._histories: dict[tuple[str, str], list[Mapping[str, float]]] = {}
        for record in self.records.values():
            for training in (*record.trainings, *record.folds):
                rows = run.read_history(record.trial, training.name)
                key = record.trial, training.name
                self._histories[key] = _until(rows, training.epochs)

    def open(
        self, values: Mapping[str, Any], *, origin: str, landmark: bool
    ) -> TrialRecord:
        """Return a new trial's record."""
        trial = f"{len(self.records) + 1:04d}"
        record = TrialRecord(trial, dict(values), origin, landmark=landmark)
        self.records[trial] = record
        return record

    def forget_unknown_rungs(self, known: Container[str]) -> None:
        """Drop what was begun in the instant before a crash and never trained.

        Args:
            known: The oracle's trials.
        """
        for record in list(self.records.values()):
            record.rungs = [rung for rung in record.rungs if rung in known]
            if not record.rungs:
                shutil.rmtree(self.run.trial(record.trial))
                del self.records[record.trial]

    def save(self, record: TrialRecord) -> None:
        """Write a record."""
        self.run.write_trial(record)

    def add_facts(self, record: TrialRecord, facts: ModelCost | ModelFacts) -> None:
        """Note what a model is and costs."""
        for name, value in vars(facts).items():
            setattr(record, name, value)
        record.status = RUNNING
        self.save(record)

    def repeated_trial(self, record: TrialRecord, identity: str) -> str | None:
        """Return an earlier trial that trains the same network the same way."""
        for other in self.records.values():
            if other is not record and other.identity == identity:
                return other.trial
        return None

    def add_epoch(self, record: TrialRecord, training: str, epoch: EpochEnded) -> None:
        """Note an epoch, in place of those that a killed worker did not finish."""
        rows = self.history(record.trial, training)
        rows = [*_until(rows, epoch.row["epoch"] - 1), epoch.row]
        self._histories[record.trial, training] = rows
        self.run.write_history(record.trial, training, rows)

    def add_result(
        self, record: TrialRecord, training: Training, result: TrainingResult
    ) -> None:
        """Note how a training went on."""
        training.epochs = result.epochs
        training.best_epoch = result.best_epoch
        training.val_score = result.best_score
        training.val_loss = result.best_loss
        training.seconds += result.seconds
        training.overhead_seconds += result.overhead_seconds

    def close(self, record: TrialRecord, status: str, reason: str = "") -> None:
        """Write how a trial stands."""
        record.status, record.reason = status, reason
        self.save(record)

    def history(self, trial: str, training: str) -> list[Mapping[str, float]]:
        """Return the epochs of one training."""
        return self._histories.get((trial, training), [])

    def counted(self) -> int:
        """Return how many trials count towards a limit on trials."""
        return sum(record.status != SKIPPED for record in self.records.values())

    def ranked(self) -> list[TrialRecord]:
        """Return the trials that have a score, best first; equals in order of loss."""
        usable = [
            record
            for record in self.records.values()
            if record.status in (COMPLETED, STOPPED)
            and record.best_training(self.direction) is not None
        ]
        sign = -1 if self.direction == "max" else 1

        def key(record: TrialRecord) -> tuple[float, float, int]:
            best = record.validated_training(self.direction)
            loss = best.val_loss if best else None
            return sign * self.score(record), loss or 0.0, record.params or 0

        return sorted(usable, key=key)

    def score(self, record: TrialRecord) -> float:
        """Return a scored trial's best score on the validation split."""
        training = record.best_training(self.direction)
        if training is None or training.val_score is None:
            raise ValueError(f"Trial {record.trial} has no score.")
        return training.val_score

    def status_counts(self) -> dict[str, int]:
        """Return how many trials ended in which way."""
        names = (COMPLETED, STOPPED, FAILED, SKIPPED)
        statuses = [record.status for record in self.records.values()]
        return {name: statuses.count(name) for name in names}


def _until(
    rows: Iterable[Mapping[str, float]], epoch: float
) -> list[Mapping[str, float]]:
    return [row for row in rows if row["epoch"] <= epoch]
