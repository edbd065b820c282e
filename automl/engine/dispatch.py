"""Giving a worker one stretch of a training."""

from __future__ import annotations

import dataclasses
import math

from automl.engine.setting import Setting
from automl.run.trial import Training, TrialRecord
from automl.training.assignment import Assignment, Fold
from automl.training.trial import run_assignment
from automl.workers.messages import Job
from automl_search_spaces.limits import Limits

#: A training tells of every step and batch. In between it traces and compiles, which
#: takes a minute or two for large networks on a busy machine or a GPU; and the code of
#: a user's space may fetch weights. Only what hangs is silent for ten minutes.
_SILENCE_SECONDS = 600.0


def submit_training(
    setting: Setting,
    worker: int,
    record: TrialRecord,
    training: Training,
    *,
    span: tuple[int, int],
    limits: Limits | None = None,
    fold: Fold | None = None,
) -> None:
    """Have an idle worker train a trial.

    Args:
        setting: The search.
        worker: The worker.
        record: The trial.
        training: Which of its trainings; its schedule ends at `planned_epochs`.
        span: Epochs trained before and after.
        limits: What the model must not exceed; `None` for one that was accepted.
        fold: What is held out; the validation split by default.
    """
    assignment = Assignment(
        trial=record.trial,
        training=training.name,
        folder=setting.run.training(record.trial, training.name),
        data=setting.run.prepared,
        space=dataclasses.replace(setting.space, max_epochs=training.planned_epochs),
        hyperparameters=record.hyperparameters,
        seed=training.seed,
        initial_epoch=span[0],
        epochs=span[1],
        objective=setting.objective,
        direction=setting.direction,
        limits=limits,
        best_score=training.val_score,
        best_epoch=training.best_epoch,
        best_loss=training.val_loss,
        fold=fold,
    )
    job = Job(
        run_assignment,
        assignment,
        math.inf,  # whatever goes on has its time until the phase ends
        trains=True,
        silence_limit_seconds=_SILENCE_SECONDS,
    )
    setting.pool.submit(worker, job)
