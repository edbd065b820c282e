"""A score on a split, with its interval."""

from __future__ import annotations

import numpy as np

from automl.metrics.answers import Answers, correct
from automl.metrics.catalog import CALLED, Metric, metric_of
from automl.metrics.resampling import (
    bootstrap,
    percentile_interval,
    smoothed_bootstrap,
)
from automl.metrics.scores import score
from automl.selection.statistics import wilson_interval


def score_with_interval(
    objective: str, predictions: np.ndarray, answers: Answers
) -> tuple[float, tuple[float, float]]:
    """Return a score and its 95 % interval.

    Args:
        objective: For example `val_accuracy`, a proportion, with Wilson's interval
            unless samples have groups; of all else the percentile bootstrap with 1 000
            resamples, smoothed where samples are too few to show a mistake.
        predictions: float32 of shape `(n, outputs)`.
        answers: The right answers of the same samples.
    """
    metric = metric_of(objective)
    value = score(metric.name, predictions, answers)
    if metric.name == "accuracy" and answers.groups is None:
        hits = int(correct(predictions, answers).sum())
        return value, wilson_interval(hits, len(answers))
    low, high = _bootstrap_interval(metric, predictions, answers)
    return value, (min(low, value), max(high, value))


def _bootstrap_interval(
    metric: Metric, predictions: np.ndarray, answers: Answers
) -> tuple[float, float]:
    """Return the percentile interval of a metric.

    Shares of right calls are always smoothed. An AUC is where it has no width, as where
    all pairs are in order: else its mistakes are many and small, and those of samples
    that are wrong beyond doubt would drown them. Errors have no worst value to think
    up, and are never smoothed.
    """
    if metric.name not in CALLED:
        low, high = percentile_interval(bootstrap(metric.name, predictions, answers))
        if low < high or not metric.share:
            return low, high
    return percentile_interval(smoothed_bootstrap(metric.name, predictions, answers))
