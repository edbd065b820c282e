"""What a person should know before trusting a result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from automl.metrics.catalog import CLASSIFICATION, MULTILABEL, Metric, metric_of
from automl_reports.data_summary import DataSummary
from automl_reports.rows import TrialRow
from automl_reports.subject import baseline_words

_SMALL_CLASS = 10
_IMBALANCE = 10
_OVERFITTING_POINTS = 0.15
_OVERFITTING_RATIO = 2.0
_FEW_TRIALS = 5
_FEW_GROUPS = 10
_NOUNS = {CLASSIFICATION: "classes", MULTILABEL: "labels"}
_FAVOURS_LARGE = ("val_accuracy", "val_loss")
_FAVOURS_NONE = {
    CLASSIFICATION: "val_balanced_accuracy or val_auc",
    MULTILABEL: "val_auc or val_f1",
}


def data_warnings(
    data: DataSummary, objective: str | None = None, task: str = CLASSIFICATION
) -> list[str]:
    """Return warnings that rest on the data alone.

    Args:
        data: The data set.
        objective: What the search optimises, where that is decided.
        task: `classification`, `multilabel` or `regression`.
    """
    warnings = []
    noun = _NOUNS.get(task, "")  # a regression has nothing to count
    small = [
        name
        for name, count in zip(data.classes, data.counts.get("test", ()), strict=False)
        if count < _SMALL_CLASS
    ]
    if small:
        names = ", ".join(small[:5]) + (" …" if len(small) > 5 else "")
        warnings.append(
            f"{len(small)} of {len(data.classes)} {noun} have fewer than "
            f"{_SMALL_CLASS} test samples ({names}): their figures mean little."
        )
    train = [count for count in data.counts.get("train", ()) if count]
    if train and max(train) >= _IMBALANCE * min(train):
        warnings.append(
            f"The {noun} are imbalanced: {min(train)} to {max(train)} training "
            f"samples; {_imbalance_advice(objective, task)}."
        )
    if data.duplicates_across_splits:
        warnings.append(
            "Exact duplicates of validation or test samples in another split: "
            f"{data.duplicates_across_splits}; scores may be too high."
        )
    if data.num_skipped:
        warnings.append(f"Files skipped: {data.num_skipped}; see Data for why.")
    return warnings


def _imbalance_advice(objective: str | None, task: str) -> str:
    if objective not in _FAVOURS_LARGE:
        return "the objective weighs the small ones too, as it should"
    words = metric_of(objective).words[task]
    return f"{words} favours the large ones, --objective {_FAVOURS_NONE[task]} does not"


def group_warnings(test_groups: int | None, column: str | None) -> list[str]:
    """Return a warning where intervals rest on very few groups.

    Args:
        test_groups: How many groups the test split holds, if samples have any.
        column: What names the group of a sample.
    """
    if test_groups is None or test_groups >= _FEW_GROUPS:
        return []
    return [
        f"The test split holds only {test_groups} different values of the group "
        f"{column}: the 95 % intervals of test scores rest on so few, and are rather "
        "too narrow than too wide."
    ]


def result_warnings(
    rows: Sequence[TrialRow],
    values: Mapping[str, Any],
    baseline: float | None,
    *,
    recommended: TrialRow | None,
) -> list[str]:
    """Return warnings that rest on the trials.

    Args:
        rows: The trials.
        values: What `run.json` holds.
        baseline: What the best answer that ignores its input scores on test.
        recommended: What is handed over: a trial or the ensemble, if there is one yet.
    """
    warnings = []
    scored = [row for row in rows if row.val_score is not None]
    if recommended is not None:
        warnings += _model_warnings(recommended, rows, values, baseline)
    if values["state"] == "finished":
        warnings += _budget_warnings(rows, len(scored))
    warnings += [
        f"Not exported as {failure['format']}: {failure['reason']}"
        for failure in values.get("failed_exports", ())
    ]
    failed = [row for row in rows if row.status == "failed"]
    if failed:
        warnings.append(f"Trials failed: {len(failed)}; the first: {failed[0].reason}.")
    return warnings


def _model_warnings(
    chosen: TrialRow,
    rows: Sequence[TrialRow],
    values: Mapping[str, Any],
    baseline: float | None,
) -> list[str]:
    warnings = []
    objective = values["request"]["objective"] or "val_accuracy"
    metric = metric_of(objective)
    interval = chosen.test_interval
    if baseline is not None and interval and not _better(interval, baseline, metric):
        task = values.get("spec", {}).get("task", CLASSIFICATION)
        words = baseline_words(objective, task)
        warnings.append(
            "The recommended model is not clearly better than "
            f"{words[0].lower()}{words[1:]} ({baseline:.3g})."
        )
    better = _better_landmark(chosen, rows, metric)
    if better is not None:
        chose = "the recommended one was"
        if chosen.is_ensemble:
            chose = "the members of the ensemble were"
        warnings.append(
            f"The landmark network {better.origin} (#{better.trial}) scored better on "
            f"test, {better.test_score:.3g}; {chose} chosen on validation."
        )
    gap = overfitting(chosen, objective)
    if gap is not None:
        told = f"The recommended model over-fits: {gap}"
        if chosen.refit_epochs is not None:
            told = (
                "The recommended network over-fitted when it was trained on the "
                f"training samples alone: {gap}. The model that is handed over learned "
                "from the validation samples too, and none are left that would show it"
            )
        warnings.append(f"{told}; more data or stronger augmentation would help.")
    return warnings


def overfitting(row: TrialRow, objective: str) -> str | None:
    """Return how much better a model is on what it learned from, if that is much.

    It is told from the training that was validated, which is not the one that is handed
    over where there are `refit_epochs`. The epoch that counts is the one whose weights
    were kept. A training score that was not recorded, or one of augmented samples that
    looks worse, tells nothing.
    """
    name = objective.removeprefix("val_")
    epoch = next((e for e in row.history if e.get("epoch") == row.best_epoch), None)
    if epoch is None or name == objective or name not in epoch:
        return None
    learned, unseen = epoch[name], epoch.get(objective, math.nan)
    if metric_of(objective).direction == "max":
        points = 100 * (learned - unseen)
        words = f"its training {name} is {points:.0f} points above validation"
        return words if points > 100 * _OVERFITTING_POINTS else None
    if learned <= 0 or not unseen > _OVERFITTING_RATIO * learned:
        return None
    return f"its validation {name} is {unseen / learned:.1f} times that of training"


def _better_landmark(
    chosen: TrialRow, rows: Sequence[TrialRow], metric: Metric
) -> TrialRow | None:
    """Return a landmark network whose test score the recommended one does not reach."""
    interval = chosen.test_interval
    if interval is None:
        return None
    for row in rows:
        if row.landmark and row.test_score is not None and row is not chosen:
            beaten = interval[1] < row.test_score
            if metric.direction == "min":
                beaten = interval[0] > row.test_score
            if beaten:
                return row
    return None


def _budget_warnings(rows: Sequence[TrialRow], scored: int) -> list[str]:
    """Return whether the budget was too small to trust the search."""
    if 0 < scored < _FEW_TRIALS:
        return [
            f"Networks trained: only {scored}; a larger budget may find a better one."
        ]
    completed = [row for row in rows if row.status == "completed"]
    if scored and not [row for row in completed if not row.landmark]:
        return [
            "No proposal of the search was trained to its last epoch, only landmark "
            "networks or none: a larger budget may find a better one."
        ]
    return []


def _better(interval: tuple[float, float], baseline: float, metric: Metric) -> bool:
    """Whether the whole interval of a score is better than the baseline."""
    if metric.direction == "max":
        return interval[0] > baseline
    return interval[1] < baseline
