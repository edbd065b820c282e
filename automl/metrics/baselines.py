"""What the best answer that ignores the input scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl.metrics.answers import Answers, Floats
from automl.metrics.catalog import CLASSIFICATION
from automl.metrics.scores import score
from automl_datasets.spec import DataSpec


def baseline_score(
    name: str, spec: DataSpec, train: NDArray[np.generic], test: NDArray[np.generic]
) -> float:
    """Return the metric of a constant answer that was learned from training targets.

    The answer is the shares of the classes, so that the largest is always called; the
    share of each label; the mean of each target, or for `mae` its median.

    Args:
        name: One of the metrics of the task.
        spec: The data set.
        train: Targets of the training split.
        test: Targets of the split to score on.
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
    middle = np.median if name == "mae" else np.mean
    return np.asarray(middle(values, axis=0))
