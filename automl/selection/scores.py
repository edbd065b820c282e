"""A score on a split, with its interval."""

from __future__ import annotations

import numpy as np

from automl.metrics.answers import Answers, correct
from automl.metrics.catalog import metric_of
from automl.metrics.resampling import bootstrap, percentile_interval
from automl.metrics.scores import score
from automl.selection.statistics import wilson_interval


def score_with_interval(
    objective: str, predictions: np.ndarray, answers: Answers
) -> tuple[float, tuple[float, float]]:
    """Return a score and its 95 % interval.

    Args:
        objective: For example `val_accuracy`, a proportion, with Wilson's interval;
            of all else the percentile bootstrap with 1 000 resamples.
        predictions: float32 of shape `(n, outputs)`.
        answers: The right answers of the same samples.
    """
    name = metric_of(objective).name
    value = score(name, predictions, answers)
    if name == "accuracy":
        hits = int(correct(predictions, answers).sum())
        return value, wilson_interval(hits, len(answers))
    low, high = percentile_interval(bootstrap(name, predictions, answers))
    return value, (min(low, value), max(high, value))
