"""Laws of splitting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_datasets.carving import allot, carve
from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.splitting import assign

SIZES = st.lists(st.integers(1, 60), min_size=2, max_size=8)
FRACTIONS = st.none() | st.floats(0.01, 0.9)


def _targets(
    sizes: Sequence[int], seed: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    targets = np.repeat(np.arange(len(sizes)), sizes)
    return np.random.default_rng(seed).permutation(targets)


@given(sizes=SIZES, seed=st.integers(0, 2**32), test=FRACTIONS, val=FRACTIONS)
def test_every_split_is_filled_and_every_class_trained(
    sizes: list[int], seed: int, test: float | None, val: float | None
) -> None:
    targets = _targets(sizes, seed)
    options = DataOptions("x", seed=seed, test_fraction=test, validation_fraction=val)
    undeclared = [None] * len(targets)
    if len(targets) < len(sizes) + 2:
        with pytest.raises(DataError, match="too few"):
            assign(targets, undeclared, options)
        return
    splits, notes = assign(targets, undeclared, options)
    assert set(splits.tolist()) == {"train", "val", "test"}
    assert set(targets[splits == "train"].tolist()) == set(range(len(sizes)))
    assert len(splits) == len(targets)
    assert len(notes) == 2
    again, _ = assign(targets, undeclared, options)
    assert np.array_equal(splits, again)


@given(sizes=SIZES, share=st.floats(0, 1))
def test_allotment_is_proportional(sizes: list[int], share: float) -> None:
    array = np.array(sizes)
    count = int(share * array.sum())
    quotas = allot(array, count)
    spare = int((array - 1).sum())
    assert quotas.sum() == min(count, spare)
    assert ((quotas >= 0) & (quotas <= array - 1)).all()
    exact = array * count / array.sum()
    # Nobody gets a whole sample less than is due, but for the one it must keep.
    assert (quotas >= np.minimum(np.floor(exact), array - 1)).all()
    if (np.ceil(exact) < array).all():
        assert (np.abs(quotas - exact) < 1).all()


@given(sizes=SIZES, seed=st.integers(0, 1000), count=st.integers(0, 200))
def test_carving_draws_distinct_positions(
    sizes: list[int], seed: int, count: int
) -> None:
    targets = _targets(sizes, seed)
    drawn = carve(targets, count, np.random.default_rng(seed))
    assert len(np.unique(drawn)) == len(drawn)
    left = np.delete(targets, drawn)
    assert set(left.tolist()) == set(range(len(sizes)))


@pytest.mark.parametrize("split", ["val", "test"])
def test_split_without_a_class_of_training_is_refused(split: str) -> None:
    targets = np.arange(40) % 2
    targets[30:] = 2
    declared = [None] * 30 + [split] * 10
    with pytest.raises(DataError, match=r"Not one class of the (validation|test)"):
        assign(targets, declared, DataOptions("x"))
    targets[-1] = 1
    assert (assign(targets, declared, DataOptions("x")).splits == split).sum() == 10


@given(
    declared=st.lists(
        st.sampled_from(["train", "val", "test", None]), min_size=12, max_size=40
    ),
    seed=st.integers(0, 100),
)
def test_declared_splits_are_kept(declared: list[str | None], seed: int) -> None:
    targets = np.arange(len(declared)) % 2
    try:
        splits, _ = assign(targets, declared, DataOptions("x", seed=seed))
    except DataError:
        classes = {
            split: {
                i % 2 for i, given in enumerate(declared) if (given or "train") == split
            }
            for split in ("train", "val", "test")
        }
        strange = any(
            classes[split] and classes[split].isdisjoint(classes["train"])
            for split in ("val", "test")
        )
        assert strange or sum(split in (None, "train") for split in declared) <= 3
        return
    for given_split, split in zip(declared, splits.tolist(), strict=True):
        if given_split in ("val", "test"):
            assert split == given_split
        else:
            assert split == "train" or split not in declared


def test_default_sizes_are_capped() -> None:
    targets = np.arange(200_000) % 10
    splits, notes = assign(targets, [None] * len(targets), DataOptions("x"))
    assert (splits == "test").sum() == 10_000
    assert (splits == "val").sum() == 5_000
    assert "10,000 of 200,000" in notes[0]


def test_asked_fractions_are_not_capped() -> None:
    targets = np.arange(100_000) % 10
    options = DataOptions("x", test_fraction=0.5, validation_fraction=0.5)
    splits, _ = assign(targets, [None] * len(targets), options)
    assert (splits == "test").sum() == 50_000
    assert (splits == "val").sum() == 25_000


def test_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(DataError, match="no readable training samples"):
        assign(np.array([0, 1]), ["test", "test"], DataOptions("x"))


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 7])
def test_impossible_fractions_are_refused(fraction: float) -> None:
    with pytest.raises(DataError, match=f"got {fraction}"):
        DataOptions("x", test_fraction=fraction)


@settings(deadline=None)
@given(
    groups=st.lists(st.sampled_from("abcdefghijkl"), min_size=20, max_size=80),
    seed=st.integers(0, 50),
)
def test_groups_stay_on_one_side(groups: list[str], seed: int) -> None:
    targets = np.random.default_rng(seed).integers(0, 2, len(groups))
    options = DataOptions("x", seed=seed, group="patient")
    if len(set(groups)) < 3:
        with pytest.raises(DataError, match="too few"):
            assign(targets, [None] * len(groups), options, groups=groups)
        return
    splits, _ = assign(targets, [None] * len(groups), options, groups=groups)
    assert set(splits.tolist()) == {"train", "val", "test"}
    assert len(set(zip(groups, splits.tolist(), strict=True))) == len(set(groups))


def test_many_groups_come_near_to_the_shares() -> None:
    random = np.random.default_rng(0)
    groups = [str(number) for number in random.integers(0, 100, 2000)]
    targets = random.choice(3, 2000, p=[0.7, 0.2, 0.1])
    splits, notes = assign(targets, [None] * 2000, DataOptions("x"), groups=groups)
    assert "whole groups" in notes[0]
    assert (splits == "test").sum() == pytest.approx(300, abs=20)
    for label, share in enumerate((0.7, 0.2, 0.1)):
        assert (targets[splits == "test"] == label).mean() == pytest.approx(
            share, abs=0.03
        )


def test_by_time_the_last_are_set_aside() -> None:
    targets = np.arange(100) % 2
    options = DataOptions("x", split="time")
    splits, notes = assign(targets, [None] * 100, options)
    assert splits.tolist() == ["train"] * 64 + ["val"] * 21 + ["test"] * 15
    assert all("the last in their order" in note for note in notes)


def test_targets_of_a_regression_are_spread() -> None:
    targets = np.random.default_rng(0).lognormal(size=(400, 1))
    splits, _ = assign(targets, [None] * 400, DataOptions("x"), task="regression")
    edges = np.quantile(targets, [0.1, 0.9])
    for name in ("val", "test"):
        held = targets[splits == name]
        assert (held < edges[0]).mean() == pytest.approx(0.1, abs=0.02)
        assert (held > edges[1]).mean() == pytest.approx(0.1, abs=0.02)


def test_the_rarest_label_is_shared_out() -> None:
    targets = np.zeros((200, 3), np.float32)
    targets[:, 0] = 1
    targets[:20, 1] = 1
    targets[20:30, 2] = 1
    splits, _ = assign(targets, [None] * 200, DataOptions("x"), task="multilabel")
    all_of_them, twenty, ten = targets[splits == "test"].sum(axis=0).tolist()
    assert (all_of_them, twenty) == (30, 3)
    assert ten in (1, 2)


def test_by_time_a_split_of_unknown_classes_is_refused() -> None:
    targets = np.repeat([0, 1, 2], 40)
    options = DataOptions("x", split="time")
    with pytest.raises(DataError, match=r"test split of x .* in the order of time"):
        assign(targets, [None] * 120, options)
