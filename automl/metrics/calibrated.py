"""Predictions as they would be if probabilities meant what they say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit

from automl.metrics.answers import (
    SMALLEST_PROBABILITY,
    Answers,
    Floats,
    as_columns,
    losses,
)
from automl.metrics.catalog import CLASSIFICATION, REGRESSION

#: How far logits are stretched or shrunk at most. Where all samples are right, the
#: loss would fall for ever.
_LARGEST_FACTOR = 4.0


def calibrated(predictions: NDArray[np.generic], answers: Answers) -> Floats:
    """Return predictions whose loss is the least that one temperature leaves.

    Label smoothing, mixing of samples and early ends change how sure a network is, and
    so its loss, while it tells classes apart as well as before. What is left of the
    loss once probabilities are calibrated is comparable.

    Args:
        predictions: Probabilities `(n, classes)` or `(n, labels)`; values of a
            regression have no temperature, and are returned as they are.
        answers: The right answers of the same samples, to which the temperature is
            fitted.

    Source:
        Guo et al. (2017), On calibration of modern neural networks, arXiv:1706.04599,
        temperature scaling; Berta et al. (2025), arXiv:2501.19195, for choosing by the
        loss that it leaves.
    """
    guesses = as_columns(predictions)
    if answers.task == REGRESSION:
        return guesses
    guesses = np.clip(guesses, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    one_class = answers.task == CLASSIFICATION
    logits = np.log(guesses) if one_class else logit(guesses)

    def scaled(log_factor: float) -> Floats:
        stretched = logits * np.exp(log_factor)
        if one_class:
            return np.asarray(np.exp(log_softmax(stretched, axis=1)))
        return np.asarray(expit(stretched))

    limit = np.log(_LARGEST_FACTOR)
    found = minimize_scalar(
        lambda log_factor: losses(scaled(log_factor), answers).mean(),
        bounds=(-limit, limit),
        method="bounded",
    )
    return scaled(float(found.x))
