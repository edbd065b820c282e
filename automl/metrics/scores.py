"""Every metric on numpy arrays, for one weighting of the samples or for many.

A bootstrap is nothing but another weighting: each sample counts as often as it was
drawn. So each metric takes weights `(weightings, n)` and returns one value a weighting,
which makes a thousand resamples a few matrix products.

Where a metric is undefined it is still a number: classes or labels for which it is
undefined are left out of the mean; an AUC that is undefined for all is 0.5, as of
chance; an F1 that is undefined for all is 0; R² of a constant target is 0, or 1 if it
is hit exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from automl.metrics.answers import (
    THRESHOLD,
    Answers,
    Floats,
    as_columns,
    correct,
    losses,
)
from automl.metrics.catalog import CLASSIFICATION

_Scorer = Callable[[NDArray[np.generic], Answers, Floats], Floats]


def score(name: str, predictions: NDArray[np.generic], answers: Answers) -> float:
    """Return the value of a metric.

    Args:
        name: One of `catalog.METRICS` that suits the task.
        predictions: As models give them: probabilities `(n, classes)` or
            `(n, labels)`, or values in raw units `(n, targets)`.
        answers: The right answers of the same `n >= 1` samples.
    """
    weights = np.ones((1, len(answers)))
    return float(weighted_scores(name, predictions, answers, weights)[0])


def scores(
    names: Iterable[str], predictions: NDArray[np.generic], answers: Answers
) -> dict[str, float]:
    """Return the values of several metrics; see `score`."""
    return {name: score(name, predictions, answers) for name in names}


def weighted_scores(
    name: str, predictions: NDArray[np.generic], answers: Answers, weights: Floats
) -> Floats:
    """Return a metric under many weightings of the samples, `(weightings,)`.

    Args:
        name: See `score`.
        predictions: See `score`.
        answers: See `score`.
        weights: How much each sample counts, not negative, `(weightings, n)`.
    """
    return _SCORERS[name](predictions, answers, weights)


def _accuracy(
    predictions: NDArray[np.generic], answers: Answers, weights: Floats
) -> Floats:
    return _means(correct(predictions, answers).astype(float), weights)


def _loss(
    predictions: NDArray[np.generic], answers: Answers, weights: Floats
) -> Floats:
    return _means(losses(predictions, answers), weights)


def _balanced_accuracy(
    predictions: NDArray[np.generic], answers: Answers, weights: Floats
) -> Floats:
    truth, called = _truth_and_calls(predictions, answers)
    return _mean_of_defined(weights @ (truth * called), weights @ truth, otherwise=0.0)


def _f1(predictions: NDArray[np.generic], answers: Answers, weights: Floats) -> Floats:
    truth, called = _truth_and_calls(predictions, answers)
    hits = weights @ (truth * called)
    return _mean_of_defined(2 * hits, weights @ (truth + called), otherwise=0.0)


def _auc(predictions: NDArray[np.generic], answers: Answers, weights: Floats) -> Floats:
    truth, _ = _truth_and_calls(predictions, answers)
    guesses = as_columns(predictions)
    if answers.task == CLASSIFICATION and guesses.shape[1] == 2:
        truth, guesses = truth[:, 1:], guesses[:, 1:]
    columns = zip(truth.T, guesses.T, strict=True)
    by_sample = np.ascontiguousarray(weights.T)  # rows are gathered fast, columns not
    pairs = [_won_pairs(*column, by_sample) for column in columns]
    won, all_pairs = (np.stack(part, axis=1) for part in zip(*pairs, strict=True))
    return _mean_of_defined(won, all_pairs, otherwise=0.5)


def _mae(predictions: NDArray[np.generic], answers: Answers, weights: Floats) -> Floats:
    errors = as_columns(predictions) - answers.values()
    return np.asarray(_means(np.abs(errors), weights).mean(axis=1))


def _rmse(
    predictions: NDArray[np.generic], answers: Answers, weights: Floats
) -> Floats:
    errors = as_columns(predictions) - answers.values()
    return np.asarray(np.sqrt(_means(errors**2, weights)).mean(axis=1))


def _r2(predictions: NDArray[np.generic], answers: Answers, weights: Floats) -> Floats:
    values = answers.values()
    values = values - values.mean(axis=0)  # a large offset would eat the digits
    guesses = as_columns(predictions) - answers.values().mean(axis=0)
    errors = _means((guesses - values) ** 2, weights)
    spread = _means(values**2, weights) - _means(values, weights) ** 2
    constant = spread <= 1e-12 * _means(values**2, weights)
    ratio = np.divide(errors, spread, out=(errors > 0) * 1.0, where=~constant)
    return np.asarray((1 - ratio).mean(axis=1))


def _means(values: Floats, weights: Floats) -> Floats:
    """Return weighted means of values `(n,)` or `(n, columns)` over samples."""
    totals = weights.sum(axis=1)
    return np.asarray(((weights @ values).T / totals).T)


def _mean_of_defined(part: Floats, whole: Floats, *, otherwise: float) -> Floats:
    """Return the mean over columns of `part / whole` where `whole` is above zero."""
    defined = whole > 0
    ratios = np.divide(part, whole, out=np.zeros_like(whole), where=defined)
    count = defined.sum(axis=1)
    sums = ratios.sum(axis=1)
    means: Floats = np.full_like(sums, otherwise)
    np.divide(sums, count, out=means, where=count > 0)
    return means


def _truth_and_calls(
    predictions: NDArray[np.generic], answers: Answers
) -> tuple[Floats, Floats]:
    """Return what is true and what the model calls true, 0 or 1, `(n, columns)`."""
    guesses = as_columns(predictions)
    if answers.task == CLASSIFICATION:
        units = np.eye(guesses.shape[1])
        return units[np.asarray(answers.targets, int)], units[guesses.argmax(axis=1)]
    return answers.values(), (guesses >= THRESHOLD).astype(float)


def _won_pairs(
    truth: Floats, guesses: Floats, by_sample: Floats
) -> tuple[Floats, Floats]:
    """Return the ordered pairs of a true and a false sample, and all pairs.

    Pairs of equal guesses count half: the Mann-Whitney statistic.
    """
    order = np.argsort(guesses, kind="stable")
    ordered = by_sample[order]
    true = ordered * truth[order, None]
    false = ordered - true
    levels = np.flatnonzero(np.diff(guesses[order], prepend=-np.inf))
    if len(levels) < len(order):
        true = np.add.reduceat(true, levels, axis=0)
        false = np.add.reduceat(false, levels, axis=0)
    below = np.cumsum(false, axis=0) - false
    won = np.einsum("ij,ij->j", true, below + 0.5 * false)
    return won, true.sum(axis=0) * false.sum(axis=0)


_SCORERS: dict[str, _Scorer] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "auc": _auc,
    "f1": _f1,
    "loss": _loss,
    "mae": _mae,
    "rmse": _rmse,
    "r2": _r2,
}
