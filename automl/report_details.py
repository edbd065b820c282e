"""What the test split says of one model, class by class, label by label, target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from automl.explanations.record import load_explanation
from automl.metrics.answers import THRESHOLD, Answers, as_columns
from automl.metrics.scores import score
from automl_datasets.spec import DataSpec
from automl_reports.explanation import Calibration, CalibrationBin
from automl_reports.model_detail import LabelDetail, ModelDetail, RegressionDetail

_MOST_PAIRS = 500
_PERCENTILES = (5, 25, 50, 75, 95)
_BINS = 10


def model_detail(
    trial: str,
    spec: DataSpec,
    targets: np.ndarray,
    predictions: np.ndarray,
    *,
    folder: Path | None = None,
) -> ModelDetail:
    """Return the figures that suit the task, and what explains the model.

    Args:
        trial: Identity of the trial.
        spec: The data set.
        targets: Targets of the test split.
        predictions: float32 `(n, outputs)` on it.
        folder: Folder of the training, where its explanation lies if it has one.
    """
    detail = task_detail(trial, spec, targets, predictions)
    if folder is None:
        return detail
    return replace(detail, explanation=load_explanation(folder))


def task_detail(
    trial: str, spec: DataSpec, targets: np.ndarray, predictions: np.ndarray
) -> ModelDetail:
    """Return the figures that suit the task; see `model_detail`."""
    if spec.task == "multilabel":
        shares = as_columns(predictions)
        reliability = calibration(shares.ravel(), targets.ravel() > THRESHOLD)
        labels = zip(spec.classes, targets.T, shares.T, strict=True)
        details = tuple(label_detail(*label) for label in labels)
        return ModelDetail(trial, labels=details, calibration=reliability)
    if spec.task == "regression":
        columns = zip(spec.targets, targets.T, as_columns(predictions).T, strict=True)
        regressions = (regression_detail(*column) for column in columns)
        return ModelDetail(trial, regression=tuple(regressions))
    called = predictions.argmax(axis=1)
    return replace(
        class_detail(trial, targets, called, spec.num_classes),
        calibration=calibration(predictions.max(axis=1), called == targets),
    )


def calibration(probabilities: np.ndarray, right: np.ndarray) -> Calibration:
    """Return how often answers are right, by how sure they are.

    Args:
        probabilities: Of each answer, shape `(n,)`.
        right: Whether it is true, shape `(n,)`.

    Source:
        Guo et al. (2017), On Calibration of Modern Neural Networks,
        arXiv:1706.04599: ten bins of equal width.
    """
    probabilities = np.asarray(probabilities, float)
    places = np.clip((probabilities * _BINS).astype(int), 0, _BINS - 1)
    bins = tuple(
        CalibrationBin(
            low=place / _BINS,
            high=(place + 1) / _BINS,
            count=int(inside.sum()),
            confidence=float(probabilities[inside].mean()),
            correct=float(right[inside].mean()),
        )
        for place in range(_BINS)
        if (inside := places == place).any()
    )
    distances = (item.count * abs(item.correct - item.confidence) for item in bins)
    return Calibration(bins, sum(distances) / max(1, len(probabilities)))


def class_detail(
    trial: str, targets: np.ndarray, predicted: np.ndarray, num_classes: int
) -> ModelDetail:
    """Return the confusion matrix and the figures of each class.

    Args:
        trial: Identity of the trial.
        targets: Class indices, shape `(n,)`.
        predicted: Predicted class indices, shape `(n,)`.
        num_classes: Number of classes.
    """
    confusion = np.zeros((num_classes, num_classes), int)
    np.add.at(confusion, (targets, predicted), 1)
    hits, support, calls = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    return ModelDetail(
        trial=trial,
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
        precision=_ratios(hits, calls),
        recall=_ratios(hits, support),
        f1=_ratios(2 * hits, support + calls),
        support=tuple(int(n) for n in support),
    )


def label_detail(
    name: str, targets: np.ndarray, probabilities: np.ndarray
) -> LabelDetail:
    """Return the figures of one label.

    Args:
        name: Its name.
        targets: 0 or 1, shape `(n,)`.
        probabilities: Predicted, shape `(n,)`; from one half the label is called.
    """
    called = probabilities >= THRESHOLD
    support, calls = int(targets.sum()), int(called.sum())
    hits = int((called & (targets > THRESHOLD)).sum())
    answers = Answers("multilabel", targets[:, None])
    both = 0 < support < len(targets)
    return LabelDetail(
        name=name,
        support=support,
        precision=_ratio(hits, calls),
        recall=_ratio(hits, support),
        f1=_ratio(2 * hits, support + calls),
        auc=score("auc", probabilities[:, None], answers) if both else None,
    )


def regression_detail(
    name: str, targets: np.ndarray, predictions: np.ndarray
) -> RegressionDetail:
    """Return the figures of one target.

    Args:
        name: Name of its column.
        targets: True values in raw units, shape `(n,)`.
        predictions: Predicted values, shape `(n,)`.
    """
    answers = Answers("regression", targets[:, None])
    figures = {m: score(m, predictions, answers) for m in ("mae", "rmse", "r2")}
    residuals = predictions.astype(float) - targets
    shown = np.arange(len(targets))
    if len(targets) > _MOST_PAIRS:
        drawn = np.random.default_rng(0).choice(shown, _MOST_PAIRS, replace=False)
        shown = np.sort(drawn)
    return RegressionDetail(
        name=name,
        **figures,
        bias=float(residuals.mean()),
        residuals=tuple(map(float, np.percentile(residuals, _PERCENTILES))),
        pairs=tuple((float(targets[i]), float(predictions[i])) for i in shown),
        errors=tuple(map(float, residuals)),
    )


def _ratios(part: np.ndarray, whole: np.ndarray) -> tuple[float | None, ...]:
    pairs = zip(part, whole, strict=True)
    return tuple(_ratio(p, w) for p, w in pairs)


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
