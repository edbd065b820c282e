"""Train one assignment: the function a worker runs."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from automl.training.assignment import (
    Assignment,
    EpochEnded,
    TrainingResult,
    TrialFailedError,
    TrialSkippedError,
)
from automl.training.checkpoint import (
    BEST,
    load_checkpoint,
    remove_checkpoints,
    save_arrays,
    save_checkpoint,
)
from automl.training.facts import check_limits, model_cost, model_facts
from automl.training.pipeline import evaluation_batches, training_batches
from automl.training.spaces import Space, build_model, load_space
from automl_datasets.preparation import PreparedData, open_prepared


class Channel(Protocol):
    """How a job talks to whoever gave it."""

    def send(self, message: object) -> None:
        """Tell something."""

    def ask(self, message: object) -> Any:
        """Tell something and wait for the answer."""

    def stop_requested(self) -> bool:
        """Whether the job should end at the next good moment."""


@dataclass
class _Best:
    """The best validation score so far, and the weights that reached it."""

    score: float | None
    epoch: int | None
    sign: int
    weights: list[np.ndarray] = field(default_factory=list)

    def offer(self, score: float, epoch: int, model: keras.Model) -> None:
        if self.score is None or self.sign * score > self.sign * self.score:
            self.score, self.epoch = score, epoch
            self.weights = model.get_weights()

    def save(self, folder: Path) -> None:
        if self.weights:
            save_arrays(folder / BEST, self.weights)


class _StopRequestedError(Exception):
    """Leaves `fit` in the middle of an epoch; that epoch does not count."""


class _Guard(keras.callbacks.Callback):
    """Ends an epoch that is no use to anyone."""

    def __init__(self, stop_requested: Callable[[], bool], epoch: int) -> None:
        super().__init__()
        self.stop_requested = stop_requested
        self.epoch_number = epoch + 1
        self.start = time.perf_counter()
        self.first_step_seconds: float | None = None

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        if self.first_step_seconds is None:
            self.first_step_seconds = time.perf_counter() - self.start
        if not math.isfinite(logs["loss"]):
            raise TrialFailedError(
                f"the loss became {logs['loss']} in epoch {self.epoch_number}"
            )
        if self.stop_requested():
            raise _StopRequestedError


def run_assignment(assignment: Assignment, channel: Channel) -> TrainingResult:
    """Build, check, train and checkpoint one configuration.

    Before the first epoch it sends `ModelCost` and asks with `ModelFacts`; any answer
    but an empty text is the reason to skip the trial. It sends `EpochEnded` an epoch.
    At the end the folder holds `epoch-<epochs>.npz`, from which a later assignment
    goes on, and `best.npz`, the weights of the best epoch.

    Args:
        assignment: What to train.
        channel: To the search.

    Returns:
        The scores, and where the time went.

    Raises:
        TrialFailedError: If the loss is not finite or memory runs out.
        TrialSkippedError: If the model exceeds a limit or repeats another.
    """
    start = time.perf_counter()
    try:
        session = _Session(assignment, channel, start)
        session.prepare()
        session.train()
        return session.finish()
    except tf.errors.ResourceExhaustedError as error:
        raise TrialFailedError("it ran out of memory") from error


class _Session:
    """One assignment while it runs."""

    def __init__(self, assignment: Assignment, channel: Channel, start: float) -> None:
        keras.backend.clear_session()
        gc.collect()
        keras.utils.set_random_seed(assignment.seed)
        self.assignment = assignment
        self.channel = channel
        self.start = start
        self.data: PreparedData = open_prepared(assignment.data)
        self.space: Space = load_space(assignment.space, self.data.spec)
        self.batch_size = self.space.batch_size(assignment.hyperparameters)
        self.model = build_model(self.space, assignment.hyperparameters)
        self.best = _Best(
            assignment.best_score,
            assignment.best_epoch,
            1 if assignment.direction == "max" else -1,
        )
        self.epochs_done = assignment.initial_epoch
        self.seconds = 0.0
        self.last_score: float | None = None

    def prepare(self) -> None:
        """Take up the checkpoint, or have the new model accepted."""
        if self.assignment.initial_epoch:
            load_checkpoint(
                self.assignment.folder,
                self.model,
                epochs=self.assignment.initial_epoch,
            )
            return
        architecture = self.space.notation(self.assignment.hyperparameters)
        cost = model_cost(self.model, architecture)
        self.channel.send(cost)
        check_limits(cost, self.assignment.limits)
        reason = self.channel.ask(
            model_facts(self.model, self.batch_size, self.assignment.limits)
        )
        if reason:
            raise TrialSkippedError(reason)

    def train(self) -> None:
        """Train epoch by epoch until done or asked to stop."""
        validation = evaluation_batches(self.data.split("val"))
        for epoch in range(self.assignment.initial_epoch, self.assignment.epochs):
            try:
                row = self._train_epoch(epoch, validation)
            except _StopRequestedError:
                return
            self.epochs_done = epoch + 1
            self.last_score = row[self.assignment.objective]
            self.best.offer(self.last_score, epoch + 1, self.model)
            self.channel.send(EpochEnded(row, self.last_score))

    def _train_epoch(self, epoch: int, validation: tf.data.Dataset) -> dict[str, float]:
        start = time.perf_counter()
        batches = training_batches(
            self.data.split("train"),
            batch_size=self.batch_size,
            seed=self.assignment.seed,
            epoch=epoch,
        )
        guard = _Guard(self.channel.stop_requested, epoch)
        logs = self.model.fit(
            batches, shuffle=False, verbose=0, callbacks=[guard]
        ).history
        scores = self.model.evaluate(validation, verbose=0, return_dict=True)
        seconds = time.perf_counter() - start
        if epoch == self.assignment.initial_epoch:
            seconds -= guard.first_step_seconds or 0.0  # nearly all of it is tracing
        self.seconds += seconds
        row = {"epoch": float(epoch + 1)}
        row |= {name: float(values[-1]) for name, values in logs.items()}
        row |= {f"val_{name}": float(value) for name, value in scores.items()}
        if not math.isfinite(row["val_loss"]):
            raise TrialFailedError(
                f"the validation loss became {row['val_loss']} in epoch {epoch + 1}"
            )
        return {**row, "seconds": seconds}

    def finish(self) -> TrainingResult:
        """Write weights and checkpoint, and sum up."""
        stopped = self.epochs_done < self.assignment.epochs
        if self.epochs_done > self.assignment.initial_epoch:
            self.best.save(self.assignment.folder)
        if not stopped:
            save_checkpoint(self.assignment.folder, self.model, epochs=self.epochs_done)
            remove_checkpoints(
                self.assignment.folder, before=self.assignment.initial_epoch
            )
        return TrainingResult(
            epochs=self.epochs_done,
            best_epoch=self.best.epoch,
            best_score=self.best.score,
            last_score=self.last_score,
            seconds=self.seconds,
            overhead_seconds=time.perf_counter() - self.start - self.seconds,
            stopped=stopped,
        )
