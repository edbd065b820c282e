"""Which test samples are worth a look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from automl.metrics.answers import THRESHOLD, as_columns
from automl_datasets.spec import DataSpec

MOST_MISTAKES = 12
MOST_HITS = 4


@dataclass(frozen=True)
class Choice:
    """One answer that is worth a look.

    Attributes:
        row: Place of the sample in the test split.
        output: The class, label or target that the answer is about.
        truth: Index of the true class, 0 or 1 for a label, or the true value.
        answer: The same as the model gave it.
        confidence: Its probability; `None` for a regression.
        sign: 1 where the answer is a large output, -1 where it is a small one.
    """

    row: int
    output: int
    truth: float
    answer: float
    confidence: float | None
    sign: int = 1


def choose(
    spec: DataSpec, targets: np.ndarray, predictions: np.ndarray
) -> tuple[list[Choice], list[Choice]]:
    """Return the most confident mistakes, and some of the most confident right answers.

    Of a regression these are the largest and the smallest errors, in standard
    deviations of the target. No sample is shown twice.

    Args:
        spec: The data set.
        targets: Targets of the test split.
        predictions: float32 `(n, outputs)` on it.
    """
    if spec.task == "regression":
        return _of_regression(spec, targets, predictions)
    if spec.task == "multilabel":
        return _of_labels(targets, predictions)
    return _of_classes(targets, predictions)


def _of_classes(
    targets: np.ndarray, predictions: np.ndarray
) -> tuple[list[Choice], list[Choice]]:
    called = predictions.argmax(axis=1)
    confidence = predictions.max(axis=1)
    order = [int(row) for row in np.argsort(-confidence, kind="stable")]

    def chosen(row: int) -> Choice:
        answer = int(called[row])
        return Choice(row, answer, int(targets[row]), answer, float(confidence[row]))

    wrong = (row for row in order if called[row] != targets[row])
    right = (row for row in order if called[row] == targets[row])
    # One right answer a class, of the classes that are got right most surely.
    firsts = {int(called[row]): row for row in reversed(list(right))}
    hits = sorted(firsts.values(), key=order.index)
    return _first(map(chosen, wrong), MOST_MISTAKES), _first(
        map(chosen, hits), MOST_HITS
    )


def _of_labels(
    targets: np.ndarray, predictions: np.ndarray
) -> tuple[list[Choice], list[Choice]]:
    """Order pairs of a sample and a label by how sure their answer is."""
    probabilities = as_columns(predictions)
    called = probabilities >= THRESHOLD
    sure = np.where(called, probabilities, 1 - probabilities)
    labels = probabilities.shape[1]
    order = np.argsort(-sure, axis=None, kind="stable")

    def chosen(place: int) -> Choice:
        row, label = divmod(int(place), labels)
        return Choice(
            row,
            label,
            float(targets[row, label]),
            float(called[row, label]),
            float(sure[row, label]),
            1 if called[row, label] else -1,
        )

    right = (called == (targets > THRESHOLD)).ravel()
    given = called.ravel()
    wrong = (place for place in order if not right[place])
    found = (place for place in order if right[place] and given[place])
    return _first(map(chosen, wrong), MOST_MISTAKES), _first(
        map(chosen, found), MOST_HITS
    )


def _of_regression(
    spec: DataSpec, targets: np.ndarray, predictions: np.ndarray
) -> tuple[list[Choice], list[Choice]]:
    values = as_columns(predictions)
    scale, mean = np.asarray(spec.target_std), np.asarray(spec.target_mean)
    errors = np.abs(values - targets) / scale
    worst = errors.argmax(axis=1)
    order = np.argsort(-errors.max(axis=1), kind="stable")

    def chosen(row: int) -> Choice:
        target = int(worst[row])
        value = float(values[row, target])
        sign = 1 if value >= mean[target] else -1
        return Choice(int(row), target, float(targets[row, target]), value, None, sign)

    mistakes = _first(map(chosen, order), min(MOST_MISTAKES, len(order) // 2))
    hits = _first(map(chosen, order[::-1]), min(MOST_HITS, len(order) // 2))
    return mistakes, hits


def _first(choices: Iterable[Choice], most: int) -> list[Choice]:
    """Return the first choices, each of another sample."""
    found: dict[int, Choice] = {}
    for choice in choices:
        if len(found) == most:
            break
        found.setdefault(choice.row, choice)
    return list(found.values())
