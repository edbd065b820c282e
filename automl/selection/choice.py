"""The recommended model among the finalists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from automl.metrics.answers import Answers, Floats, correct
from automl.metrics.calibrated import calibrated
from automl.metrics.catalog import Metric, metric_of
from automl.metrics.resampling import (
    bootstrap,
    differing_units,
    percentile_interval,
)
from automl.metrics.scores import score
from automl.selection.statistics import LEAST_DIFFERING, mcnemar_p_value

SIGNIFICANCE = 0.05
_EQUAL_COST = 1.1  # what costs a tenth more is no dearer to its user
_LOSS = metric_of("val_loss")


@dataclass(frozen=True, eq=False)
class Finalist:
    """A shortlisted model and its results on samples that it did not learn from.

    Attributes:
        trial: Identity.
        score: Value of the objective that ranks it.
        predictions: float32 `(n, outputs)`, on the same samples for every finalist:
            the validation split, or all folds of a cross-validation.
        macs: Multiply-accumulates of one forward pass of one sample; `None` where some
            of its layers could not be counted.
        params: Parameters.
        costs: What the search was told to make small, in its order; it comes before
            MACs and parameters where the cheapest is looked for.
    """

    trial: str
    score: float
    predictions: np.ndarray
    macs: int | None
    params: int
    costs: tuple[float, ...] = ()

    def cheapness(self, *, counted: bool) -> tuple[float, ...]:
        """Return what the cheapest of several has least of, the first of it above all.

        Args:
            counted: Whether the MACs of all of them are known; else they are left out.
        """
        macs = (self.macs,) if counted and self.macs is not None else ()
        return (*self.costs, *macs, self.params)


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        best: The finalist with the best score.
        recommended: The cheapest finalist that is as good.
        tied: Every finalist that does not differ significantly from the best, the
            best included.
        near: Those of them that are within one standard error of the best, the best
            included; the cheapest of these is recommended.
        compared: Every finalist.
    """

    best: str
    recommended: str
    tied: tuple[str, ...]
    near: tuple[str, ...]
    compared: tuple[str, ...]


def choose(finalists: Sequence[Finalist], objective: str, answers: Answers) -> Choice:
    """Choose among finalists by their results on the same samples.

    Finalists are tied with the best when a paired test finds no difference at the 5 %
    level: McNemar's for accuracies, unless samples have groups; of all else the
    bootstrapped 95 % interval of the difference must hold zero, or the two answer so
    few samples or groups differently that no such test tells them apart. The
    recommended model is the cheapest, by the costs that the search was told to make
    small or else by MACs, of those tied that are also within one standard error of the
    best, in the objective and in loss: on a small split the test alone would call
    models equal that are points apart, and where all are right on all of it, only the
    loss tells them apart. It is compared once all are `calibrated`, as label smoothing
    raises it. Those that cost up to a tenth more than the cheapest are as cheap, and of
    them the best is recommended. Where the MACs of one are not known, parameters stand
    for them.

    Args:
        finalists: At least one.
        objective: For example `val_accuracy`.
        answers: The right answers of the samples that were predicted.

    Raises:
        ValueError: If there are no finalists.

    Source:
        The one-standard-error rule: Breiman et al. (1984), Classification and
        Regression Trees, section 3.4.3; here of the paired difference.
    """
    if not finalists:
        raise ValueError("`finalists` must not be empty.")
    metric = metric_of(objective)
    sign = 1 if metric.direction == "max" else -1
    plain = {f.trial: _Resampled(f.predictions, answers) for f in finalists}
    sure = {
        f.trial: _Resampled(calibrated(f.predictions, answers), answers)
        for f in finalists
    }
    loss = {trial: resampled.score(_LOSS) for trial, resampled in sure.items()}
    best = max(finalists, key=lambda f: (sign * f.score, -loss[f.trial]))
    tied, near = [best], [best]
    for other in finalists:
        if other is best:
            continue
        pair = _Pair(plain[best.trial], plain[other.trial])
        if not pair.differ(metric):
            tied.append(other)
            losses = _Pair(sure[best.trial], sure[other.trial])
            if pair.is_near(metric) and losses.is_near(_LOSS):
                near.append(other)
    counted = all(finalist.macs is not None for finalist in near)
    costs = {f.trial: f.cheapness(counted=counted) for f in near}
    least = min(cost[0] for cost in costs.values())
    cheap = [f for f in near if costs[f.trial][0] <= _EQUAL_COST * least]
    recommended = min(
        cheap, key=lambda f: (-sign * f.score, loss[f.trial], *costs[f.trial])
    )
    return Choice(
        best.trial,
        recommended.trial,
        tied=tuple(f.trial for f in finalists if f in tied),
        near=tuple(f.trial for f in finalists if f in near),
        compared=tuple(f.trial for f in finalists),
    )


@dataclass(frozen=True)
class _Resampled:
    """A finalist's predictions, and metrics of them on resamples, each drawn once."""

    predictions: np.ndarray
    answers: Answers
    _drawn: dict[str, Floats] = field(default_factory=dict)

    def correct(self) -> np.ndarray:
        return correct(self.predictions, self.answers)

    def score(self, metric: Metric) -> float:
        return score(metric.name, self.predictions, self.answers)

    def drawn(self, metric: Metric) -> Floats:
        """Return the metric on each resample: the same samples for every finalist."""
        if metric.name not in self._drawn:
            found = bootstrap(metric.name, self.predictions, self.answers)
            self._drawn[metric.name] = found
        return self._drawn[metric.name]


@dataclass(frozen=True)
class _Pair:
    """The best finalist and another."""

    best: _Resampled
    other: _Resampled

    def differ(self, metric: Metric) -> bool:
        """Whether the two differ significantly."""
        if metric.name == "accuracy" and self.best.answers.groups is None:
            p_value = mcnemar_p_value(self.best.correct(), self.other.correct())
            return p_value < SIGNIFICANCE
        if self._differing_units(metric) < LEAST_DIFFERING:
            return False
        low, high = percentile_interval(self._drawn_gaps(metric))
        return not low <= 0 <= high

    def is_near(self, metric: Metric) -> bool:
        """Whether the other is worse by no more than one standard error."""
        best, other = self.best.score(metric), self.other.score(metric)
        worse_by = best - other if metric.direction == "max" else other - best
        return worse_by <= float(np.std(self._drawn_gaps(metric))) + 1e-12

    def _differing_units(self, metric: Metric) -> int:
        first, second = self.best.predictions, self.other.predictions
        return differing_units(metric.name, first, second, self.best.answers)

    def _drawn_gaps(self, metric: Metric) -> Floats:
        return self.best.drawn(metric) - self.other.drawn(metric)
