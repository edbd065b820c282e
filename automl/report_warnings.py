"""What a person should know before trusting a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automl.metrics.baselines import baseline_words
from automl.metrics.catalog import CLASSIFICATION, Metric, metric_of
from automl_reports.rows import DataSummary, TrialRow

_SMALL_CLASS = 10
_IMBALANCE = 10
_OVERFITTING_POINTS = 0.15
_FEW_TRIALS = 5
_BALANCED = "the objective weighs the small ones too, as it should"
_IMBALANCE_ADVICE = {
    name: f"{words} favours the large ones, --objective val_balanced_accuracy or "
    "val_auc does not"
    for name, words in (("val_accuracy", "accuracy"), ("val_loss", "cross-entropy"))
}


def data_warnings(data: DataSummary, objective: str | None = None) -> list[str]:
    """Return warnings that rest on the data alone.

    Args:
        data: The data set.
        objective: What the search optimises, where that is decided.
    """
    warnings = []
    small = [
        name
        for name, count in zip(data.classes, data.counts.get("test", ()), strict=False)
        if count < _SMALL_CLASS
    ]
    if small:
        names = ", ".join(small[:5]) + (" …" if len(small) > 5 else "")
        warnings.append(
            f"{len(small)} of {len(data.classes)} classes have fewer than "
            f"{_SMALL_CLASS} test samples ({names}): their figures mean little."
        )
    train = [count for count in data.counts.get("train", ()) if count]
    if train and max(train) >= _IMBALANCE * min(train):
        warnings.append(
            f"The classes are imbalanced: {min(train)} to {max(train)} training "
            f"samples; {_IMBALANCE_ADVICE.get(objective or '', _BALANCED)}."
        )
    if data.duplicates_across_splits:
        warnings.append(
            "Exact duplicates of validation or test samples in another split: "
            f"{data.duplicates_across_splits}; scores may be too high."
        )
    if data.num_skipped:
        warnings.append(f"Files skipped: {data.num_skipped}; see Data for why.")
    return warnings


def result_warnings(
    rows: Sequence[TrialRow], values: Mapping[str, Any], baseline: float | None
) -> list[str]:
    """Return warnings that rest on the trials."""
    warnings = []
    scored = [row for row in rows if row.val_score is not None]
    chosen = next((row for row in rows if row.recommended), None)
    if chosen is not None:
        warnings += _model_warnings(chosen, values, baseline)
    if 0 < len(scored) < _FEW_TRIALS and values["state"] == "finished":
        warnings.append(
            f"Networks trained: only {len(scored)}; "
            "a larger budget may find a better one."
        )
    failed = [row for row in rows if row.status == "failed"]
    if failed:
        warnings.append(f"Trials failed: {len(failed)}; the first: {failed[0].reason}.")
    return warnings


def _model_warnings(
    chosen: TrialRow, values: Mapping[str, Any], baseline: float | None
) -> list[str]:
    warnings = []
    objective = values["request"]["objective"] or "val_accuracy"
    metric = metric_of(objective)
    interval = chosen.test_interval
    if baseline is not None and interval and not _better(interval, baseline, metric):
        task = values.get("spec", {}).get("task", CLASSIFICATION)
        warnings.append(
            "The recommended model is not clearly better than "
            f"{baseline_words(task)} ({baseline:.3g})."
        )
    best = max(chosen.history, key=lambda row: row.get(objective, 0), default=None)
    if best is not None and objective == "val_accuracy":
        gap = best.get("accuracy", 0.0) - best.get("val_accuracy", 0.0)
        if gap > _OVERFITTING_POINTS:
            warnings.append(
                f"The recommended model over-fits: its training accuracy is "
                f"{100 * gap:.0f} points above validation; more data would help."
            )
    return warnings


def _better(interval: tuple[float, float], baseline: float, metric: Metric) -> bool:
    """Whether the whole interval of a score is better than the baseline."""
    if metric.direction == "max":
        return interval[0] > baseline
    return interval[1] < baseline
