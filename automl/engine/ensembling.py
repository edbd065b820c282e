"""An ensemble of trained networks: proposed by validation, kept if the test says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from automl.engine.cross_validation import fold_answers, fold_finalist
from automl.engine.jobs import run_job
from automl.engine.scoring import score_all, scoring_request
from automl.engine.setting import Setting
from automl.export.ensemble import EnsembleRequest, measure_network, predicted
from automl.metrics.catalog import metric_of, metrics_of
from automl.metrics.scores import score, scores
from automl.run.predictions import load_predictions
from automl.run.trial import TrialRecord
from automl.selection.choice import Finalist
from automl.selection.ensemble import compare, select
from automl.selection.scores import score_with_interval
from automl.training.checkpoint import BEST
from automl.training.scoring import ScoringRequest
from automl.workers.messages import Ended, Job

_TIME_LIMIT_SECONDS = 600.0
_NOT_MEASURED: tuple[float | None, float | None] = (None, None)
#: Candidates for each member: the more there are, the more differ.
_CANDIDATES_A_MEMBER = 2


@dataclass(frozen=True)
class Proposal:
    """What validation samples say of ensembles.

    Attributes:
        weights: Weight of each member, by trial, the largest first.
        val_score: The objective's value of their mean on validation samples.
    """

    weights: dict[str, float]
    val_score: float


@dataclass(frozen=True)
class Member:
    """One model of an ensemble.

    Attributes:
        trial: Identity of its trial.
        training: Name of the training whose weights it has.
        weight: How much it counts; all weights add up to 1.
    """

    trial: str
    training: str
    weight: float


@dataclass(frozen=True)
class Ensemble:
    """What came of the ensemble that was asked for.

    Attributes:
        single: The recommended trial, which it is compared with.
        members: Its models, the heaviest first; one only where no mean of several is
            better on validation samples.
        pays: Whether it is handed over: see `Comparison.pays`.
        val_score: Value of the objective on validation samples.
        test_score: The same on the test split; `None` where there is one member.
        test_interval: Its 95 % interval.
        test_metrics: Every metric of the task on the test split.
        gain: By how much it is better than the single model on the test split.
        gain_interval: The 95 % interval of that, by bootstrap of the difference.
        params: Parameters of all members; `None` where a member's are not known, as
            of what follows.
        macs: Multiply-accumulates of one sample, of all members.
        size_mb: Size of the weights in 10^6 bytes, of all members.
        latency_ms: Median latency of one sample; measured only if it pays.
        latency_p95_ms: 95th percentile of the same.
        single_latency_ms: Median latency of the single model, measured beside it.
    """

    single: str
    members: tuple[Member, ...]
    pays: bool
    val_score: float
    test_score: float | None = None
    test_interval: tuple[float, float] | None = None
    test_metrics: dict[str, float] | None = None
    gain: float | None = None
    gain_interval: tuple[float, float] | None = None
    params: int | None = None
    macs: int | None = None
    size_mb: float | None = None
    latency_ms: float | None = None
    latency_p95_ms: float | None = None
    single_latency_ms: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values for `run.json`."""
        return asdict(self)


def propose(
    setting: Setting, shortlist: Sequence[TrialRecord], *, by_folds: bool
) -> Proposal | None:
    """Return the mean of models that is best on validation samples, if one is asked.

    Where the choice rests on a cross-validation, the finalists that have all folds are
    the candidates; else also the next on the leaderboard, with the weights that the
    search left. None of them learned from the samples that decide.

    Args:
        setting: The search.
        shortlist: The finalists that can be scored.
        by_folds: Whether predictions are those of the folds.
    """
    size = setting.request.ensemble
    if size is None:
        return None
    if by_folds:
        done = [record for record in shortlist if record.cross_validated]
        candidates = [fold_finalist(setting, record) for record in done]
        answers = fold_answers(setting)
    else:
        candidates = _validated(setting, shortlist, _CANDIDATES_A_MEMBER * size)
        answers = setting.answers("val")
    weights = select(
        candidates,
        setting.objective,
        answers,
        size=size,
        fits=lambda trials: within_limits(setting, trials),
    )
    predictions = {c.trial: c.predictions for c in candidates}
    mean = sum(weight * predictions[trial] for trial, weight in weights.items())
    name = metric_of(setting.objective).name
    return Proposal(weights, score(name, np.asarray(mean), answers))


def _validated(
    setting: Setting, shortlist: Sequence[TrialRecord], count: int
) -> list[Finalist]:
    """Return the finalists and the next best, with predictions of validation samples.

    Those whose weights are gone, or that can't be scored, are left out.
    """
    known = {record.trial for record in shortlist}
    others = {
        record.trial: name
        for record in setting.ledger.ranked()[:count]
        if record.trial not in known
        and (name := validated_name(setting, record))
        and (setting.run.training(record.trial, name) / BEST).exists()
    }
    reasons = score_all(setting, others)
    records = [setting.ledger.records[t] for t in others if t not in reasons]
    return [validated_finalist(setting, record) for record in (*shortlist, *records)]


def validated_name(setting: Setting, record: TrialRecord) -> str:
    """Return the name of the best training that never saw validation samples."""
    training = record.validated_training(setting.direction)
    return training.name if training else ""


def validated_finalist(setting: Setting, record: TrialRecord) -> Finalist:
    """Return a scored trial with its predictions of the validation split."""
    folder = setting.run.training(record.trial, validated_name(setting, record))
    return Finalist(
        trial=record.trial,
        score=setting.ledger.score(record),
        predictions=load_predictions(folder, "val"),
        macs=record.counted_macs,
        params=record.params or 0,
        costs=record.costs(setting.request.costs),
    )


def within_limits(setting: Setting, trials: frozenset[str]) -> bool:
    """Whether members one after another keep what the user allows one model."""
    request = setting.request
    limits = {
        "params": request.max_params,
        "macs": request.max_macs,
        "size_mb": request.max_size_mb,
        "latency_ms": request.max_latency_ms,
    }
    records = [setting.ledger.records[trial] for trial in trials]
    for name, limit in limits.items():
        total = _total(records, name)
        if limit is not None and (total is None or total > limit):
            return False
    return True


def _total(records: Sequence[TrialRecord], name: str) -> Any:
    """Return what all cost together; `None` where that is not known of one."""
    costs = [getattr(record, name) for record in records]
    return None if None in costs else sum(costs)


def settle(
    setting: Setting,
    proposal: Proposal,
    trainings: Mapping[str, str],
    single: str,
) -> Ensemble:
    """Compare the proposed ensemble with the single model on the test split.

    Validation alone chose the members and their weights. The test split answers one
    question, whether this ensemble is better than the recommended model, and the
    ensemble is kept only if the interval of the difference says so.

    Args:
        setting: The search.
        proposal: The members.
        trainings: The training that speaks for each trial; each has predicted the
            test split.
        single: The recommended trial.
    """
    members = tuple(
        Member(trial, trainings[trial], weight)
        for trial, weight in proposal.weights.items()
    )
    if len(members) < 2:
        return Ensemble(single, members, pays=False, val_score=proposal.val_score)
    request = ensemble_request(setting, members)
    mean = predicted(request, "test")
    own = load_predictions(setting.run.training(single, trainings[single]), "test")
    answers = setting.answers("test")
    compared = compare(mean, own, setting.objective, answers)
    value, interval = score_with_interval(setting.objective, mean, answers)
    records = [setting.ledger.records[trial] for trial in proposal.weights]
    latency = own_latency = _NOT_MEASURED
    if compared.pays:
        record = setting.ledger.records[single]
        alone = scoring_request(setting, record, trainings[single])
        latency, own_latency = _latency(setting, request), _latency(setting, alone)
    return Ensemble(
        single,
        members,
        compared.pays,
        proposal.val_score,
        value,
        interval,
        scores([m.name for m in metrics_of(answers.task)], mean, answers),
        compared.gain,
        compared.interval,
        latency_ms=latency[0],
        latency_p95_ms=latency[1],
        single_latency_ms=own_latency[0],
        params=_total(records, "params"),
        macs=_total(records, "macs"),
        size_mb=_total(records, "size_mb"),
    )


def ensemble_request(setting: Setting, members: Sequence[Member]) -> EnsembleRequest:
    """Return what names the weights of all members."""
    records = setting.ledger.records
    return EnsembleRequest(
        tuple(
            scoring_request(setting, records[member.trial], member.training)
            for member in members
        ),
        tuple(member.weight for member in members),
    )


def _latency(
    setting: Setting, request: ScoringRequest | EnsembleRequest
) -> tuple[float | None, float | None]:
    """Return the median and 95th percentile, or nothing where that can't be had."""
    job = Job(measure_network, request, _TIME_LIMIT_SECONDS)
    event = run_job(setting.pool, "measuring the ensemble", job, setting.run.log)
    return event.result if isinstance(event, Ended) else _NOT_MEASURED
