"""Trained models, scored on validation and test samples on all workers at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from automl.engine.another_try import refuse_full_disk
from automl.engine.jobs import run_jobs
from automl.engine.setting import Setting
from automl.run.trial import TrialRecord
from automl.training.scoring import ScoringRequest, score_model
from automl.workers.messages import Broke, Job

_TIME_LIMIT_SECONDS = 3600.0


def scoring_request(
    setting: Setting, record: TrialRecord, training: str
) -> ScoringRequest:
    """Return what names one training's best weights."""
    return ScoringRequest(
        folder=setting.run.training(record.trial, training),
        data=setting.run.prepared,
        space=setting.space,
        hyperparameters=record.hyperparameters,
    )


def score_all(setting: Setting, trainings: Mapping[str, str]) -> dict[str, str]:
    """Have models predict the validation and the test split.

    What fails is tried again alone: with all workers at it memory may be short. What
    fails again is told to the user.

    Args:
        setting: The search.
        trainings: Name of the training to score, by trial.

    Returns:
        The reasons of those that failed, by trial.

    Raises:
        OSError: If the disk is full.
    """
    reasons: dict[str, str] = {}
    for trial in _failed(setting, trainings):
        reasons |= _failed(setting, {trial: trainings[trial]})
    for trial, reason in reasons.items():
        setting.progress.message(
            f"{trial} {trainings[trial]} can't be scored: {reason}"
        )
    return reasons


def _failed(setting: Setting, trainings: Mapping[str, str]) -> dict[str, str]:
    """Have models predict on all workers at once; return the reasons of failures."""
    jobs = {
        trial: partial(_job, setting, trial, trainings[trial]) for trial in trainings
    }
    reasons = {}
    for trial, event in run_jobs(
        setting.pool, jobs, setting.run.log, setting.refresh_report
    ):
        if isinstance(event, Broke):
            refuse_full_disk(event)
            reasons[trial] = event.reason
    return reasons


def _job(setting: Setting, trial: str, training: str) -> Job:
    request = scoring_request(setting, setting.ledger.records[trial], training)
    return Job(score_model, request, _TIME_LIMIT_SECONDS)
