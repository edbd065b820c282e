"""Cutting the training data into folds for cross-validation."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.strata import strata
from automl_datasets.twins import joined_groups


def fold_indices(
    targets: NDArray[Any],
    task: str,
    folds: int,
    *,
    groups: Sequence[int | str] | None = None,
    twins: NDArray[np.int64] | None = None,
    seed: int,
) -> NDArray[np.int64]:
    """Return the fold that validates each sample.

    Folds are shuffled, seeded and stratified as splits are; with groups, no group is
    in two folds, and the strata are shared out as evenly as that allows. Samples that
    are exactly alike are in one fold, where that leaves enough to cut.

    Args:
        targets: Targets as prepared, shape `(n,)` or `(n, k)`.
        task: One of `spec.TASKS`.
        folds: How many; at least 2.
        groups: What each sample belongs to.
        twins: Samples that are exactly alike, as `twins_of` numbers them.
        seed: Seed of the shuffle.

    Returns:
        Numbers from 0 to `folds - 1`, int64, shape `(n,)`; every one occurs.

    Raises:
        DataError: If there are fewer samples, or groups, than folds.

    Example:
        >>> fold_indices(np.array([0, 0, 1, 1]), "classification", 2, seed=0).tolist()
        [1, 0, 0, 1]
    """
    available = len(targets) if groups is None else len(set(groups))
    if not 2 <= folds <= available:
        noun = "samples" if groups is None else "groups"
        raise DataError(
            f"{folds} folds cannot be cut from {available} {noun}; give at least 2 "
            f"folds and at most as many as there are {noun}."
        )
    alike = strata(targets, task)
    if groups is not None:
        numbers = np.unique(groups, return_inverse=True)[1]
        together = joined_groups(numbers, twins, fewest=folds)
        return _folds(alike, folds, together, seed=seed)
    if twins is None or len(np.unique(twins)) < folds:
        return _folds(alike, folds, None, seed=seed)
    # The first of twins stands for all of them, which have one label.
    _, first, unit = np.unique(twins, return_index=True, return_inverse=True)
    return _folds(alike[first], folds, None, seed=seed)[unit]


def _folds(
    alike: NDArray[np.int64], folds: int, groups: NDArray[np.int64] | None, *, seed: int
) -> NDArray[np.int64]:
    stratified = int(np.unique(alike, return_counts=True)[1].max()) >= folds
    found = _cut(alike, folds, groups, stratified=stratified, seed=seed)
    if len(np.unique(found)) < folds:  # strata held by few groups can empty a fold
        found = _cut(alike, folds, groups, stratified=False, seed=seed)
    return found


def _cut(
    alike: NDArray[np.int64],
    folds: int,
    groups: NDArray[np.int64] | None,
    *,
    stratified: bool,
    seed: int,
) -> NDArray[np.int64]:
    from sklearn.model_selection import (
        GroupKFold,
        KFold,
        StratifiedGroupKFold,
        StratifiedKFold,
    )

    if groups is None:
        kind = StratifiedKFold if stratified else KFold
    else:
        kind = StratifiedGroupKFold if stratified else GroupKFold
    splitter = kind(folds, shuffle=True, random_state=seed)
    found = np.empty(len(alike), np.int64)
    with warnings.catch_warnings():
        # It warns of a stratum that cannot reach every fold, which is nobody's fault.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for fold, (_, places) in enumerate(splitter.split(alike, alike, groups)):
            found[places] = fold
    return found
