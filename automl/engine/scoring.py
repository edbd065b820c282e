"""Trained models, scored on validation and test samples on all workers at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

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

    Args:
        setting: The search.
        trainings: Name of the training to score, by trial.

    Returns:
        The reasons of those that failed, by trial.
    """
    jobs = {
        trial: partial(_job, setting, trial, trainings[trial]) for trial in trainings
    }
    outcomes = run_jobs(setting.pool, jobs, setting.run.log, setting.refresh_report)
    return {
        trial: event.reason for trial, event in outcomes if isinstance(event, Broke)
    }


def _job(setting: Setting, trial: str, training: str) -> Job:
    request = scoring_request(setting, setting.ledger.records[trial], training)
    return Job(score_model, request, _TIME_LIMIT_SECONDS)
