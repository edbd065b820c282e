"""The untouched test split, opened once, for the shortlist and its ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from automl.engine.ensembling import (
    Ensemble,
    Proposal,
    ensemble_request,
    propose,
    settle,
    validated_finalist,
    validated_name,
)
from automl.engine.final_training import FinalTraining
from automl.engine.refit import refit
from automl.engine.scoring import score_all, scoring_request
from automl.engine.setting import Setting
from automl.export.ensemble import EnsembleRequest, predicted
from automl.metrics.catalog import metrics_of
from automl.metrics.scores import scores
from automl.run.predictions import load_predictions
from automl.run.trial import REFIT, TrialRecord
from automl.selection.choice import Choice, choose
from automl.selection.scores import score_with_interval
from automl.training.scoring import ScoringRequest

#: Numbers predicted beyond which a bootstrap of every metric would take seconds.
_MOST_BOOTSTRAPPED = 50_000


@dataclass(frozen=True)
class Judgement:
    """What the shortlist's results say.

    Attributes:
        choice: The recommended trial and those tied with it.
        trainings: Name of the training that speaks for each finalist.
        by_folds: Whether the choice rests on a cross-validation.
        cross_validated: Trials that have all folds, of which the finalists are best.
        ensemble: What came of the ensemble, where one was asked for.
        test_intervals: 95 % interval of each metric on the test split, of the model
            that is handed over.
        unscored: Why finalists could not be scored, by trial; they were left out.
    """

    choice: Choice
    trainings: dict[str, str]
    by_folds: bool = False
    cross_validated: int = 0
    ensemble: Ensemble | None = None
    test_intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values for `run.json`."""
        return {
            "best": self.choice.best,
            "recommended": self.choice.recommended,
            "tied": list(self.choice.tied),
            "near": list(self.choice.near),
            "compared": list(self.choice.compared),
            "trainings": self.trainings,
            "by_folds": self.by_folds,
            "cross_validated": self.cross_validated,
            "ensemble": self.ensemble.to_json() if self.ensemble else None,
            "test_intervals": self.test_intervals,
            "unscored": self.unscored,
        }


def judge(
    setting: Setting,
    shortlist: Sequence[TrialRecord],
    choice: Choice | None = None,
    *,
    cross_validated: int = 0,
) -> Judgement | None:
    """Score the shortlist, choose by validation, and note the test scores.

    Args:
        setting: The search.
        shortlist: The finalists.
        choice: What a cross-validation chose; it stands if its model can be scored.
        cross_validated: Trials that have all folds, of which the finalists are best.

    Returns:
        What they say; `None` if the user asked to stop while the winner was trained.

    Raises:
        RuntimeError: If no finalist can be scored; its reason is the last one's.
    """
    reasons = score_all(
        setting, {r.trial: validated_name(setting, r) for r in shortlist}
    )
    scored = [record for record in shortlist if record.trial not in reasons]
    if not scored:
        raise RuntimeError(f"No finalist could be scored: {list(reasons.values())[-1]}")
    by_folds = choice is not None and choice.recommended not in reasons
    if choice is None or not by_folds:
        finalists = [validated_finalist(setting, record) for record in scored]
        choice = choose(finalists, setting.objective, setting.answers("val"))
    proposal = propose(setting, scored, by_folds=by_folds)
    trainings = _trained_out(setting, scored, choice, proposal, by_folds=by_folds)
    if setting.interrupt.requested:
        return None
    for record in scored:
        _note_test_scores(setting, record, trainings[record.trial])
    ensemble = None
    if proposal is not None:
        ensemble = settle(setting, proposal, trainings, choice.recommended)
    names = {record.trial: trainings[record.trial] for record in scored}
    judgement = Judgement(
        choice, names, by_folds, cross_validated, ensemble, unscored=reasons
    )
    predictions = predicted(handed_over(setting, judgement), "test")
    return replace(judgement, test_intervals=_intervals(setting, predictions))


def handed_over(
    setting: Setting, judgement: Judgement
) -> ScoringRequest | EnsembleRequest:
    """Return the weights that are exported: the ensemble if it pays, or one model."""
    ensemble = judgement.ensemble
    if ensemble is not None and ensemble.pays:
        return ensemble_request(setting, ensemble.members)
    trial = judgement.choice.recommended
    record = setting.ledger.records[trial]
    return scoring_request(setting, record, judgement.trainings[trial])


def _intervals(
    setting: Setting, predictions: np.ndarray
) -> dict[str, tuple[float, float]]:
    """Return the interval of each metric; of a large split only of quick ones."""
    answers = setting.answers("test")
    names = [metric.name for metric in metrics_of(answers.task)]
    if predictions.size > _MOST_BOOTSTRAPPED:
        names = [name for name in names if name == "accuracy"]
    return {
        name: score_with_interval(f"val_{name}", predictions, answers)[1]
        for name in names
    }


def _trained_out(
    setting: Setting,
    scored: Sequence[TrialRecord],
    choice: Choice,
    proposal: Proposal | None,
    *,
    by_folds: bool,
) -> dict[str, str]:
    """Return the training that speaks for each model, once all have predicted.

    That is, of the winner and the members of an ensemble on small data, the one that
    learned from the validation samples too, if it can be scored.
    """
    records = setting.ledger.records
    proposed = tuple(proposal.weights) if proposal else ()
    members = proposed if len(proposed) > 1 else ()
    used = [records[t] for t in dict.fromkeys([choice.recommended, *members])]
    if setting.plan.refits:
        what = f"the winner and {len(used) - 1} others" if used[1:] else "the winner"
        setting.progress.phase(f"training {what} on training and validation samples")
        refit(setting, used)
    if by_folds:
        _train_out(setting, [record for record in used if not _is_refitted(record)])
    # Of several objectives the best score may be no finalist, and yet all there is of
    # the ensemble.
    everyone = dict.fromkeys([*(r.trial for r in (*used, *scored)), *proposed])
    return _spoken_for(setting, [records[trial] for trial in everyone])


def _train_out(setting: Setting, records: Sequence[TrialRecord]) -> None:
    """Go on with the search's own training of what folds chose and nothing refitted.

    It may have ended on the first rung, and the folds speak for a full training.
    """
    if not records or setting.interrupt.requested:
        return
    FinalTraining(setting, records, goes_on_only=True).run()
    reasons = score_all(setting, {r.trial: validated_name(setting, r) for r in records})
    if reasons:
        raise RuntimeError(f"It can't be scored: {', '.join(reasons.values())}")


def _is_refitted(record: TrialRecord) -> bool:
    return any(training.name == REFIT for training in record.trainings)


def _spoken_for(setting: Setting, records: Sequence[TrialRecord]) -> dict[str, str]:
    refits = {record.trial: REFIT for record in records if _is_refitted(record)}
    reasons = score_all(setting, refits)
    for trial in reasons:
        record = setting.ledger.records[trial]
        record.trainings = [t for t in record.trainings if t.name != REFIT]
    validated = {r.trial: validated_name(setting, r) for r in records}
    return validated | {t: name for t, name in refits.items() if t not in reasons}


def _note_test_scores(setting: Setting, record: TrialRecord, training: str) -> None:
    predictions = load_predictions(setting.run.training(record.trial, training), "test")
    answers = setting.answers("test")
    record.test_score, interval = score_with_interval(
        setting.objective, predictions, answers
    )
    record.test_interval = list(interval)
    names = [metric.name for metric in metrics_of(answers.task)]
    record.test_metrics = scores(names, predictions, answers)
    setting.ledger.save(record)
