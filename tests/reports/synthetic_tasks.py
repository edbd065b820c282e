"""Made-up runs of the other tasks and kinds, built on the usual one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from automl_reports.data_summary import DataSummary
from automl_reports.model_detail import LabelDetail, ModelDetail, RegressionDetail
from automl_reports.rows import RunReport, TrialRow
from tests.reports.synthetic import make_report

TARGETS = ("age, years", "weight, g")
MEANS, SPREADS = (41.5, 3250.0), (12.25, 812.0)
LABELS = ("heart", "lung <b>", "bone", "never seen")
SECRET = "patientname"
TOTALS = {"train": 1200, "val": 260, "test": 260}


def make_regression(*, num_pairs: int = 260, num_trials: int = 20) -> RunReport:
    """Return a regression of two targets from sounds; RMSE, the smaller the better."""
    base = make_report(num_trials, num_models=3)
    chance = random.Random(1)
    trials = tuple(_regressed(row) for row in base.trials)
    models = tuple(
        ModelDetail(
            model.trial,
            regression=tuple(
                _target(*target, num_pairs, chance)
                for target in zip(TARGETS, MEANS, SPREADS, strict=True)
            ),
        )
        for model in base.models
    )
    data = DataSummary(
        source="heart-sounds.csv",
        kind="audio",
        shape=(16000, 1),
        classes=(),
        counts={},
        totals=TOTALS,
        targets=TARGETS,
        target_mean=MEANS,
        target_std=SPREADS,
        preprocessing={
            "sample_rate": 8000,
            "samples": 16000,
            "fit": "crop the middle, pad the end with silence",
        },
    )
    return _retold(base, "regression", "val_rmse", trials, models, data)


def make_multilabel(*, num_trials: int = 20) -> RunReport:
    """Return a multi-label run on texts whose vocabulary must stay inside."""
    base = make_report(num_trials, num_models=3)
    counts = {
        "train": (700, 300, 90, 2),
        "val": (150, 70, 20, 0),
        "test": (150, 70, 20, 0),
    }
    details = (
        LabelDetail(LABELS[0], 150, 0.91, 0.88, 0.895, 0.96),
        LabelDetail(LABELS[1], 70, 0.8, 0.5, 0.615, 0.9),
        LabelDetail(LABELS[2], 20, None, 0.0, 0.0, 0.71),
        LabelDetail(LABELS[3], 0, None, None, None, None),
    )
    metrics = {"auc": 0.857, "f1": 0.503, "accuracy": 0.61, "loss": 0.31}
    trials = tuple(_remeasured(row, metrics) for row in base.trials)
    models = tuple(ModelDetail(model.trial, labels=details) for model in base.models)
    data = DataSummary(
        source="findings.csv",
        kind="text",
        shape=(48, 1),
        classes=LABELS,
        counts=counts,
        totals=TOTALS,
        preprocessing={
            "vocabulary": [SECRET] * 4512,
            "split": "whitespace",
            "standardize": "lower_and_strip_punctuation",
            "tokens": 48,
        },
    )
    return _retold(base, "multilabel", "val_auc", trials, models, data)


def _retold(
    base: RunReport,
    task: str,
    objective: str,
    trials: tuple[TrialRow, ...],
    models: tuple[ModelDetail, ...],
    data: DataSummary,
) -> RunReport:
    direction = "min" if objective == "val_rmse" else "max"
    exports = tuple(
        replace(export, test_score=trials[0].test_score or 0.0)
        for export in base.exports
    )
    return replace(
        base,
        name=f"{task} run",
        task=task,
        objective=objective,
        direction=direction,
        trials=trials,
        models=models,
        exports=exports,
        data=data,
        baseline_score=408.0 if direction == "min" else 0.5,
        warnings=(),
    )


def _regressed(row: TrialRow) -> TrialRow:
    """Return a trial whose accuracy has become an error: ranks stay."""
    if row.val_score is None:
        return replace(row, history=())
    error = 100 + 900 * (1 - row.val_score)
    history = tuple(
        {
            "epoch": epoch["epoch"],
            "loss": epoch["loss"],
            "rmse": 90 + 900 * (1 - epoch["accuracy"]),
            "val_rmse": 100 + 900 * (1 - epoch["val_accuracy"]),
        }
        for epoch in row.history
    )
    row = replace(row, val_score=error, val_interval=None, history=history)
    if row.test_score is None:
        return row
    metrics = {"rmse": error + 5, "mae": 88.4, "r2": 0.912, "loss": 0.09}
    interval = (error - 12, error + 25)
    return replace(
        row, test_score=error + 5, test_interval=interval, test_metrics=metrics
    )


def _remeasured(row: TrialRow, metrics: Mapping[str, float]) -> TrialRow:
    """Return a trial that was scored by AUC in place of accuracy."""
    history = tuple(
        {**epoch, "auc": epoch["accuracy"], "val_auc": epoch["val_accuracy"]}
        for epoch in row.history
    )
    tested = row.test_score is not None
    return replace(row, history=history, test_metrics=metrics if tested else {})


def _target(
    name: str, mean: float, spread: float, num_pairs: int, chance: random.Random
) -> RegressionDetail:
    pairs = []
    for _ in range(num_pairs):
        true = chance.gauss(mean, spread)
        pairs.append((true, true + chance.gauss(0.05 * spread, 0.3 * spread)))
    errors = sorted(predicted - true for true, predicted in pairs)
    return RegressionDetail(
        name=name,
        mae=sum(map(abs, errors)) / len(errors),
        rmse=(sum(e * e for e in errors) / len(errors)) ** 0.5,
        r2=0.906,
        bias=sum(errors) / len(errors),
        residuals=tuple(
            errors[int(share * (len(errors) - 1))]
            for share in (0.05, 0.25, 0.5, 0.75, 0.95)
        ),
        pairs=tuple(pairs),
        errors=tuple(errors),
    )
