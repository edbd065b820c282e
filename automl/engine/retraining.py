"""A trial trained again, because its weights are gone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from automl.run.directory import RunDirectory
from automl.run.trial import REFIT, Training, TrialRecord
from automl.training.assignment import Assignment, Fold, SpaceRequest
from automl.training.checkpoint import BEST
from automl.training.trial import run_assignment


def retrain(
    run: RunDirectory,
    record: TrialRecord,
    training: Training,
    space: SpaceRequest,
    call: Callable[..., Any],
) -> Path:
    """Repeat a training with its seed, and return the folder of its weights.

    It is trained to the epoch whose weights were kept, and no further: the training
    may have gone from rung to rung, and short epochs share a validation, so that in
    one go that epoch might not be validated. What an earlier call trained is taken as
    it is.

    Args:
        run: The run.
        record: The trial.
        training: Which of its trainings.
        space: The search space.
        call: Makes a call in a worker.
    """
    request = run.request()
    folder = run.training(record.trial, f"{training.name}-again")
    if (folder / BEST).exists():
        return folder
    folds = run.read()["plan"].get("folds") or 1
    every_sample = Fold(None, folds, request.seed) if training.name == REFIT else None
    assignment = Assignment(
        trial=record.trial,
        training=training.name,
        folder=folder,
        data=run.prepared,
        space=replace(space, max_epochs=training.planned_epochs),
        hyperparameters=record.hyperparameters,
        seed=training.seed,
        initial_epoch=0,
        epochs=training.best_epoch or training.epochs,
        objective=request.objective or "",
        direction=request.direction,
        limits=None,
        fold=every_sample,
        last_wins=True,
    )
    folder.mkdir(parents=True, exist_ok=True)
    call(run_assignment, assignment, seconds=math.inf, trains=True)
    return folder
