"""Trained models, scored on validation and test samples on all workers at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from automl.engine.another_try import may_try_again
from automl.engine.setting import Setting
from automl.run.trial import TrialRecord
from automl.training.scoring import ScoringRequest, score_model
from automl.workers.messages import Broke, Ended, Job

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
    waiting = list(trainings)
    running: dict[int, str] = {}
    reasons: dict[str, str] = {}
    tries: Counter[str] = Counter()
    while waiting or running:
        for worker in setting.pool.idle()[: len(waiting)]:
            trial = running[worker] = waiting.pop(0)
            tries[trial] += 1
            record = setting.ledger.records[trial]
            request = scoring_request(setting, record, trainings[trial])
            setting.pool.submit(worker, Job(score_model, request, _TIME_LIMIT_SECONDS))
        for event in setting.pool.wait():
            if isinstance(event, Ended | Broke):
                trial = running.pop(event.worker)
                if isinstance(event, Broke):
                    setting.run.log(f"scoring {trial}: {event}")
                    if may_try_again(event, tries[trial]):
                        waiting.append(trial)
                    else:
                        reasons[trial] = event.reason
    return reasons
