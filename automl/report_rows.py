"""The trials as rows of the leaderboard, in order of rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from scipy.stats import t as student

from automl.metrics.catalog import Metric, metric_of
from automl.report_ensemble import test_intervals
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.run.trial import (
    COMPLETED,
    QUEUED,
    REFIT,
    RUNNING,
    STOPPED,
    TrialRecord,
)
from automl.selection.front import front_of
from automl.selection.statistics import wilson_interval
from automl_reports.rows import TrialRow

Interval: TypeAlias = tuple[float, float]


def trial_row(record: TrialRecord, direction: str) -> TrialRow:
    """Return what a trial's own record tells of it, as the leaderboard shows it.

    Args:
        record: The trial.
        direction: `max` or `min`.
    """
    best = record.validated_training(direction)
    interval = record.test_interval
    by_folds = record.cross_validated
    trainings = (*record.trainings, *record.folds)
    refit = next((t for t in record.trainings if t.name == REFIT), None)
    return TrialRow(
        trial=record.trial,
        status=RUNNING if record.status == QUEUED else record.status,
        architecture=record.architecture,
        origin=record.origin,
        reason=record.reason,
        val_score=record.val_score(direction),
        test_score=record.test_score,
        test_interval=(interval[0], interval[1]) if interval else None,
        params=record.params,
        macs=record.macs,
        size_mb=record.size_mb,
        latency_ms=record.latency_ms,
        latency_p95_ms=record.latency_p95_ms,
        epochs=best.epochs if best else 0,
        best_epoch=best.best_epoch if best else None,
        train_seconds=sum(training.seconds for training in trainings),
        optimizer=record.optimizer,
        learning_rate=record.learning_rate,
        hyperparameters=record.hyperparameters,
        worker=record.worker,
        started_seconds=record.started_seconds,
        ended_seconds=record.ended_seconds,
        landmark=record.landmark,
        seeds=max(1, sum(training.name != REFIT for training in record.trainings)),
        test_metrics=record.test_metrics,
        spans=tuple((int(w), begin, end) for w, begin, end in record.spans),
        cross_validated=by_folds,
        split_score=best.val_score if best and by_folds else None,
        unknown_layers=tuple(record.unknown_layers),
        refit_epochs=refit.epochs if refit else None,
    )


def trial_rows(
    run: RunDirectory,
    records: Sequence[TrialRecord],
    request: SearchRequest,
    values: Mapping[str, Any],
) -> tuple[TrialRow, ...]:
    """Return every trial, ranked ones first, with what the run says of it.

    Args:
        run: The run, for the histories.
        records: The trials.
        request: What was asked for.
        values: What `run.json` holds.
    """
    direction = request.direction
    selection = values.get("selection") or {}
    front = _front(records, request)
    rows = []
    ranked = sorted(records, key=lambda record: _place(record, direction))
    for rank, record in enumerate(ranked, start=1):
        best = record.validated_training(direction)
        row = replace(
            trial_row(record, direction),
            rank=rank if _is_ranked(record, direction) else None,
            val_interval=_val_interval(record, request, values),
            history=tuple(
                run.read_history(record.trial, best.name if best else "search")
            ),
            tied=record.trial in selection.get("tied", ()),
            recommended=record.trial == selection.get("recommended"),
            pareto=record.trial in front if request.costs else None,
        )
        if row.recommended:
            row = replace(row, test_intervals=test_intervals(selection, pays=False))
        rows.append(row)
    return tuple(rows)


def _is_ranked(record: TrialRecord, direction: str) -> bool:
    """Whether it has a score, and ended: what still runs is no result yet."""
    return (
        record.status in (COMPLETED, STOPPED)
        and record.val_score(direction) is not None
    )


def _place(record: TrialRecord, direction: str) -> tuple[bool, bool, float, float, str]:
    """Return what sorts trials by rank, those without one last."""
    score = record.val_score(direction)
    if score is None or not _is_ranked(record, direction):
        return True, True, 0.0, 0.0, record.trial
    sign = -1 if direction == "max" else 1
    best = record.validated_training(direction)
    loss = (best.val_loss if best else None) or 0.0
    # Cross-validated scores come first: they are surer than, and not to be
    # compared with, those on one small split.
    return False, not record.cross_validated, sign * score, loss, record.trial


def _front(records: Sequence[TrialRecord], request: SearchRequest) -> set[str]:
    """Return the trials that none beats in all objectives, where there are several.

    Where some were cross-validated, of these alone: see `RunReport.comparable`.
    """
    if not request.costs:
        return set()
    by_folds = any(record.cross_validated for record in records)
    front = front_of(records, request.direction, request.costs, by_folds=by_folds)
    return {record.trial for record in front}


def _val_interval(
    record: TrialRecord, request: SearchRequest, values: Mapping[str, Any]
) -> Interval | None:
    """Return the interval of a cross-validated score or of an accuracy, else none.

    Of samples that have groups it is not known: they are not independent, and of most
    trials nothing but the score was kept.
    """
    score = record.val_score(request.direction)
    if score is None or request.objective is None:
        return None
    if record.cross_validated:
        spread = student.ppf(0.975, len(record.folds) - 1) * (record.fold_error or 0.0)
        interval = score - float(spread), score + float(spread)
        return _possible(interval, metric_of(request.objective))
    if request.objective != "val_accuracy" or request.group is not None:
        return None
    total = values["spec"]["num_val"]
    return wilson_interval(round(score * total), total)


def _possible(interval: Interval, metric: Metric) -> Interval:
    """Return an interval without the values that no model can reach."""
    low, high = interval
    if metric.share or metric.direction == "min":  # R² has no lower bound
        low = max(low, 0.0)
    if metric.direction == "max":  # errors have no upper bound
        high = min(high, 1.0)
    return low, high
