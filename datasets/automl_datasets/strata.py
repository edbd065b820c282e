"""Samples that are alike in what is to be told of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_BINS = 10
_SAMPLES_PER_BIN = 10


def strata(targets: NDArray[Any], task: str) -> NDArray[np.int64]:
    """Return the stratum of each sample.

    A class is a stratum. Samples of several labels belong to the rarest that they
    have, or to those that have none. Regression targets are cut into bins of equally
    many samples, several targets by the mean of their standard scores.

    Args:
        targets: Targets as prepared, shape `(n,)` or `(n, k)`.
        task: One of `spec.TASKS`.

    Returns:
        Numbers of strata, int64, shape `(n,)`.

    Example:
        >>> strata(np.array([[1, 1], [1, 0], [0, 0]]), "multilabel").tolist()
        [1, 0, -1]
    """
    if task == "classification":
        return np.asarray(targets, np.int64)
    if task == "multilabel":
        return _rarest_labels(targets)
    return _quantile_bins(np.asarray(targets, np.float64))


def _rarest_labels(targets: NDArray[Any]) -> NDArray[np.int64]:
    has = np.asarray(targets) > 0
    commonness = np.where(has, has.sum(axis=0), len(has) + 1)
    rarest = commonness.argmin(axis=1)
    return np.asarray(np.where(has.any(axis=1), rarest, -1), np.int64)


def _quantile_bins(targets: NDArray[np.float64]) -> NDArray[np.int64]:
    targets = targets.reshape(len(targets), -1)
    spread = targets.std(axis=0)
    scores = (targets - targets.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    bins = max(1, min(_MOST_BINS, len(targets) // _SAMPLES_PER_BIN))
    edges = np.quantile(scores.mean(axis=1), np.linspace(0, 1, bins + 1)[1:-1])
    bins_of = np.searchsorted(edges, scores.mean(axis=1), side="right")
    return np.asarray(bins_of, np.int64)
