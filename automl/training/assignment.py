"""What passes between the search and the worker that trains a trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automl_search_spaces.limits import Limits


@dataclass(frozen=True)
class SpaceRequest:
    """Which search space, and what bounds it.

    Attributes:
        name: A shipped space, or a Python file.
        max_epochs: Epochs of a full training.
        max_macs: Multiply-accumulates to which the ranges are narrowed; `None` for
            no limit.
        objective: What is searched for, for example `val_accuracy`.
        trunk: File of the trained network to start from, in place of the space that
            `name` tells; `None` for that space.
        limits: What a network must not exceed to be proposed.
        export: Formats that every network has to be exported to.
        quantize: How LiteRT's weights are to be kept.
    """

    name: str
    max_epochs: int
    max_macs: int | None = None
    objective: str | None = None
    trunk: Path | None = None
    limits: Limits = field(default_factory=Limits)
    export: tuple[str, ...] = ()
    quantize: str = "none"


@dataclass(frozen=True)
class Fold:
    """One fold of a cross-validation.

    Attributes:
        index: Which, from 0; `None` holds nothing out: all training and validation
            samples are learned from, and the weights of the last epoch are kept.
        folds: How many there are.
        seed: Seed of the division; the same for every network that is compared.
    """

    index: int | None
    folds: int
    seed: int


@dataclass(frozen=True)
class Assignment:
    """Train one configuration with one seed from one epoch to another.

    Attributes:
        trial: Trial the training belongs to.
        training: Name of the training within the trial.
        folder: Where its checkpoint and best weights lie.
        data: Folder of the prepared arrays.
        space: The search space.
        hyperparameters: Values of the trial.
        seed: Seed of weights, shuffling and augmentation.
        initial_epoch: Epochs trained already; above 0 the checkpoint is taken up.
        epochs: Epochs in all once this is done.
        objective: For example `val_accuracy`.
        direction: `max` or `min`.
        limits: What the model must not exceed; `None` for a model that was accepted
            before, which is then neither measured nor asked about.
        best_score: Best validation score before `initial_epoch`.
        best_epoch: Its epoch.
        best_loss: Its validation loss.
        fold: Which part of the training and validation samples is held out, to
            validate on in place of the validation split; `None` for that.
        last_wins: Whether the weights of the last epoch are kept, whatever they score.
    """

    trial: str
    training: str
    folder: Path
    data: Path
    space: SpaceRequest
    hyperparameters: Mapping[str, Any]
    seed: int
    initial_epoch: int
    epochs: int
    objective: str
    direction: str
    limits: Limits | None = field(default_factory=Limits)
    best_score: float | None = None
    best_epoch: int | None = None
    best_loss: float | None = None
    fold: Fold | None = None
    last_wins: bool = False


@dataclass(frozen=True)
class ModelCost:
    """What a model costs, known as soon as it is built.

    Attributes:
        architecture: Short notation.
        params: Parameters.
        macs: Multiply-accumulates of one forward pass of one sample, as far as they
            are known.
        size_mb: Size of the weights, in 10^6 bytes.
        unknown_layers: Names of the layers whose multiply-accumulates are not known;
            with any of them there are more than `macs`.
    """

    architecture: str
    params: int
    macs: int
    size_mb: float
    unknown_layers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ModelFacts:
    """What else is known of a model before it is trained."""

    identity: str
    latency_ms: float
    latency_p95_ms: float
    optimizer: str
    learning_rate: float


@dataclass(frozen=True)
class EpochEnded:
    """One epoch of a training.

    Attributes:
        row: `epoch` (from 1), `loss`, `val_loss`, further metrics, and `seconds`:
            the time of an epoch, on average since the row before.
        score: The objective's value.
    """

    row: Mapping[str, float]
    score: float


@dataclass(frozen=True)
class TrainingResult:
    """How an assignment ended.

    Attributes:
        epochs: Epochs trained in all, this assignment's and earlier ones'.
        best_epoch: Epoch of the best validation score, from 1.
        best_score: Best validation score.
        seconds: Time in training and validation steps.
        overhead_seconds: Time in everything else.
        stopped: Whether it was asked to stop before `epochs` was reached.
        best_loss: Validation loss of the best epoch.
    """

    epochs: int
    best_epoch: int | None
    best_score: float | None
    seconds: float
    overhead_seconds: float
    stopped: bool = False
    best_loss: float | None = None
