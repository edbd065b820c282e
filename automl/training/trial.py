"""Train one assignment: the function a worker runs."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from automl.run.predictions import save_predictions
from automl.training.assignment import (
    Assignment,
    EpochEnded,
    TrainingResult,
)
from automl.training.best import Best
from automl.training.checkpoint import (
    load_checkpoint,
    remove_checkpoints,
    save_checkpoint,
)
from automl.training.errors import TrialFailedError, TrialSkippedError
from automl.training.facts import (
    check_latency,
    check_limits,
    check_training,
    model_cost,
    model_facts,
)
from automl.training.mixing import mixing_of
from automl.training.samples import training_and_validation
from automl.training.spaces import Space, build_model, load_space
from automl.training.traced import Candidate, Configuration, TracedModels
from automl.training.validation import Validation
from automl_datasets.preparation import open_prepared
from automl_search_spaces.limits import Limits

_LEAST_STEPS = 20
_LEAST_VALIDATIONS = 30
_MOST_TRACED = 4


class Channel(Protocol):
    """How a job talks to whoever gave it."""

    def send(self, message: object) -> None:
        """Tell something."""

    def ask(self, message: object) -> Any:
        """Tell something and wait for the answer."""

    def stop_requested(self) -> bool:
        """Whether the job should end at the next good moment.

        To ask is a sign of life: a training that does not for long is killed.
        """


class _StopRequestedError(Exception):
    """Leaves training or validation in the middle, whose epochs do not count."""


class _Guard:
    """Ends epochs that are no use to anyone."""

    def __init__(
        self, heed_stop: Callable[[], None], first_epoch: int, steps: int
    ) -> None:
        self.heed_stop = heed_stop
        self.first_epoch = first_epoch
        self.steps = steps
        self.start = time.perf_counter()
        self.first_step_seconds: float | None = None

    def after_step(self, step: int, loss: float) -> None:
        if self.first_step_seconds is None:
            self.first_step_seconds = time.perf_counter() - self.start
        if not math.isfinite(loss):
            epoch = self.first_epoch + step // self.steps + 1
            raise TrialFailedError(f"the loss became {loss} in epoch {epoch}")
        self.heed_stop()


#: Of this process: what jobs leave for those that come after them.
_TRACED = TracedModels(_MOST_TRACED)


def run_assignment(
    assignment: Assignment, channel: Channel, traced: TracedModels = _TRACED
) -> TrainingResult:
    """Build, check, train and checkpoint one configuration.

    Before the first epoch it sends `ModelCost` and asks with `ModelFacts`, unless the
    assignment has no limits; any answer but an empty text is the reason to skip the
    trial. It sends `EpochEnded` after every validation, which very short epochs share.
    At the end, or when it was asked to stop, the folder holds `best.npz`, the weights
    of the best epoch, and `epoch-<epochs>.npz`, from which a later assignment goes on,
    unless there is nothing left to train; of a fold only the best epoch's predictions
    on what was held out are kept.

    Args:
        assignment: What to train.
        channel: To the search.
        traced: Models of trials before, one of which may serve again. It changes no
            result.

    Returns:
        The scores, and where the time went.

    Raises:
        TrialFailedError: If the loss is not finite or memory runs out.
        TrialSkippedError: If the model exceeds a limit or repeats another.
    """
    start = time.perf_counter()
    try:
        session = _Session(assignment, channel, start, traced)
        session.prepare()
        session.train()
        return session.finish()
    except tf.errors.ResourceExhaustedError as error:
        raise TrialFailedError("it ran out of memory") from error


class _Session:
    """One assignment while it runs."""

    def __init__(
        self,
        assignment: Assignment,
        channel: Channel,
        start: float,
        traced: TracedModels,
    ) -> None:
        own = Path(assignment.space.name).suffix != ".py"
        _seed(assignment.seed, everything=not own)
        self.assignment = assignment
        self.channel = channel
        self.start = start
        data = open_prepared(assignment.data)
        self.training, held_out = training_and_validation(data, assignment.fold)
        count = len(self.training.targets)
        self.space: Space = load_space(assignment.space, data.spec, num_samples=count)
        self.batch_size = min(self.space.batch_size(assignment.hyperparameters), count)
        kept = traced if own else TracedModels(0)
        self.candidate = Candidate(self._configuration(), kept, self.training)
        self.mixing = mixing_of(self.candidate.model)
        self.validation = Validation(
            self.candidate.predict,
            held_out,
            data.spec,
            objective=assignment.objective,
            after_batch=self._heed_stop,
        )
        self.best = Best(
            assignment.best_score,
            assignment.best_epoch,
            assignment.best_loss,
            1 if assignment.direction == "max" else -1,
            last_wins=assignment.last_wins or self._refits,
        )
        self.epochs_done = assignment.initial_epoch
        self.state: list[np.ndarray] = []
        self.seconds = 0.0

    def _configuration(self) -> Configuration:
        """Return what the assignment says about the model."""
        assignment, count = self.assignment, len(self.training.targets)
        values = assignment.hyperparameters
        place = f"{self.batch_size} {assignment.data}"
        return Configuration(
            lambda: build_model(self.space, values),
            name=f"{assignment.space} {sorted(values.items())} {count} {place}",
            place=place,
            goes_on=assignment.initial_epoch > 0,
        )

    def prepare(self) -> None:
        """Have the new model accepted, or take up the checkpoint."""
        assignment = self.assignment
        if assignment.initial_epoch == 0 and assignment.limits is not None:
            self._propose(assignment.limits)
        self.trainer = self.candidate.trainer()
        if assignment.initial_epoch:
            epochs = assignment.initial_epoch
            load_checkpoint(assignment.folder, self.trainer.state(), epochs=epochs)
            self.trainer.take_up()

    def _propose(self, limits: Limits) -> None:
        """Tell what the model is and costs, and ask whether to train it."""
        model = self.candidate.model
        cost = model_cost(model, self.space.notation(self.assignment.hyperparameters))
        self.channel.send(cost)
        check_limits(cost, limits)
        check_training(model, self.batch_size, limits)
        latency = self.candidate.latency()
        check_latency(latency[0], limits)
        reason = self.channel.ask(model_facts(model, self.batch_size, latency))
        if reason:
            raise TrialSkippedError(reason)

    def train(self) -> None:
        """Train until done or asked to stop, validating now and then."""
        begin, end = self.assignment.initial_epoch, self.assignment.epochs
        steps = len(self.training.targets) // self.batch_size
        stride = validation_stride(steps, self.assignment.space.max_epochs)
        for first in range(begin, end, stride):
            epochs = range(first, min(first + stride, end))
            # A stop comes in the middle of an epoch, of which nothing counts.
            self.state = [np.array(variable) for variable in self.trainer.state()]
            try:
                row = self._train_epochs(epochs, steps)
            except _StopRequestedError:
                return
            self.epochs_done = epochs.stop
            self.channel.send(EpochEnded(row, row[self.assignment.objective]))

    def _train_epochs(self, epochs: range, steps: int) -> dict[str, float]:
        """Train some epochs in one call, and validate after the last of them."""
        start = time.perf_counter()
        batches = self.trainer.batches(
            self.training,
            batch_size=self.batch_size,
            seed=self.assignment.seed,
            epochs=epochs,
            mixing=self.mixing,
        )
        guard = _Guard(self._heed_stop, epochs.start, steps)
        begun = self.seconds
        try:
            logs = self.trainer.train(batches, len(epochs) * steps, guard.after_step)
            row = {"epoch": float(epochs.stop), **logs}
            row |= self._validate(row)
        finally:  # where it is stopped, these were steps all the same
            self.seconds += time.perf_counter() - start
            if epochs.start == self.assignment.initial_epoch:
                # Nearly all of the first one is tracing.
                self.seconds -= guard.first_step_seconds or 0.0
        return {**row, "seconds": (self.seconds - begun) / len(epochs)}

    def _heed_stop(self) -> None:
        """Leave the epochs under way if asked to; once all are done, nothing is left.

        What a fold predicts at its end is all that is kept of it.
        """
        done = self.epochs_done >= self.assignment.epochs
        if self.channel.stop_requested() and not done:
            raise _StopRequestedError

    def _validate(self, row: Mapping[str, float]) -> dict[str, float]:
        """Score the weights or their average, and keep them if they are the best."""
        with self.trainer.averaged():
            scores = self.validation.scores(int(row["epoch"]))
            if self.best.offer({**row, **scores}, self.assignment.objective):
                self.best.weights = self.trainer.model.get_weights()
        return scores

    def finish(self) -> TrainingResult:
        """Write weights and checkpoint, or a fold's predictions, and sum up."""
        stopped = self.epochs_done < self.assignment.epochs
        if self.assignment.fold is None or self._refits:
            self._save(stopped=stopped)
        elif not stopped:
            self.trainer.model.set_weights(self.best.weights)
            predictions = self.validation.predictions()
            save_predictions(self.assignment.folder, "val", predictions)
        self.candidate.keep()
        return TrainingResult(
            epochs=self.epochs_done,
            best_epoch=self.best.epoch,
            best_score=self.best.score,
            best_loss=self.best.loss,
            seconds=self.seconds,
            overhead_seconds=time.perf_counter() - self.start - self.seconds,
            stopped=stopped,
        )

    @property
    def _refits(self) -> bool:
        """Whether nothing is held out, so that the last weights are kept."""
        fold = self.assignment.fold
        return fold is not None and fold.index is None

    @property
    def _may_go_on(self) -> bool:
        """Whether a later assignment may take this one up.

        One that keeps the last weights is done at its end, and if it was stopped
        before, is begun anew.
        """
        unfinished = self.epochs_done < self.assignment.space.max_epochs
        return unfinished and not self.best.last_wins

    def _save(self, *, stopped: bool) -> None:
        folder, began = self.assignment.folder, self.assignment.initial_epoch
        if self.epochs_done > began:
            self.best.save(folder)
            if self._may_go_on:
                state = self.state if stopped else self.trainer.state()
                save_checkpoint(folder, state, epochs=self.epochs_done)
        if not stopped:
            # What it began with stays until the search has put its end on record.
            remove_checkpoints(folder, before=began)


def _seed(seed: int, *, everything: bool) -> None:
    """Have a trial begin as in a new process.

    Our spaces draw from Python's and numpy's numbers alone. Setting TensorFlow's seed
    would throw away what it made of the functions that were traced before.

    Args:
        seed: Of the trial.
        everything: Whether code that is not ours may draw from TensorFlow's.
    """
    if everything:
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
    else:
        random.seed(seed)
        np.random.seed(seed)


def validation_stride(steps: int, max_epochs: int) -> int:
    """Return after how many epochs to validate.

    After each, unless an epoch has so few steps that beginning and validating it would
    take longer than training; but at least some dozen times in a full training.

    Args:
        steps: Training steps of an epoch.
        max_epochs: Epochs of a full training.

    Example:
        >>> validation_stride(200, 60), validation_stride(2, 400)
        (1, 10)
    """
    wanted = math.ceil(_LEAST_STEPS / max(1, steps))
    return max(1, min(wanted, max_epochs // _LEAST_VALIDATIONS))
