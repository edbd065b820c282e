"""From the run's record to the rows of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from automl import report_words
from automl.errors import RequestError
from automl.importance import importance_of, store_importance
from automl.report_data import data_summary
from automl.report_ensemble import ensemble_row, ensemble_verdict, whole_verdict
from automl.report_models import Finalists, finalists
from automl.report_rows import trial_rows
from automl.report_warnings import (
    data_warnings,
    group_warnings,
    result_warnings,
)
from automl.run.directory import FINISHED, IN_PROGRESS, MODEL_CARD, RunDirectory
from automl.run.lines import read_lines
from automl.run.request import SearchRequest
from automl_reports import comparison, model_card
from automl_reports.files import write_reports, write_text
from automl_reports.rows import ExportRow, RunReport, TrialRow

_TIMED_BATCHES = (1, 32)


def write_run_report(run: RunDirectory) -> RunReport:
    """Write `leaderboard.html`, `.csv`, `.json` and `.md`; return the rows."""
    report = run_report(run)
    if report.importance is not None:
        store_importance(_importance_file(run), report)
    write_reports(report, run.path)
    _write_model_card(run.best / MODEL_CARD, report)
    return report


def _write_model_card(file: Path, report: RunReport) -> None:
    """Write the card of an exported model, but never a poorer one over a full one.

    While a search goes on, what lies there is the model of the search before.
    """
    if report.state != FINISHED or report.recommended is None or not report.exports:
        return
    if report.missing and file.exists():
        return
    file.parent.mkdir(exist_ok=True)
    write_text(file, model_card.render(report))


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
        page.parent.mkdir(parents=True, exist_ok=True)
        write_text(page, text)
    except OSError as error:
        raise RequestError(
            f"{page} can't be written ({error.strerror}); give another --out."
        ) from error


def run_report(run: RunDirectory) -> RunReport:
    """Return a run as plain rows, whatever state it is in."""
    values = run.read()
    request = run.request()
    records = list(run.read_trials().values())
    selection = values.get("selection") or {}
    rows = trial_rows(run, records, request, values)
    recorded = _recorded(run, request, values, rows)
    report = _judged(
        recorded, values, finalists(run, selection, rows, request.objective)
    )
    if report.state == IN_PROGRESS:  # what takes seconds is computed once, at the end
        return report
    importance = importance_of(report, _importance_file(run))
    return replace(report, importance=importance)


def _judged(
    recorded: RunReport, values: Mapping[str, Any], found: Finalists
) -> RunReport:
    """Return a report with the choice, why it was made, and what to beware of."""
    rows, selection = recorded.trials, values.get("selection") or {}
    ensemble = ensemble_row(selection, rows)
    reason = report_words.verdict(rows, selection, values["request"].get("costs", ()))
    report = replace(
        recorded,
        verdict=whole_verdict(reason, ensemble, rows),
        ensemble_verdict=ensemble_verdict(ensemble, rows),
        baseline_score=found.baseline,
        models=found.models,
        ensemble=ensemble,
        missing=found.missing,
    )
    warnings = (
        *found.missing,
        *data_warnings(report.data, values["request"]["objective"], report.task),
        *group_warnings(found.test_groups, values["request"].get("group")),
        *result_warnings(rows, values, found.baseline, recommended=report.recommended),
    )
    return replace(report, warnings=warnings)


def _recorded(
    run: RunDirectory,
    request: SearchRequest,
    values: Mapping[str, Any],
    rows: tuple[TrialRow, ...],
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
        data=data_summary(run, values),
        exports=tuple(_export_row(export) for export in values.get("exports", ())),
        commands=report_words.commands(run.path, values),
        command=values.get("command", ""),
        reproduce=report_words.reproduce(values),
        rungs=_rungs(run),
        fingerprint=values.get("data_fingerprint", ""),
        failed_exports=_failed_exports(values),
        request=values["request"],
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
