"""What the best answer that ignores the input scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl.metrics.answers import THRESHOLD, Answers, Floats
from automl.metrics.catalog import CLASSIFICATION, MULTILABEL
from automl.metrics.scores import score
from automl_datasets.spec import DataSpec


def baseline_score(
    name: str, spec: DataSpec, train: NDArray[np.generic], test: NDArray[np.generic]
) -> float:
    """Return the metric of a constant answer that was learned from training targets.

    The answer is the one that does best on the training targets: the shares of the
    classes, so that the largest is always called; of labels see `_constant_labels`;
    the mean of each target, or for `mae` its median.

    Args:
        name: One of the metrics of the task.
        spec: The data set.
        train: Targets of the training split, as in `Answers`.
        test: Targets of the split to score on, likewise.
    """
    answer = _constant(name, spec, np.asarray(train))
    predictions = np.tile(answer, (len(test), 1))
    if name == "r2":
        return 0.0  # by definition; the mean of another split falls a bit below
    return score(name, predictions, Answers.of(spec, test))


def _constant(name: str, spec: DataSpec, train: NDArray[np.generic]) -> Floats:
    if spec.task == CLASSIFICATION:
        counts = np.bincount(train.astype(np.int64), minlength=spec.num_classes)
        return np.asarray(counts / len(train))
    values = train.astype(np.float64).reshape(len(train), -1)
    if spec.task == MULTILABEL:
        return _constant_labels(name, values)
    middle = np.median if name == "mae" else np.mean
    return np.asarray(middle(values, axis=0))


def _constant_labels(name: str, values: Floats) -> Floats:
    """Return what to say of each label, `(labels,)`, of targets `(n, labels)`.

    A label that is always called has an F1 above zero wherever it occurs, and one that
    is never called has none. A set of labels is right as a whole, so the most frequent
    set is right most often. Losses and AUC want the share of each label.
    """
    if name == "f1":
        return np.asarray((values > THRESHOLD).any(axis=0), np.float64)
    if name == "accuracy":
        sets, counts = np.unique(values > THRESHOLD, axis=0, return_counts=True)
        return np.asarray(sets[counts.argmax()], np.float64)
    return np.asarray(values.mean(axis=0))
