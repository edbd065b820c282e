"""The recommended model among the finalists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl.selection.statistics import mcnemar_p_value

SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Finalist:
    """A shortlisted model and its results on the validation split.

    Attributes:
        trial: Identity.
        score: Validation score, larger is better.
        correct: Whether it was right on each validation sample, bool `(n,)`.
        losses: Its cross-entropy on each validation sample, float `(n,)`.
        macs: Multiply-accumulates of one forward pass of one sample.
        params: Parameters.
    """

    trial: str
    score: float
    correct: np.ndarray
    losses: np.ndarray
    macs: int
    params: int


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        best: The finalist with the best validation score.
        recommended: The cheapest finalist that is as good.
        tied: Every finalist that does not differ significantly from the best, the
            best included.
    """

    best: str
    recommended: str
    tied: tuple[str, ...]


def choose(finalists: Sequence[Finalist]) -> Choice:
    """Choose among finalists by their results on the same validation samples.

    Finalists are tied with the best when McNemar's test finds no difference at the
    5 % level. The recommended model is the one with the fewest MACs of those tied
    that are also within one standard error of the best, in accuracy and in loss: on a
    small validation split the test alone would call models equal that are points
    apart, and where all are right on all of it, only the loss tells them apart.

    Raises:
        ValueError: If there are no finalists.

    Source:
        The one-standard-error rule: Breiman et al. (1984), Classification and
        Regression Trees, section 3.4.3; here of the paired difference.
    """
    if not finalists:
        raise ValueError("`finalists` must not be empty.")
    best = max(finalists, key=lambda f: (f.score, -float(f.losses.mean())))
    tied = [f for f in finalists if _equal(best, f)]
    near = [f for f in tied if _within_one_standard_error(best, f)]
    recommended = min(near, key=lambda finalist: (finalist.macs, finalist.params))
    return Choice(best.trial, recommended.trial, tuple(f.trial for f in tied))


def _equal(best: Finalist, other: Finalist) -> bool:
    return mcnemar_p_value(best.correct, other.correct) >= SIGNIFICANCE


def _within_one_standard_error(best: Finalist, other: Finalist) -> bool:
    worse_by = (
        best.correct.astype(float) - other.correct.astype(float),
        other.losses - best.losses,
    )
    return all(np.mean(d) <= np.std(d) / np.sqrt(len(d)) for d in worse_by)
