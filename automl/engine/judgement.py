"""The untouched test split, opened once, for the shortlist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from automl.engine.refit import refit
from automl.engine.setting import Setting
from automl.metrics.catalog import metrics_of
from automl.metrics.scores import scores
from automl.run.predictions import load_predictions
from automl.run.trial import Training, TrialRecord
from automl.selection.choice import Choice, Finalist, choose
from automl.selection.scores import score_with_interval
from automl.training.scoring import ScoringRequest, score_model
from automl.workers.messages import Broke, Ended, Job

_TIME_LIMIT_SECONDS = 3600.0


@dataclass(frozen=True)
class Judgement:
    """What the shortlist's results say.

    Attributes:
        choice: The recommended trial and those tied with it.
        trainings: Name of the training that speaks for each finalist.
        by_folds: Whether the choice rests on a cross-validation.
    """

    choice: Choice
    trainings: dict[str, str]
    by_folds: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values for `run.json`."""
        return {
            "best": self.choice.best,
            "recommended": self.choice.recommended,
            "tied": list(self.choice.tied),
            "trainings": self.trainings,
            "by_folds": self.by_folds,
        }


def judge(
    setting: Setting, shortlist: Sequence[TrialRecord], choice: Choice | None = None
) -> Judgement:
    """Score the shortlist, note the test scores, and choose by validation.

    Args:
        setting: The search.
        shortlist: The finalists.
        choice: What a cross-validation chose; it stands if its model can be scored.

    Raises:
        RuntimeError: If no finalist can be scored; its reason is the last one's.
    """
    trainings = {r.trial: _speaking_training(setting, r) for r in shortlist}
    reasons = _score_all(setting, shortlist, trainings)
    scored = [record for record in shortlist if record.trial not in reasons]
    if not scored:
        raise RuntimeError(f"No finalist could be scored: {list(reasons.values())[-1]}")
    by_folds = choice is not None and choice.recommended not in reasons
    if choice is None or not by_folds:
        finalists = [_finalist(setting, r, trainings[r.trial]) for r in scored]
        choice = choose(finalists, setting.objective, setting.answers("val"))
    if setting.plan.refits:
        winner = setting.ledger.records[choice.recommended]
        trainings[winner.trial] = _refitted(setting, winner, trainings[winner.trial])
    for record in scored:
        _note_test_scores(setting, record, trainings[record.trial])
    names = {record.trial: trainings[record.trial].name for record in scored}
    return Judgement(choice, names, by_folds)


def _refitted(setting: Setting, winner: TrialRecord, chosen: Training) -> Training:
    """Return the winner's training on all but the test split, or the chosen one."""
    setting.progress.phase("training the winner on training and validation samples")
    refit(setting, winner)
    training = _speaking_training(setting, winner)
    if training.name == chosen.name:
        return chosen
    reasons = _score_all(setting, [winner], {winner.trial: training})
    if reasons:
        winner.trainings.remove(training)
    return chosen if reasons else training


def _speaking_training(setting: Setting, record: TrialRecord) -> Training:
    training = record.best_training(setting.direction)
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


def _note_test_scores(
    setting: Setting, record: TrialRecord, training: Training
) -> None:
    folder = setting.run.training(record.trial, training.name)
    predictions = load_predictions(folder, "test")
    answers = setting.answers("test")
    record.test_score, interval = score_with_interval(
        setting.objective,
        predictions,
        answers.targets,
        task=answers.task,
        scale=answers.scale,
    )
    record.test_interval = list(interval)
    names = [metric.name for metric in metrics_of(answers.task)]
    record.test_metrics = scores(names, predictions, answers)
    setting.ledger.save(record)


def _finalist(setting: Setting, record: TrialRecord, training: Training) -> Finalist:
    folder = setting.run.training(record.trial, training.name)
    return Finalist(
        trial=record.trial,
        score=setting.ledger.score(record),
        predictions=load_predictions(folder, "val"),
        macs=record.macs or 0,
        params=record.params or 0,
    )
