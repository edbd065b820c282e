"""Laws of cross-validation folds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_datasets.errors import DataError
from automl_datasets.folds import fold_indices


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=5),
    folds=st.integers(2, 6),
    seed=st.integers(0, 99),
)
def test_folds_are_stratified(sizes: list[int], folds: int, seed: int) -> None:
    targets = np.repeat(np.arange(len(sizes)), sizes)
    if len(targets) < folds:
        with pytest.raises(DataError, match="folds cannot be cut"):
            fold_indices(targets, "classification", folds, seed=seed)
        return
    found = fold_indices(targets, "classification", folds, seed=seed)
    assert found.dtype == np.int64
    assert set(found.tolist()) == set(range(folds))
    if max(sizes) >= folds:
        for label in range(len(sizes)):
            shares = np.bincount(found[targets == label], minlength=folds)
            assert shares.max() - shares.min() <= 1
    again = fold_indices(targets, "classification", folds, seed=seed)
    assert np.array_equal(found, again)


@settings(deadline=None)
@given(
    groups=st.lists(st.sampled_from("abcdefgh"), min_size=10, max_size=60),
    folds=st.integers(2, 4),
    task=st.sampled_from(["classification", "multilabel", "regression"]),
)
def test_no_group_is_in_two_folds(groups: list[str], folds: int, task: str) -> None:
    random = np.random.default_rng(len(groups))
    by_task: dict[str, np.ndarray[Any, Any]] = {
        "classification": random.integers(0, 2, len(groups)),
        "multilabel": random.integers(0, 2, (len(groups), 3)).astype(np.float32),
        "regression": random.normal(size=(len(groups), 2)).astype(np.float32),
    }
    targets = by_task[task]
    if len(set(groups)) < folds:
        with pytest.raises(DataError, match="groups"):
            fold_indices(targets, task, folds, groups=groups, seed=0)
        return
    found = fold_indices(targets, task, folds, groups=groups, seed=0)
    assert set(found.tolist()) == set(range(folds))
    assert len(set(zip(groups, found.tolist(), strict=True))) == len(set(groups))


def test_one_fold_is_refused() -> None:
    with pytest.raises(DataError, match="1 folds cannot be cut from 9 samples"):
        fold_indices(np.arange(9) % 2, "classification", 1, seed=0)


def test_numbered_groups_are_cut_as_named_ones_are() -> None:
    random = np.random.default_rng(0)
    named = [f"p{number}" for number in random.integers(0, 30, 200)]
    numbered: list[int] = np.unique(named, return_inverse=True)[1].tolist()
    targets = random.integers(0, 3, 200)
    expected = fold_indices(targets, "classification", 4, groups=named, seed=1)
    found = fold_indices(targets, "classification", 4, groups=numbered, seed=1)
    assert np.array_equal(found, expected)
