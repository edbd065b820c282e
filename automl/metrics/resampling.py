"""How sure a metric is: the bootstrap, of one model or of two on the same samples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from automl.metrics.answers import Answers, Floats
from automl.metrics.catalog import CLASSIFICATION
from automl.metrics.scores import weighted_scores

_RESAMPLES = 1000
_RESAMPLES_AT_ONCE = 50
_SEED = 0


def bootstrap(name: str, predictions: NDArray[np.generic], answers: Answers) -> Floats:
    """Return a metric on 1 000 resamples of the samples, `(1000,)`.

    Every call with answers to the same samples draws the same resamples, so that
    differences of two models are paired. Classes keep their sizes, except for
    accuracies and losses, which are plain means and need no help: an AUC of a resample
    without the rare class would be undefined.

    Source: Efron (1979), Bootstrap methods: another look at the jackknife.
    """
    stratified = answers.task == CLASSIFICATION and name not in ("accuracy", "loss")
    parts = [
        weighted_scores(name, predictions, answers, weights)
        for weights in _weightings(answers, stratified=stratified)
    ]
    return np.concatenate(parts)


def percentile_interval(values: Floats) -> tuple[float, float]:
    """Return the middle 95 % of bootstrapped values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _weightings(answers: Answers, *, stratified: bool) -> Iterator[Floats]:
    """Yield how often each sample is drawn, `(resamples, n)`, some at a time."""
    generator = np.random.default_rng(_SEED)
    count = len(answers)
    classes = answers.targets if stratified else np.zeros(count, np.int64)
    strata = [np.flatnonzero(classes == label) for label in np.unique(classes)]
    for _ in range(_RESAMPLES // _RESAMPLES_AT_ONCE):
        weights = np.zeros((_RESAMPLES_AT_ONCE, count))
        for rows in strata:
            drawn = generator.integers(len(rows), size=(_RESAMPLES_AT_ONCE, len(rows)))
            weights[:, rows] = _counts(drawn, len(rows))
        yield weights


def _counts(drawn: NDArray[np.int64], size: int) -> Floats:
    """Return how often each number below `size` occurs in each row."""
    flat = (drawn + size * np.arange(len(drawn))[:, None]).ravel()
    counts = np.bincount(flat, minlength=size * len(drawn))
    return counts.reshape(len(drawn), size).astype(float)
