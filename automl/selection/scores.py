"""A score on a split, with its interval."""

from __future__ import annotations

import numpy as np

from automl.metrics.answers import Answers, correct
from automl.metrics.catalog import metric_of
from automl.metrics.resampling import bootstrap, percentile_interval
from automl.metrics.scores import score
from automl.selection.statistics import wilson_interval


def score_with_interval(
    objective: str,
    predictions: np.ndarray,
    targets: np.ndarray,
    *,
    task: str = "classification",
    scale: tuple[float, ...] = (),
) -> tuple[float, tuple[float, float]]:
    """Return a score and its 95 % interval.

    Args:
        objective: For example `val_accuracy`, a proportion, with Wilson's interval;
            of all else the percentile bootstrap with 1 000 resamples.
        predictions: float32 of shape `(n, outputs)`.
        targets: Targets of the same samples, as prepared.
        task: One of `automl_datasets.spec.TASKS`.
        scale: `target_std` of the data set; matters for `val_loss` of regressions.
    """
    name = metric_of(objective).name
    answers = Answers(task, targets, scale)
    value = score(name, predictions, answers)
    if name == "accuracy":
        hits = int(correct(predictions, answers).sum())
        return value, wilson_interval(hits, len(answers))
    low, high = percentile_interval(bootstrap(name, predictions, answers))
    return value, (min(low, value), max(high, value))
