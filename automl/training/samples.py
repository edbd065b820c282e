"""Which samples a training learns from, and which it is validated on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from automl.training.assignment import Fold
from automl_datasets.folds import fold_indices
from automl_datasets.preparation import PreparedData, Split

Array = NDArray[Any]


class Rows(Protocol):
    """An array of samples as batches need it; a memory map is one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of samples, then the shape of one."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Numbers of a sample."""

    def __getitem__(self, places: Array) -> Array:
        """Return the samples at some places, `(places, ...)`."""


class Samples(Protocol):
    """Inputs and targets in the same order; a `Split` is one."""

    @property
    def inputs(self) -> Rows:
        """Prepared samples."""

    @property
    def targets(self) -> Array:
        """Class indices `(n,)`, or float32 `(n, columns)`."""


@dataclass(frozen=True)
class JoinedRows:
    """Some rows of two arrays laid end to end, read when asked for.

    Attributes:
        first: The one array.
        second: The other, of the same dtype and shape of a row.
        rows: Which rows: places in the first, then in the second.
    """

    first: Array
    second: Array
    rows: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, then the shape of one."""
        return (len(self.rows), *self.first.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of both arrays."""
        return self.first.dtype

    def __getitem__(self, places: Array) -> Array:
        """Return the rows at some places."""
        rows = self.rows[places]
        early = rows < len(self.first)
        found = np.empty((len(rows), *self.first.shape[1:]), self.dtype)
        found[early] = self.first[rows[early]]
        found[~early] = self.second[rows[~early] - len(self.first)]
        return found


@dataclass(frozen=True)
class JoinedSamples:
    """Some samples of the training and the validation split.

    Attributes:
        inputs: Prepared samples.
        targets: Their targets.
    """

    inputs: JoinedRows
    targets: Array


def training_and_validation(
    data: PreparedData, fold: Fold | None
) -> tuple[Samples, Samples]:
    """Return the samples to learn from and those to validate on.

    Args:
        data: The prepared data.
        fold: Which part is held out; `None` for the data's own splits.
    """
    train, val = data.split("train"), data.split("val")
    if fold is None:
        return train, val
    if fold.index is None:
        return _joined(train, val, np.arange(len(train) + len(val))), val
    held_out = held_out_rows(data, fold)
    everything = np.arange(len(train) + len(val))
    rest = np.setdiff1d(everything, held_out)
    return _joined(train, val, rest), _joined(train, val, held_out)


def held_out_rows(data: PreparedData, fold: Fold) -> NDArray[np.int64]:
    """Return the rows that a fold holds out, of training then validation samples.

    Raises:
        DataError: If the data can't be cut into so many folds.
    """
    folds = fold_indices(
        joined_targets(data),
        data.spec.task,
        fold.folds,
        groups=_joined_groups(data),
        twins=_joined_twins(data),
        seed=fold.seed,
    )
    return np.flatnonzero(folds == fold.index)


def most_folds(data: PreparedData) -> int:
    """Return into how many folds the data can be cut: one a sample, or one a group."""
    groups = _joined_groups(data)
    return len(joined_targets(data)) if groups is None else len(set(groups))


def joined_targets(data: PreparedData) -> Array:
    """Return the targets of the training, then of the validation samples."""
    return np.concatenate([data.split("train").targets, data.split("val").targets])


def _joined_groups(data: PreparedData) -> list[int | str] | None:
    train, val = data.split("train").groups, data.split("val").groups
    return None if train is None or val is None else [*train, *val]


def _joined_twins(data: PreparedData) -> NDArray[np.int64] | None:
    train, val = data.split("train").twins, data.split("val").twins
    return None if train is None or val is None else np.array([*train, *val], np.int64)


def _joined(train: Split, val: Split, rows: NDArray[np.int64]) -> JoinedSamples:
    targets = np.concatenate([train.targets, val.targets])
    return JoinedSamples(JoinedRows(train.inputs, val.inputs, rows), targets[rows])
