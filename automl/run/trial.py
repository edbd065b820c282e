"""The record of one trial: one configuration, however often it was trained on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

QUEUED = "queued"
RUNNING = "running"
COMPLETED = "completed"
STOPPED = "stopped"
FAILED = "failed"
SKIPPED = "skipped"


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
        seconds: Time in training and validation steps.
        overhead_seconds: Time in building, tracing, checkpoints and measuring.
    """

    name: str
    seed: int
    planned_epochs: int
    epochs: int = 0
    best_epoch: int | None = None
    val_score: float | None = None
    seconds: float = 0.0
    overhead_seconds: float = 0.0


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
        macs: Multiply-accumulates of one forward pass of one sample.
        size_mb: Size of the weights in 10^6 bytes.
        latency_ms: Median latency at batch size 1.
        latency_p95_ms: 95th percentile of the same.
        optimizer: Name of the optimizer.
        learning_rate: Peak learning rate.
        rungs: Ids of the oracle's trials that were run for it, in order; one a rung.
        trainings: One a seed; the first is the search's own.
        worker: Worker that ran it last.
        started_seconds: Start, in seconds of search.
        ended_seconds: End, in seconds of search.
        test_score: Score on the untouched test split; shortlist only.
        test_interval: Its 95 % interval.
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
    worker: int | None = None
    started_seconds: float | None = None
    ended_seconds: float | None = None
    test_score: float | None = None
    test_interval: list[float] | None = None

    def best_training(self, direction: str) -> Training | None:
        """Return the training with the best validation score, if any has one."""
        scored = [t for t in self.trainings if t.val_score is not None]
        sign = 1 if direction == "max" else -1
        return max(scored, key=lambda t: sign * (t.val_score or 0.0), default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrialRecord:
        """Return the record that `to_json` wrote."""
        trainings = [Training(**training) for training in values["trainings"]]
        return cls(**{**values, "trainings": trainings})
