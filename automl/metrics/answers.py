"""The right answers of a split, and how each single prediction compares with them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl.metrics.catalog import CLASSIFICATION, MULTILABEL
from automl_datasets.prepared import Split
from automl_datasets.spec import DataSpec

Floats = NDArray[np.float64]

THRESHOLD = 0.5
#: Less is taken for this much, so that no logarithm is infinite.
SMALLEST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class Answers:
    """What predictions are compared with.

    Attributes:
        task: `classification`, `multilabel` or `regression`.
        targets: Class indices `(n,)`; zeros and ones `(n, labels)`; or raw values
            `(n, targets)`.
        scale: Standard deviation of each target of a regression in the training
            split, `(targets,)`; ones where it is left out.
        groups: What each sample belongs to, `(n,)`, for example a patient: samples of
            one group are alike, and tell less than as many strangers would. `None`
            where each stands for itself.
    """

    task: str
    targets: NDArray[np.generic]
    scale: tuple[float, ...] = ()
    groups: NDArray[np.generic] | None = None

    @classmethod
    def of(cls, spec: DataSpec, targets: NDArray[np.generic]) -> Answers:
        """Return the answers of samples of a data set, each standing for itself."""
        return cls(spec.task, targets, spec.target_std)

    @classmethod
    def of_splits(cls, spec: DataSpec, *splits: Split) -> Answers:
        """Return the answers of prepared splits, one split after another.

        Args:
            spec: The data set.
            splits: One or more; if one has no groups, none is used.
        """
        answers = cls.of(spec, np.concatenate([split.targets for split in splits]))
        known = [split.groups for split in splits if split.groups is not None]
        if len(known) < len(splits):
            return answers
        return replace(answers, groups=np.asarray([g for part in known for g in part]))

    def at(self, rows: NDArray[np.int64]) -> Answers:
        """Return the answers of some of the samples, in the order of `rows`."""
        groups = None if self.groups is None else self.groups[rows]
        return replace(self, targets=self.targets[rows], groups=groups)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.targets)

    def values(self) -> Floats:
        """Return the targets as numbers `(n, columns)`, class indices in one column."""
        return np.asarray(self.targets, np.float64).reshape(len(self), -1)


def as_columns(predictions: NDArray[np.generic]) -> Floats:
    """Return predictions as float64 of shape `(n, outputs)`."""
    return np.asarray(predictions, np.float64).reshape(len(predictions), -1)


def calls(predictions: NDArray[np.generic], task: str) -> NDArray[np.generic]:
    """Return the class that each sample is called, `(n,)`, or labels `(n, labels)`.

    Args:
        predictions: Probabilities `(n, classes)` or `(n, labels)`.
        task: `classification` or `multilabel`.
    """
    if task == CLASSIFICATION:
        return np.asarray(predictions.argmax(axis=1))
    return np.asarray(as_columns(predictions) >= THRESHOLD)


def correct(predictions: NDArray[np.generic], answers: Answers) -> NDArray[np.bool_]:
    """Return whether each sample is right, bool of shape `(n,)`.

    That is: its most probable class is the target; or each of its labels is on the
    right side of one half.

    Raises:
        ValueError: For a regression, which has no right and wrong.
    """
    if answers.task == CLASSIFICATION:
        return np.asarray(calls(predictions, answers.task) == answers.targets)
    if answers.task == MULTILABEL:
        called = calls(predictions, answers.task)
        return np.asarray((called == (answers.values() > THRESHOLD)).all(axis=1))
    raise ValueError("A regression has no right and wrong predictions.")


def losses(predictions: NDArray[np.generic], answers: Answers) -> Floats:
    """Return the loss of each sample, float64 of shape `(n,)`.

    Cross-entropy in nats; binary cross-entropy averaged over labels; or the squared
    error in units of the targets' standard deviations, averaged over targets.
    """
    guesses = as_columns(predictions)
    if answers.task == CLASSIFICATION:
        indices = np.asarray(answers.targets, np.int64)
        return -_log(guesses[np.arange(len(indices)), indices])
    values = answers.values()
    if answers.task == MULTILABEL:
        right = np.where(values > THRESHOLD, guesses, 1 - guesses)
        return np.asarray(-_log(right).mean(axis=1))
    scale = np.asarray(answers.scale or 1.0)
    return np.asarray((((guesses - values) / scale) ** 2).mean(axis=1))


def _log(probabilities: Floats) -> Floats:
    return np.asarray(np.log(np.clip(probabilities, SMALLEST_PROBABILITY, 1.0)))
