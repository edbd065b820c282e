"""From the run's record to the rows of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scipy.stats import t as student

from automl import report_words
from automl.errors import RequestError
from automl.explanations.record import load_examples
from automl.importance import importance_of, store_importance
from automl.metrics.baselines import baseline_score
from automl.metrics.catalog import metric_of
from automl.report_details import model_detail
from automl.report_ensemble import (
    TRIAL,
    ensemble_predictions,
    ensemble_row,
    ensemble_verdict,
    test_intervals,
    whole_verdict,
)
from automl.report_warnings import data_warnings, result_warnings
from automl.run.atomic import write_text
from automl.run.directory import IN_PROGRESS, RunDirectory
from automl.run.lines import read_lines
from automl.run.predictions import load_predictions
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
from automl_datasets.errors import DataError
from automl_datasets.preparation import PreparedData, open_prepared
from automl_datasets.profile import DataProfile
from automl_datasets.spec import DataSpec
from automl_datasets.splitting import SPLITS
from automl_reports import comparison, model_card
from automl_reports.files import write_reports
from automl_reports.rows import (
    DataSummary,
    ExportRow,
    ModelDetail,
    RunReport,
    TrialRow,
)

_MAX_SKIPPED_SHOWN = 200
_TIMED_BATCHES = (1, 32)


def write_run_report(run: RunDirectory) -> RunReport:
    """Write `leaderboard.html`, `.csv`, `.json` and `.md`; return the rows."""
    report = run_report(run)
    if report.importance is not None:
        store_importance(_importance_file(run), report)
    write_reports(report, run.path)
    if report.recommended is not None and report.exports:
        write_text(run.best / "MODEL_CARD.md", model_card.render(report))
    return report


def write_comparison(runs: Sequence[RunDirectory], page: Path) -> None:
    """Write one page that shows runs side by side.

    Args:
        runs: The runs, in the order to show them.
        page: The file to write.

    Raises:
        RequestError: If one is no run, or the page can't be written.
    """
    text = comparison.render([run_report(run) for run in runs])
    try:
        write_text(page, text)
    except OSError as error:
        raise RequestError(
            f"{page} can't be written ({error.strerror}); give another --out."
        ) from error


def trial_row(record: TrialRecord, direction: str) -> TrialRow:
    """Return what a trial's own record tells of it, as the leaderboard shows it.

    Args:
        record: The trial.
        direction: `max` or `min`.
    """
    best = record.validated_training(direction)
    interval = record.test_interval
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
        train_seconds=sum(training.seconds for training in record.trainings),
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
    )


def run_report(run: RunDirectory) -> RunReport:
    """Return a run as plain rows, whatever state it is in."""
    values = run.read()
    request = run.request()
    records = list(run.read_trials().values())
    selection = values.get("selection") or {}
    rows = _rows(run, records, request, values)
    data, prepared = _data(run, values)
    ensemble = ensemble_row(selection)
    models = _models(run, prepared, selection, rows)
    reason = report_words.verdict(rows, selection, request.costs)
    baseline = _baseline(prepared, request.objective) if models else None
    recorded = _recorded(run, request, values, rows, data)
    warnings = data_warnings(data, request.objective, recorded.task)
    warnings += result_warnings(rows, values, baseline)
    report = replace(
        recorded,
        verdict=whole_verdict(reason, ensemble, rows),
        ensemble_verdict=ensemble_verdict(ensemble, rows),
        baseline_score=baseline,
        models=models,
        warnings=tuple(warnings),
        ensemble=ensemble,
    )
    if report.state == IN_PROGRESS:  # what takes seconds is computed once, at the end
        return report
    importance = importance_of(report, _importance_file(run))
    return replace(report, importance=importance)


def _recorded(
    run: RunDirectory,
    request: SearchRequest,
    values: Mapping[str, Any],
    rows: tuple[TrialRow, ...],
    data: DataSummary,
) -> RunReport:
    """Return what the record itself tells, before anything is judged."""
    return RunReport(
        name=values["name"],
        state=values["state"],
        task=values.get("spec", {}).get("task", "classification"),
        objective=request.objective or "val_accuracy",
        direction=request.direction,
        seconds=values.get("seconds", 0.0),
        workers=values.get("workers", 1),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        trials=rows,
        data=data,
        exports=tuple(_export_row(export) for export in values.get("exports", ())),
        commands=report_words.commands(run.path, values),
        command=values.get("command", ""),
        reproduce=report_words.reproduce(values),
        rungs=_rungs(run),
        fingerprint=values.get("data_fingerprint", ""),
        failed_exports=_failed_exports(values),
    )


def _failed_exports(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    failures = values.get("failed_exports", ())
    return tuple((failure["format"], failure["reason"]) for failure in failures)


def _importance_file(run: RunDirectory) -> Path:
    return run.path / "importance.json"


def _rungs(run: RunDirectory) -> tuple[int, ...]:
    """Return after how many epochs the strategy decided who goes on."""
    if not run.oracle_file.exists():
        return ()
    changes = read_lines(run.oracle_file)
    trials = (trial for change in changes for trial in change["trials"].values())
    asked = (trial["hyperparameters"].get("tuner/epochs") for trial in trials)
    return tuple(sorted({int(epochs) for epochs in asked if epochs}))


def _rows(
    run: RunDirectory,
    records: Sequence[TrialRecord],
    request: SearchRequest,
    values: Mapping[str, Any],
) -> tuple[TrialRow, ...]:
    direction = request.direction
    selection = values.get("selection") or {}
    sign = -1 if direction == "max" else 1

    def place(record: TrialRecord) -> tuple[bool, bool, float, float, str]:
        score = record.val_score(direction)
        best = record.validated_training(direction)
        if score is None or record.status not in (COMPLETED, STOPPED, RUNNING):
            return True, True, 0.0, 0.0, record.trial
        loss = (best.val_loss if best else None) or 0.0
        # Cross-validated scores come first: they are surer than, and not to be
        # compared with, those on one small split.
        return False, record.fold_score is None, sign * score, loss, record.trial

    several = records if request.costs else ()
    front = {r.trial for r in front_of(several, direction, request.costs)}
    rows = []
    for index, record in enumerate(sorted(records, key=place)):
        best = record.validated_training(direction)
        name = best.name if best else "search"
        row = replace(
            trial_row(record, direction),
            rank=None if place(record)[0] else index + 1,
            val_interval=_val_interval(record, request, values),
            history=tuple(run.read_history(record.trial, name)),
            tied=record.trial in selection.get("tied", ()),
            recommended=record.trial == selection.get("recommended"),
            pareto=record.trial in front if request.costs else None,
        )
        if row.recommended:
            row = replace(row, test_intervals=test_intervals(selection, pays=False))
        rows.append(row)
    return tuple(rows)


def _val_interval(
    record: TrialRecord, request: SearchRequest, values: Mapping[str, Any]
) -> tuple[float, float] | None:
    """Return the interval of a cross-validated score or of an accuracy, else none."""
    score = record.val_score(request.direction)
    if score is None:
        return None
    if record.fold_score is not None:
        spread = student.ppf(0.975, len(record.folds) - 1) * (record.fold_error or 0.0)
        return score - spread, score + spread
    if request.objective != "val_accuracy":
        return None
    total = values["spec"]["num_val"]
    return wilson_interval(round(score * total), total)


def _data(
    run: RunDirectory, values: Mapping[str, Any]
) -> tuple[DataSummary, PreparedData | None]:
    """Return the summary, and the prepared data where it is still there."""
    try:
        prepared = open_prepared(run.prepared)
    except DataError:
        prepared = None
    if "spec" not in values:
        source = values["request"]["data"]
        return DataSummary(source, "unknown", (), (), {}), prepared
    spec = DataSpec.from_json(values["spec"])
    profile = DataProfile.from_json(values["profile"])
    counts = {
        split: tuple(by_class.get(name, 0) for name in spec.classes)
        for split, by_class in profile.counts.items()
    }
    summary = DataSummary(
        source=profile.source,
        kind=spec.kind,
        shape=spec.shape,
        classes=spec.classes,
        counts=counts,
        notes=profile.notes,
        skipped=profile.skipped[:_MAX_SKIPPED_SHOWN],
        num_skipped=len(profile.skipped),
        duplicates_across_splits=profile.duplicate_count,
        totals={name: values["spec"][f"num_{name}"] for name in SPLITS},
        targets=spec.targets,
        target_mean=spec.target_mean,
        target_std=spec.target_std,
        preprocessing=spec.preprocessing,
        examples=load_examples(run.path),
        dtype=spec.dtype,
    )
    return summary, prepared


def _models(
    run: RunDirectory,
    prepared: PreparedData | None,
    selection: Mapping[str, Any],
    rows: Sequence[TrialRow],
) -> tuple[ModelDetail, ...]:
    """Return the shortlist's details, recommended first; an ensemble before them."""
    if prepared is None or not selection:
        return ()
    targets = prepared.split("test").targets
    order = [row.trial for row in rows if row.recommended]
    order += [t for t in selection["trainings"] if t not in order]
    details = []
    if (selection.get("ensemble") or {}).get("pays"):
        mean = ensemble_predictions(run, selection)
        details.append(model_detail(TRIAL, prepared.spec, targets, mean))
    for trial in order:
        folder = run.training(trial, selection["trainings"][trial])
        predictions = load_predictions(folder, "test")
        details.append(
            model_detail(trial, prepared.spec, targets, predictions, folder=folder)
        )
    return tuple(details)


def _baseline(prepared: PreparedData | None, objective: str | None) -> float | None:
    if prepared is None or objective is None:
        return None
    return baseline_score(
        metric_of(objective).name,
        prepared.spec,
        prepared.split("train").targets,
        prepared.split("test").targets,
    )


def _export_row(values: Mapping[str, Any]) -> ExportRow:
    return ExportRow(
        format=values["format"],
        path=f"best/{values['path']}",
        size_mb=values["size_mb"],
        test_score=values["test_score"],
        max_difference=values["max_difference"],
        latency_ms={
            batch: (figures[0], figures[1])
            for batch in _TIMED_BATCHES
            if (figures := values.get("figures", {}).get(f"batch_{batch}"))
        },
        quantize=values.get("quantize", "none"),
    )
