"""How sure a metric is: the bootstrap, of one model or of two on the same samples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from automl.metrics.answers import Answers, Floats, calls
from automl.metrics.catalog import CALLED
from automl.metrics.pseudo_samples import pseudo_samples
from automl.metrics.scores import weighted_scores

_RESAMPLES = 1000
_RESAMPLES_AT_ONCE = 50
_SEED = 0


def bootstrap(name: str, predictions: NDArray[np.generic], answers: Answers) -> Floats:
    """Return a metric on 1 000 resamples of the samples, `(1000,)`.

    Every call with answers to the same samples draws the same resamples, so that
    differences of two models are paired. Samples of one group are drawn together, as
    what is right of one of them is likely right of the others. Whatever its class,
    each is drawn alike: with classes that keep their sizes, the only sample of a class
    would be in every resample, and look certain. A class that a resample has not is
    left out, as in `scores`.

    Source:
        Efron (1979), Bootstrap methods: another look at the jackknife. Of groups: Field
        and Welsh (2007), Bootstrapping clustered data, JRSS B 69(3), the cluster
        bootstrap.
    """
    parts = [
        weighted_scores(name, predictions, answers, weights)
        for weights in _weightings(_units(answers))
    ]
    return np.concatenate(parts)


def smoothed_bootstrap(
    name: str, predictions: NDArray[np.generic], answers: Answers
) -> Floats:
    """Return a share of right answers on 1 000 smoothed resamples, `(1000,)`.

    A resample of samples that are all right holds no wrong one, however few they are.
    So two are thought up in all, one that is right and one that is wrong, in equal
    shares of every class or label; each counts as much as gamma variates say, and as
    much as a group of mean size where samples have groups. Of ten right answers this
    leaves as much doubt as Wilson's interval; of hundreds it changes next to nothing.

    Args:
        name: A metric of a classification or of several labels.
        predictions: See `scores.score`.
        answers: See `scores.score`.

    Source:
        Hjort (1991), Bayesian and empirical Bayesian bootstrapping, arXiv:2605.11677:
        a prior of weight 2 beside the resampled samples, which is Laplace's.
    """
    units = _units(answers)
    pseudo, truth = pseudo_samples(predictions.shape[1], answers)
    everything = np.concatenate([predictions, pseudo])
    enlarged = Answers(answers.task, np.concatenate([answers.targets, truth]))
    size = len(answers) / (units.max() + 1)
    generator = np.random.default_rng(_SEED + 1)
    parts = []
    for weights in _weightings(units):
        shape = (len(weights), len(pseudo))
        thought_up = size * generator.gamma(2 / max(1, len(pseudo)), size=shape)
        both = np.concatenate([weights, thought_up], axis=1)
        parts.append(weighted_scores(name, everything, enlarged, both))
    return np.concatenate(parts)


def percentile_interval(values: Floats) -> tuple[float, float]:
    """Return the middle 95 % of bootstrapped values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def differing_units(
    name: str,
    first: NDArray[np.generic],
    second: NDArray[np.generic],
    answers: Answers,
) -> int:
    """Return on how many samples, or groups of them, two models answer differently.

    Args:
        name: The metric. For one of classes or labels that are called, only these
            calls matter; for all else each difference of what is predicted.
        first: Predictions of one model.
        second: Predictions of the other.
        answers: The right answers of the same samples.
    """
    if name in CALLED:
        first, second = calls(first, answers.task), calls(second, answers.task)
    differing = (first != second).reshape(len(answers), -1).any(axis=1)
    return len(np.unique(_units(answers)[differing]))


def _units(answers: Answers) -> NDArray[np.int64]:
    """Return what is drawn as one, `(n,)`: the place of its group, or its own."""
    if answers.groups is None:
        return np.arange(len(answers))
    _, places = np.unique(answers.groups, return_inverse=True)
    return np.asarray(places, np.int64)


def _weightings(units: NDArray[np.int64]) -> Iterator[Floats]:
    """Yield how often each sample is drawn, `(resamples, n)`, some at a time."""
    generator = np.random.default_rng(_SEED)
    count = int(units.max()) + 1
    for _ in range(_RESAMPLES // _RESAMPLES_AT_ONCE):
        drawn = generator.integers(count, size=(_RESAMPLES_AT_ONCE, count))
        yield _counts(drawn, count)[:, units]


def _counts(drawn: NDArray[np.int64], size: int) -> Floats:
    """Return how often each number below `size` occurs in each row."""
    flat = (drawn + size * np.arange(len(drawn))[:, None]).ravel()
    counts = np.bincount(flat, minlength=size * len(drawn))
    return counts.reshape(len(drawn), size).astype(float)
