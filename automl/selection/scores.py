"""The objective's score on a split, with its interval."""

from __future__ import annotations

import numpy as np

from automl.selection.statistics import wilson_interval

_RESAMPLES = 1000
_SMALLEST_PROBABILITY = 1e-7


def correct_predictions(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return whether the most probable class is the target, bool of shape `(n,)`.

    Args:
        probabilities: float32 of shape `(n, classes)`.
        targets: Class indices, shape `(n,)`.
    """
    return np.asarray(probabilities.argmax(axis=1) == targets)


def cross_entropies(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the cross-entropy of each sample, in nats, float of shape `(n,)`.

    Args:
        probabilities: float32 of shape `(n, classes)`.
        targets: Class indices, shape `(n,)`.
    """
    chosen = probabilities[np.arange(len(targets)), targets]
    return np.asarray(-np.log(np.clip(chosen, _SMALLEST_PROBABILITY, 1.0)))


def score_with_interval(
    objective: str, probabilities: np.ndarray, targets: np.ndarray
) -> tuple[float, tuple[float, float]]:
    """Return a score and its 95 % interval.

    Args:
        objective: `val_accuracy` (Wilson's interval) or `val_loss` (cross-entropy;
            percentile bootstrap with 1 000 resamples).
        probabilities: float32 of shape `(n, classes)`.
        targets: Class indices, shape `(n,)`.
    """
    if objective == "val_accuracy":
        correct = correct_predictions(probabilities, targets)
        interval = wilson_interval(int(correct.sum()), len(correct))
        return float(correct.mean()), interval
    losses = cross_entropies(probabilities, targets)
    generator = np.random.default_rng(0)
    rows = generator.integers(len(losses), size=(_RESAMPLES, len(losses)))
    low, high = np.percentile(losses[rows].mean(axis=1), [2.5, 97.5])
    return float(losses.mean()), (float(low), float(high))
