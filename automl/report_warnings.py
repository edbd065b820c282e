"""What a person should know before trusting a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automl_reports.rows import DataSummary, TrialRow

_SMALL_CLASS = 10
_IMBALANCE = 10
_OVERFITTING_POINTS = 0.15
_FEW_TRIALS = 5


def data_warnings(data: DataSummary) -> list[str]:
    """Return warnings that rest on the data alone."""
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
            "samples; accuracy favours the large ones."
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
    accuracy = values["request"]["objective"] == "val_accuracy"
    interval = chosen.test_interval
    if accuracy and baseline is not None and interval and interval[0] <= baseline:
        warnings.append(
            "The recommended model is not clearly better than always answering "
            f"with the largest class ({baseline:.3f})."
        )
    best = max(chosen.history, key=lambda row: row.get("val_accuracy", 0), default=None)
    if best is not None and accuracy:
        gap = best.get("accuracy", 0.0) - best.get("val_accuracy", 0.0)
        if gap > _OVERFITTING_POINTS:
            warnings.append(
                f"The recommended model over-fits: its training accuracy is "
                f"{100 * gap:.0f} points above validation; more data would help."
            )
    return warnings
