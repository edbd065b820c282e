"""Drawing whole groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from automl_datasets.carving import carve_groups


def _plainly(
    strata: NDArray[np.int64],
    groups: NDArray[np.int64],
    count: int,
    keep: int,
    rng: Any,
) -> list[int]:
    """Draw as `carve_groups` says it does, counting all anew for each group."""
    names = np.unique(groups)
    held = np.array(
        [
            [((groups == g) & (strata == s)).sum() for s in np.unique(strata)]
            for g in names
        ],
        float,
    )
    sizes = held.sum(axis=0)
    wanted = sizes * (count / len(strata))

    def distance(missing: Any) -> float:
        return float((missing**2 / sizes).sum() + missing.sum() ** 2 / sizes.sum())

    def spares(drawn: list[int], group: int) -> bool:
        others = [g for g in range(len(held)) if g not in drawn and g != group]
        return all(any(held[g, s] for g in others) for s in np.flatnonzero(held[group]))

    order = rng.permutation(len(held))
    order = order[np.argsort(-held[order].sum(axis=1), kind="stable")]
    drawn: list[int] = []
    missing = wanted.copy()
    for group in order.tolist():
        if len(drawn) + keep >= len(held):
            break
        nearer = distance(missing) > distance(missing - held[group])
        if nearer and spares(drawn, group):
            drawn.append(group)
            missing = missing - held[group]
    if not drawn and len(held) > keep:
        costs = [
            (not spares([], group), distance(wanted - row), group)
            for group, row in enumerate(held)
        ]
        drawn = [min(costs)[2]]
    return [int(place) for place in np.flatnonzero(np.isin(groups, names[drawn]))]


@settings(deadline=None)
@given(
    samples=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 4)), min_size=2, max_size=60
    ),
    share=st.floats(0.05, 0.6),
    keep=st.integers(1, 2),
    seed=st.integers(0, 99),
)
def test_groups_are_drawn_as_they_would_be_by_counting_anew(
    samples: list[tuple[int, int]], share: float, keep: int, seed: int
) -> None:
    groups, strata = np.array(samples).T
    count = max(1, round(share * len(samples)))
    drawn = carve_groups(
        strata, groups, count=count, keep=keep, rng=np.random.default_rng(seed)
    )
    expected = _plainly(strata, groups, count, keep, np.random.default_rng(seed))
    assert drawn.tolist() == expected


@pytest.mark.parametrize("seed", range(3))
def test_the_largest_group_is_tried_first(seed: int) -> None:
    groups = np.array([3, 2, 2, 1, 1, 1, 0, 0, 0, 0])  # of one, two, three, four
    drawn = carve_groups(
        np.zeros(10, np.int64),
        groups,
        count=3,
        keep=1,
        rng=np.random.default_rng(seed),
    )
    assert drawn.tolist() == [6, 7, 8, 9]


def test_the_last_group_of_a_stratum_stays() -> None:
    strata = np.array([0, 0, 0, 0, 1, 1, 0, 0])
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    drawn = carve_groups(strata, groups, count=4, keep=1, rng=np.random.default_rng(0))
    assert len(drawn)
    assert set(groups[drawn]) <= {0, 1, 3}
