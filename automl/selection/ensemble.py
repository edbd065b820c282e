"""Models whose predictions are averaged: which ones, and whether that pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automl.metrics.answers import Answers
from automl.metrics.catalog import metric_of
from automl.metrics.resampling import (
    bootstrap,
    differing_units,
    percentile_interval,
)
from automl.metrics.scores import score
from automl.run.predictions import load_predictions
from automl.selection.choice import Finalist
from automl.selection.statistics import LEAST_DIFFERING

#: Models drawn, with replacement: a weight is a multiple of one over so many at least.
_ROUNDS = 20


@dataclass(frozen=True)
class Comparison:
    """An ensemble beside the single model, on the same samples.

    Attributes:
        gain: By how much the ensemble is better; negative where it is worse.
        interval: The 95 % interval of the gain.
        differing: On how many samples, or groups of them, the two answer differently.
    """

    gain: float
    interval: tuple[float, float]
    differing: int

    @property
    def pays(self) -> bool:
        """Whether the whole interval says that the ensemble is better.

        And whether that rests on as many samples or groups as any test needs.
        """
        return self.interval[0] > 0 and self.differing >= LEAST_DIFFERING


def select(
    candidates: Sequence[Finalist],
    objective: str,
    answers: Answers,
    *,
    size: int,
    fits: Callable[[frozenset[str]], bool] = lambda members: True,
) -> dict[str, float]:
    """Choose models, and how much each counts, by the mean of their predictions.

    Again and again the model is added, with replacement, that makes the mean best;
    equals are told apart by the loss. Of all means on the way the best is kept, of
    equals the first.

    Args:
        candidates: Models with their predictions on the same samples, which none of
            them learned from.
        objective: For example `val_accuracy`.
        answers: The right answers of these samples.
        size: Most models, 1 or more.
        fits: Whether so many models together keep what limits a model.

    Returns:
        The weight of each trial, the largest first; they add up to 1.

    Raises:
        ValueError: If there are no candidates.

    Source:
        Caruana et al. (2004), Ensemble selection from libraries of models, ICML:
        forward stepwise selection with replacement.
    """
    if not candidates:
        raise ValueError("`candidates` must not be empty.")
    drawn: list[str] = []
    total = np.zeros_like(candidates[0].predictions, np.float64)
    reached: list[tuple[float, float]] = []
    for count in range(1, _ROUNDS + 1):
        options = _options(candidates, frozenset(drawn), size, fits)
        means = ((total + option.predictions) / count for option in options)
        found = [_goodness(mean, objective, answers) for mean in means]
        place = found.index(max(found))
        drawn.append(options[place].trial)
        total += options[place].predictions
        reached.append(found[place])
    kept = drawn[: 1 + reached.index(max(reached))]
    weights = {trial: kept.count(trial) / len(kept) for trial in dict.fromkeys(kept)}
    return dict(sorted(weights.items(), key=lambda item: -item[1]))


def _options(
    candidates: Sequence[Finalist],
    drawn: frozenset[str],
    size: int,
    fits: Callable[[frozenset[str]], bool],
) -> list[Finalist]:
    """Return the candidates that may be drawn next: those that were, always."""
    if not drawn:
        return list(candidates)
    new = [c for c in candidates if c.trial not in drawn and len(drawn) < size]
    allowed = [c.trial for c in new if fits(drawn | {c.trial})]
    return [c for c in candidates if c.trial in drawn or c.trial in allowed]


def mean_of(predictions: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """Return the weighted mean of predictions, float32 `(n, outputs)`."""
    mean = sum(
        w * np.asarray(p, np.float64) for w, p in zip(weights, predictions, strict=True)
    )
    return np.asarray(mean, np.float32)


def mean_of_files(
    folders: Sequence[Path], weights: Sequence[float], split: str
) -> np.ndarray:
    """Return `mean_of` what trainings predicted on a split.

    Args:
        folders: Folder of each member's training.
        weights: How much each counts.
        split: `val` or `test`.
    """
    return mean_of([load_predictions(folder, split) for folder in folders], weights)


def compare(
    ensemble: np.ndarray, single: np.ndarray, objective: str, answers: Answers
) -> Comparison:
    """Compare predictions of an ensemble and of one model on the same samples.

    The interval is the percentile bootstrap of the difference, both scored on the
    same resamples, of samples or of groups of them.
    """
    metric = metric_of(objective)
    sign = 1 if metric.direction == "max" else -1
    values = [score(metric.name, p, answers) for p in (ensemble, single)]
    drawn = [bootstrap(metric.name, p, answers) for p in (ensemble, single)]
    interval = percentile_interval(sign * (drawn[0] - drawn[1]))
    differing = differing_units(metric.name, ensemble, single, answers)
    return Comparison(sign * (values[0] - values[1]), interval, differing)


def _goodness(
    predictions: np.ndarray, objective: str, answers: Answers
) -> tuple[float, float]:
    """Return what to make large: the objective's value, then the negative loss."""
    metric = metric_of(objective)
    sign = 1 if metric.direction == "max" else -1
    value = score(metric.name, predictions, answers)
    return sign * value, -score("loss", predictions, answers)
