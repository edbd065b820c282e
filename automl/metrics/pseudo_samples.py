"""Samples that were never seen, so that few right answers don't look certain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl.metrics.answers import THRESHOLD, Answers, Floats
from automl.metrics.catalog import CLASSIFICATION

_Targets = NDArray[np.generic]


def pseudo_samples(outputs: int, answers: Answers) -> tuple[Floats, _Targets]:
    """Return as many samples that are right as are wrong, all beyond doubt.

    Of a class, one that is right and one that is called the next class; of a label, one
    that has it and one that has not, and of each one that is right and one that is
    wrong. Only of classes and labels that occur: the others don't count in a metric.

    Args:
        outputs: Numbers that are predicted of a sample.
        answers: The right answers of samples, of a classification or of labels.

    Returns:
        Predictions `(m, outputs)`, and targets as those of `answers`, `m` of them.
    """
    if answers.task == CLASSIFICATION:
        return _of_classes(outputs, np.unique(np.asarray(answers.targets, np.int64)))
    return _of_labels(answers.values() > THRESHOLD)


def _of_classes(outputs: int, occurring: NDArray[np.int64]) -> tuple[Floats, _Targets]:
    others = np.roll(occurring, -1)
    if len(occurring) == 1:
        others = (occurring + 1) % outputs
    called = np.concatenate([occurring, others])
    return np.eye(outputs)[called], np.concatenate([occurring, occurring])


def _of_labels(truth: NDArray[np.bool_]) -> tuple[Floats, _Targets]:
    has = np.eye(truth.shape[1])[truth.any(axis=0)]
    has_not = np.zeros_like(has)
    predictions = np.concatenate([has, has_not, has_not, has])
    return predictions, np.concatenate([has, has, has_not, has_not])
