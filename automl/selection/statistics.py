"""How sure a score is, and whether two models differ."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import binomtest

_Z_95 = 1.959963984540054

#: No exact paired test at the 5 % level tells two models apart that differ on fewer
#: samples, even if all of them are for one: 2 / 2 ** 5 is above it, 2 / 2 ** 6 below.
LEAST_DIFFERING = 6


def wilson_interval(correct: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion.

    Args:
        correct: Successes.
        total: Trials; at least 1.

    Source:
        Wilson (1927), Probable inference, the law of succession, and statistical
        inference, JASA 22(158).

    Example:
        >>> low, high = wilson_interval(90, 100)
        >>> round(low, 3), round(high, 3)
        (0.826, 0.945)
    """
    if total < 1:
        raise ValueError(f"`total` must be at least 1, but got {total}.")
    share = correct / total
    scale = 1 + _Z_95**2 / total
    centre = (share + _Z_95**2 / (2 * total)) / scale
    spread = math.sqrt(share * (1 - share) / total + (_Z_95 / (2 * total)) ** 2)
    half = _Z_95 * spread / scale
    return max(0.0, centre - half), min(1.0, centre + half)


def mcnemar_p_value(first: np.ndarray, second: np.ndarray) -> float:
    """Return how likely so different results are if two models are equally good.

    Args:
        first: Whether one model was right on each sample, bool of shape `(n,)`.
        second: The same of another model, on the same samples.

    Returns:
        The exact two-sided p value; 1 where the models are right and wrong alike.

    Source:
        McNemar (1947), Psychometrika 12(2); the exact binomial form.
    """
    only_first = int(np.sum(first & ~second))
    differing = only_first + int(np.sum(~first & second))
    if differing == 0:
        return 1.0
    return float(binomtest(only_first, differing).pvalue)
