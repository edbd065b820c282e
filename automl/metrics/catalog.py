"""The metrics by name: what suits which task, and which way is better.

Plain data, so that the command line can check a name without loading anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CLASSIFICATION = "classification"
MULTILABEL = "multilabel"
REGRESSION = "regression"
_PREFIX = "val_"


@dataclass(frozen=True)
class Metric:
    """One figure that predictions can be judged by.

    Attributes:
        name: For example `accuracy`; the objective of a search is `val_accuracy`.
        direction: `max` or `min`.
        words: What people call it, for every task that it suits.
        share: Whether it is a share, best shown as 0.xxx or in per cent.
    """

    name: str
    direction: str
    words: Mapping[str, str]
    share: bool


METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            "accuracy",
            "max",
            {CLASSIFICATION: "accuracy", MULTILABEL: "subset accuracy"},
            share=True,
        ),
        Metric(
            "balanced_accuracy",
            "max",
            {CLASSIFICATION: "balanced accuracy"},
            share=True,
        ),
        Metric(
            "auc",
            "max",
            {CLASSIFICATION: "area under the ROC curve", MULTILABEL: "macro AUC"},
            share=True,
        ),
        Metric(
            "f1",
            "max",
            {CLASSIFICATION: "macro F1", MULTILABEL: "macro F1"},
            share=True,
        ),
        Metric("rmse", "min", {REGRESSION: "root mean squared error"}, share=False),
        Metric("mae", "min", {REGRESSION: "mean absolute error"}, share=False),
        Metric(
            "r2", "max", {REGRESSION: "coefficient of determination R²"}, share=False
        ),
        Metric(
            "loss",
            "min",
            {
                CLASSIFICATION: "cross-entropy",
                MULTILABEL: "binary cross-entropy",
                REGRESSION: "scaled mean squared error",
            },
            share=False,
        ),
    )
}

#: Metrics of the class or the labels that a sample is called, however surely.
CALLED = ("accuracy", "balanced_accuracy", "f1")

DEFAULTS = {CLASSIFICATION: "accuracy", MULTILABEL: "auc", REGRESSION: "rmse"}

#: Every objective of a search, with its direction.
OBJECTIVES = {_PREFIX + name: metric.direction for name, metric in METRICS.items()}


def metric_of(objective: str) -> Metric:
    """Return the metric of an objective.

    Raises:
        KeyError: If the objective is none of `OBJECTIVES`.

    Example:
        >>> metric_of("val_rmse").direction
        'min'
    """
    return METRICS[objective.removeprefix(_PREFIX)]


def metrics_of(task: str) -> tuple[Metric, ...]:
    """Return the metrics that suit a task, its default one first.

    Example:
        >>> [metric.name for metric in metrics_of("regression")]
        ['rmse', 'mae', 'r2', 'loss']
    """
    fitting = [metric for metric in METRICS.values() if task in metric.words]
    return tuple(sorted(fitting, key=lambda metric: metric.name != DEFAULTS[task]))


def objectives_of(task: str) -> tuple[str, ...]:
    """Return the objectives that suit a task, its default one first."""
    return tuple(_PREFIX + metric.name for metric in metrics_of(task))
