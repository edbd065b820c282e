"""Made-up runs in states that are rare, built on the usual ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from automl_reports.model_detail import ModelDetail, RegressionDetail
from automl_reports.rows import EnsembleRow, RunReport, TrialRow
from tests.reports.synthetic import make_report
from tests.reports.synthetic_tasks import make_regression


def make_ensemble(num_trials: int = 20) -> RunReport:
    """Return a run that hands over an ensemble of its two best networks."""
    report = make_report(num_trials)
    single, other = report.trials[:2]
    row = TrialRow(
        "ensemble",
        "completed",
        "mean of 2 models",
        "ensemble",
        val_score=0.97,
        test_score=0.962,
        test_interval=(0.95, 0.97),
        params=(single.params or 0) + (other.params or 0),
        macs=(single.macs or 0) + (other.macs or 0),
        latency_ms=7.5,
        latency_p95_ms=9.0,
        recommended=True,
        test_metrics={"accuracy": 0.962, "loss": 0.21},
        test_intervals={"loss": (0.19, 0.24)},
    )
    ensemble = EnsembleRow(
        row,
        single.trial,
        ((single.trial, 0.6), (other.trial, 0.4)),
        gain=0.012,
        gain_interval=(0.004, 0.02),
        single_latency_ms=3.1,
    )
    detail = replace(report.models[0], trial=row.trial)
    words = "The ensemble is 1.2 points better, at 2.4 times the latency."
    return replace(
        report,
        ensemble=ensemble,
        ensemble_verdict=words,
        verdict=f"{report.verdict} {words}",
        models=(detail, *report.models),
    )


def make_scaled_regression(factor: float) -> RunReport:
    """Return a regression whose targets are counted in a larger or smaller unit."""
    report = make_regression(num_pairs=40)
    data = report.data
    return replace(
        report,
        trials=tuple(_scaled_row(row, factor) for row in report.trials),
        models=tuple(_scaled_model(model, factor) for model in report.models),
        data=replace(
            data,
            target_mean=_times(data.target_mean, factor),
            target_std=_times(data.target_std, factor),
        ),
        baseline_score=factor * (report.baseline_score or 0.0),
    )


def make_lost_predictions() -> RunReport:
    """Return a regression whose model answers some samples with no number."""
    report = make_regression(num_pairs=40)
    nothing = (math.nan, math.inf, -math.inf)
    models = tuple(
        replace(
            model,
            regression=tuple(
                replace(
                    detail,
                    mae=math.nan,
                    rmse=math.nan,
                    r2=math.nan,
                    bias=math.nan,
                    residuals=(math.nan,) * 5,
                    pairs=(*detail.pairs, *((1.0, value) for value in nothing)),
                    errors=(*detail.errors, *nothing),
                )
                for detail in model.regression
            ),
        )
        for model in report.models
    )
    return replace(report, models=models)


def make_idle_workers(num_workers: int = 4) -> RunReport:
    """Return a timed run of which only the first two workers ever got a trial."""
    report = make_report(6)
    trials = tuple(
        replace(
            row,
            spans=((row.worker or 0, row.started_seconds or 0.0, row.ended_seconds),),
        )
        for row in report.trials
        if row.ended_seconds is not None
    )
    return replace(report, trials=trials, workers=num_workers)


def _scaled_row(row: TrialRow, factor: float) -> TrialRow:
    return replace(
        row,
        val_score=_scaled(row.val_score, factor),
        test_score=_scaled(row.test_score, factor),
        test_interval=_scaled_pair(row.test_interval, factor),
        test_metrics=_errors(row.test_metrics, factor),
        history=tuple(_errors(epoch, factor) for epoch in row.history),
    )


def _errors(values: Mapping[str, float], factor: float) -> dict[str, float]:
    """Return metrics of which those in the unit of the targets are scaled."""
    units = ("rmse", "val_rmse", "mae")
    return {n: v * factor if n in units else v for n, v in values.items()}


def _scaled_model(model: ModelDetail, factor: float) -> ModelDetail:
    details = tuple(_scaled_detail(detail, factor) for detail in model.regression)
    return replace(model, regression=details)


def _scaled_detail(detail: RegressionDetail, factor: float) -> RegressionDetail:
    return replace(
        detail,
        mae=factor * detail.mae,
        rmse=factor * detail.rmse,
        bias=factor * detail.bias,
        residuals=_times(detail.residuals, factor),
        pairs=tuple((factor * true, factor * guess) for true, guess in detail.pairs),
        errors=_times(detail.errors, factor),
    )


def _times(values: tuple[float, ...], factor: float) -> tuple[float, ...]:
    return tuple(factor * value for value in values)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else factor * value


def _scaled_pair(
    pair: tuple[float, float] | None, factor: float
) -> tuple[float, float] | None:
    return None if pair is None else (factor * pair[0], factor * pair[1])
