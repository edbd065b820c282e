"""The record of one trial: one configuration, however often it was trained on."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

QUEUED = "queued"
RUNNING = "running"
COMPLETED = "completed"
STOPPED = "stopped"
FAILED = "failed"
SKIPPED = "skipped"

#: Name of the training on the training and the validation samples together.
REFIT = "refit"


@dataclass
class Training:
    """One training of a trial's configuration with one seed.

    Attributes:
        name: Folder of its files, below the trial's own.
        seed: Seed of weights, shuffling and augmentation.
        planned_epochs: Epochs after which its schedule ends.
        epochs: Epochs trained so far.
        best_epoch: Epoch of the best validation score, from 1.
        val_score: Best validation score.
        val_loss: Validation loss of that epoch, which tells equal scores apart.
        seconds: Time in training and validation steps.
        overhead_seconds: Time in building, tracing, checkpoints and measuring.
        longest_overhead_seconds: The most of it in one stretch, of which there is one a
            rung.
    """

    name: str
    seed: int
    planned_epochs: int
    epochs: int = 0
    best_epoch: int | None = None
    val_score: float | None = None
    val_loss: float | None = None
    seconds: float = 0.0
    overhead_seconds: float = 0.0
    longest_overhead_seconds: float = 0.0

    def add_stretch(self, seconds: float, overhead_seconds: float) -> None:
        """Count the time that a worker gave to it."""
        self.seconds += seconds
        self.overhead_seconds += overhead_seconds
        longest = max(self.longest_overhead_seconds, overhead_seconds)
        self.longest_overhead_seconds = longest


@dataclass
class TrialRecord:
    """Everything that is known of one trial; written to `trials/<id>/trial.json`.

    Attributes:
        trial: Identity.
        hyperparameters: Active hyperparameters.
        origin: A landmark's name, or the strategy.
        landmark: Whether it is a published network.
        status: `queued`, `running`, `completed`, `stopped`, `failed`, `skipped`.
        reason: Why it stopped, failed or was skipped.
        architecture: Short notation.
        identity: Hash of what is trained and how; equal for repeats.
        params: Parameters.
        macs: Multiply-accumulates of one forward pass of one sample, as far as they
            are known.
        unknown_layers: Names of the layers whose multiply-accumulates are not known;
            with any of them there are more than `macs`.
        size_mb: Size of the weights in 10^6 bytes.
        latency_ms: Median latency at batch size 1.
        latency_p95_ms: 95th percentile of the same.
        optimizer: Name of the optimizer.
        learning_rate: Peak learning rate.
        rungs: Ids of the oracle's trials that were run for it, in order; one a rung.
        trainings: One a seed; the first is the search's own.
        folds: One a fold of the cross-validation, in order, of those it was given to.
        fold_score: Mean score of all folds, once each has one.
        fold_error: Its standard error.
        worker: Worker that ran it last.
        started_seconds: Start, in seconds of search.
        ended_seconds: End, in seconds of search.
        spans: `[worker, start, end]` of each stretch that a worker gave to it, in
            seconds of search; start and end are equal where it never ended.
        test_score: Score on the untouched test split; shortlist only.
        test_interval: Its 95 % interval.
        test_metrics: Every metric of the task on the test split; shortlist only.
    """

    trial: str
    hyperparameters: dict[str, Any]
    origin: str
    landmark: bool = False
    status: str = QUEUED
    reason: str = ""
    architecture: str = ""
    identity: str = ""
    params: int | None = None
    macs: int | None = None
    size_mb: float | None = None
    latency_ms: float | None = None
    latency_p95_ms: float | None = None
    optimizer: str = ""
    learning_rate: float | None = None
    rungs: list[str] = field(default_factory=list)
    trainings: list[Training] = field(default_factory=list)
    folds: list[Training] = field(default_factory=list)
    fold_score: float | None = None
    fold_error: float | None = None
    worker: int | None = None
    started_seconds: float | None = None
    ended_seconds: float | None = None
    spans: list[list[float]] = field(default_factory=list)
    test_score: float | None = None
    test_interval: list[float] | None = None
    test_metrics: dict[str, float] = field(default_factory=dict)
    unknown_layers: list[str] = field(default_factory=list)

    def best_training(self, direction: str) -> Training | None:
        """Return the training whose weights are the trial's best, if any has a score.

        That is the one that learned from the validation samples too, where there is
        one; its validation score is that of the training that was chosen.
        """
        refit = next((t for t in self.trainings if t.name == REFIT), None)
        return refit or self.validated_training(direction)

    def validated_training(self, direction: str) -> Training | None:
        """Return the best training that never saw the validation samples."""
        sign = 1 if direction == "max" else -1

        def key(training: Training) -> tuple[float, float]:
            return sign * (training.val_score or 0.0), -(training.val_loss or 0.0)

        scored = [
            t for t in self.trainings if t.val_score is not None and t.name != REFIT
        ]
        return max(scored, key=key, default=None)

    def val_score(self, direction: str) -> float | None:
        """Return what ranks the trial: the cross-validated score, or the best one."""
        if self.fold_score is not None:
            return self.fold_score
        best = self.best_training(direction)
        return best.val_score if best else None

    @property
    def cross_validated(self) -> bool:
        """Whether it was trained and scored on all folds."""
        return self.fold_score is not None

    @property
    def counted_macs(self) -> int | None:
        """Its multiply-accumulates; `None` unless all of its layers were counted."""
        return None if self.unknown_layers else self.macs

    def costs(self, names: Sequence[str]) -> tuple[float, ...]:
        """Return some costs of its network; what is not known costs nothing."""
        return tuple(getattr(self, name) or 0.0 for name in names)

    def begin_span(self, worker: int, seconds: float) -> None:
        """Note that a worker took it up."""
        self.spans.append([worker, seconds, seconds])

    def end_span(self, worker: int, seconds: float) -> None:
        """Note that the worker laid it down."""
        span = next((s for s in reversed(self.spans) if s[0] == worker), None)
        if span is not None:
            span[2] = seconds

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        values = vars(self) | {  # `asdict` takes five times as long
            "trainings": [dict(vars(training)) for training in self.trainings],
            "folds": [dict(vars(training)) for training in self.folds],
            "spans": [list(span) for span in self.spans],
        }
        return {name: copy.copy(value) for name, value in values.items()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrialRecord:
        """Return the record that `to_json` wrote."""
        trainings, folds = (
            [Training(**training) for training in values.get(name, ())]
            for name in ("trainings", "folds")
        )
        return cls(**{**values, "trainings": trainings, "folds": folds})
