"""The untouched test split, opened once, for the shortlist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.engine.setting import Setting
from automl.run.directory import probabilities_file
from automl.run.trial import Training, TrialRecord
from automl.selection.choice import Choice, Finalist, choose
from automl.selection.scores import (
    correct_predictions,
    cross_entropies,
    score_with_interval,
)
from automl.training.scoring import ScoringRequest, score_model
from automl.workers.messages import Broke, Ended, Job

_TIME_LIMIT_SECONDS = 3600.0


@dataclass(frozen=True)
class Judgement:
    """What the shortlist's results say.

    Attributes:
        choice: The recommended trial and those tied with it.
        trainings: Name of the training that speaks for each finalist.
    """

    choice: Choice
    trainings: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values for `run.json`."""
        return {
            "best": self.choice.best,
            "recommended": self.choice.recommended,
            "tied": list(self.choice.tied),
            "trainings": self.trainings,
        }


def judge(setting: Setting, shortlist: Sequence[TrialRecord]) -> Judgement:
    """Score the shortlist, note the test scores, and choose by validation.

    Raises:
        RuntimeError: If no finalist can be scored; its reason is the last one's.
    """
    trainings = {r.trial: _speaking_training(setting, r) for r in shortlist}
    reasons = _score_all(setting, shortlist, trainings)
    scored = [record for record in shortlist if record.trial not in reasons]
    if not scored:
        raise RuntimeError(f"No finalist could be scored: {list(reasons.values())[-1]}")
    for record in scored:
        _note_test_score(setting, record, trainings[record.trial])
    finalists = [_finalist(setting, r, trainings[r.trial]) for r in scored]
    names = {record.trial: trainings[record.trial].name for record in scored}
    return Judgement(choose(finalists), names)


def _speaking_training(setting: Setting, record: TrialRecord) -> Training:
    training = record.best_training(setting.request.direction)
    if training is None:
        raise ValueError(f"Trial {record.trial} has no score.")
    return training


def _score_all(
    setting: Setting, shortlist: Sequence[TrialRecord], trainings: dict[str, Training]
) -> dict[str, str]:
    """Score every finalist, and return the reasons of those that failed."""
    waiting = list(shortlist)
    running: dict[int, str] = {}
    reasons: dict[str, str] = {}
    while waiting or running:
        for worker in setting.pool.idle()[: len(waiting)]:
            record = waiting.pop(0)
            running[worker] = record.trial
            request = scoring_request(setting, record, trainings[record.trial].name)
            setting.pool.submit(worker, Job(score_model, request, _TIME_LIMIT_SECONDS))
        for event in setting.pool.wait():
            if isinstance(event, Ended | Broke):
                trial = running.pop(event.worker)
                if isinstance(event, Broke):
                    reasons[trial] = event.reason
                    setting.run.log(f"scoring {trial}: {event}")
    return reasons


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


def _probabilities(
    setting: Setting, record: TrialRecord, training: Training, split: str
) -> np.ndarray:
    folder = setting.run.training(record.trial, training.name)
    probabilities: np.ndarray = np.load(
        probabilities_file(folder, split), allow_pickle=False
    )
    return probabilities


def _note_test_score(setting: Setting, record: TrialRecord, training: Training) -> None:
    score, interval = score_with_interval(
        setting.request.objective,
        _probabilities(setting, record, training, "test"),
        setting.data.split("test").targets,
    )
    record.test_score, record.test_interval = score, list(interval)
    setting.ledger.save(record)


def _finalist(setting: Setting, record: TrialRecord, training: Training) -> Finalist:
    probabilities = _probabilities(setting, record, training, "val")
    targets = setting.data.split("val").targets
    sign = 1 if setting.request.direction == "max" else -1
    return Finalist(
        trial=record.trial,
        score=sign * setting.ledger.score(record),
        correct=correct_predictions(probabilities, targets),
        losses=cross_entropies(probabilities, targets),
        macs=record.macs or 0,
        params=record.params or 0,
    )
