"""Samples that are exactly alike stay together wherever splits are made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from automl_datasets.carving import carve
from automl_datasets.folds import fold_indices
from automl_datasets.options import DataOptions
from automl_datasets.preparation import prepare
from automl_datasets.splitting import assign
from automl_datasets.twins import are_whole, joined_groups, twins_of

#: What was drawn before twins were told of, by the letter behind the first.
_AS_EVER = "rerrrreararerrreeaerrrrarrrerrrrrrrarrrrearaaearrrrraraaarrr"
_GROUPED = "rarreeraareerrrrrrerarrearrrarerraarrreaararrrrrearrrraarear"

TWINS = st.lists(st.integers(0, 25), min_size=12, max_size=80)


def _labelled(twins: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the classes of samples: those of twins are the same."""
    return twins % 3


@pytest.mark.parametrize("grouped", [False, True])
def test_data_without_twins_is_split_as_ever(grouped: bool) -> None:
    random = np.random.default_rng(3)
    targets = random.integers(0, 3, 60)
    groups = [str(number) for number in random.integers(0, 15, 60)]
    splits, _ = assign(
        targets,
        [None] * 60,
        DataOptions("x", seed=4),
        groups=groups if grouped else None,
        twins=twins_of([bytes([i]) for i in range(60)], targets),
    )
    letters = "".join(split[1] for split in splits.tolist())
    assert letters == (_GROUPED if grouped else _AS_EVER)


@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=5),
    seed=st.integers(0, 99),
    count=st.integers(0, 60),
)
def test_twins_that_all_differ_change_nothing(
    sizes: list[int], seed: int, count: int
) -> None:
    targets = np.repeat(np.arange(len(sizes)), sizes)
    twins = np.random.default_rng(seed).permutation(len(targets))
    drawn = carve(targets, count, np.random.default_rng(seed), twins=twins)
    expected = carve(targets, count, np.random.default_rng(seed))
    assert np.array_equal(drawn, expected)


@given(numbers=TWINS, seed=st.integers(0, 50))
def test_twins_are_in_one_split(numbers: list[int], seed: int) -> None:
    twins = np.array(numbers)
    targets = _labelled(twins)
    drawn = carve(
        targets, len(twins) // 3, np.random.default_rng(seed), twins=twins
    ).tolist()
    left = set(range(len(twins))) - set(drawn)
    assert {*targets[list(left)].tolist()} == {*targets.tolist()}
    if any(len(set(twins[targets == label].tolist())) > 1 for label in range(3)):
        assert not {*twins[drawn].tolist()} & {*twins[list(left)].tolist()}


def test_pairs_of_twins_are_stratified_as_single_samples_are() -> None:
    twins = np.repeat(np.arange(500), 2)
    targets = np.repeat(np.arange(500) % 5, 2)
    splits, notes = assign(targets, [None] * 1000, DataOptions("x"), twins=twins)
    assert are_whole(twins, splits)
    for name, count in (("test", 150), ("val", 128)):
        shares = np.bincount(targets[splits == name], minlength=5)
        assert abs(shares.sum() - count) <= 5
        assert np.ptp(shares) <= 2
    assert (
        notes[-1]
        == "500 samples repeat others exactly, and are in the splits of those."
    )


def test_a_class_of_one_sample_alone_is_torn_apart() -> None:
    targets = np.arange(40) % 2
    splits, notes = assign(targets, [None] * 40, DataOptions("x"), twins=targets)
    assert {*splits.tolist()} == {"train", "val", "test"}
    assert not any("repeat others" in note for note in notes)


def test_declared_splits_keep_their_twins() -> None:
    twins = np.array([*range(30), *range(10)])
    declared = [None] * 30 + ["test"] * 10
    splits, notes = assign(twins % 2, declared, DataOptions("x"), twins=twins)
    assert (splits[30:] == "test").all()
    assert len(notes) == 1


@settings(deadline=None)
@given(numbers=TWINS, seed=st.integers(0, 20))
def test_groups_that_share_a_sample_are_on_one_side(
    numbers: list[int], seed: int
) -> None:
    twins = np.array(numbers)
    groups = np.random.default_rng(seed).integers(0, 8, len(twins))
    joined = joined_groups(groups, twins, fewest=3)
    assert are_whole(groups, joined.astype(str))
    if not np.array_equal(joined, groups):
        assert are_whole(twins, joined.astype(str))
        assert len(np.unique(joined)) >= 3


def test_a_sample_of_all_groups_does_not_join_them() -> None:
    groups = np.repeat(np.arange(10), 5)
    twins = np.arange(50)
    twins[::5] = 0  # the first of each group is black
    assert np.array_equal(joined_groups(groups, twins, fewest=2), groups)
    named = [str(group) for group in groups]
    splits, _ = assign(
        groups % 2, [None] * 50, DataOptions("x"), groups=named, twins=twins
    )
    assert are_whole(groups, splits)


@settings(deadline=None)
@given(numbers=TWINS, folds=st.integers(2, 4), grouped=st.booleans())
def test_twins_are_in_one_fold(numbers: list[int], folds: int, grouped: bool) -> None:
    twins = np.array(numbers)
    groups = np.arange(len(twins)) // 2
    found = fold_indices(
        _labelled(twins),
        "classification",
        folds,
        groups=groups.tolist() if grouped else None,
        twins=twins,
        seed=0,
    )
    assert set(found.tolist()) == set(range(folds))
    if grouped:
        assert are_whole(groups, found.astype(str))
    elif len(np.unique(twins)) >= folds:
        assert are_whole(twins, found.astype(str))


def test_twins_that_all_differ_are_folded_as_ever() -> None:
    targets = np.arange(50) % 3
    expected = fold_indices(targets, "classification", 5, seed=1)
    found = fold_indices(targets, "classification", 5, twins=np.arange(50), seed=1)
    assert np.array_equal(found, expected)


def test_prepared_data_knows_its_twins(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 8, 8), np.uint8)
    x, y = np.concatenate([pixels, pixels]), np.tile(np.arange(30) % 2, 2)
    y[-1] = 1 - y[-1]  # alike, and labelled otherwise
    np.savez(tmp_path / "a.npz", x=x, y=y)
    data = prepare(DataOptions(str(tmp_path / "a.npz")), tmp_path / "out")
    places: dict[bytes, set[str]] = {}
    for name in ("train", "val", "test"):
        split = data.split(name)
        assert len(split.twins or ()) == len(split)
        for image, label in zip(split.inputs, split.targets, strict=True):
            places.setdefault(image.tobytes() + bytes([label]), set()).add(name)
    assert len(places) == 31
    assert all(len(names) == 1 for names in places.values())
    assert data.profile.duplicate_count <= 1
    np.savez(tmp_path / "b.npz", x=pixels, y=y[:30])
    single = prepare(DataOptions(str(tmp_path / "b.npz")), tmp_path / "out")
    assert single.split("train").twins is None
