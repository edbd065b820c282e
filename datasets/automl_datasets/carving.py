"""Drawing the samples of a split out of the training samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def carve(
    targets: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    *,
    twins: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Draw a stratified sample that leaves at least one of each class.

    Args:
        targets: Class index of each sample, shape `(n,)`.
        count: How many to draw; fewer when the classes cannot spare them.
        rng: Source of the shuffle.
        twins: Number of each sample, equal for those that are drawn together or not at
            all; they are of one class. Where every class holds the same sample time
            and again, they are torn apart, or nothing could be drawn.

    Returns:
        Sorted positions of the drawn samples.
    """
    classes, sizes = np.unique(targets, return_counts=True)
    quotas = allot(sizes, count).tolist()
    shuffled = [rng.permutation(np.flatnonzero(targets == label)) for label in classes]
    pairs = list(zip(shuffled, quotas, strict=True))
    drawn = [places[:quota] for places, quota in pairs]
    if twins is not None:
        whole = [_whole(places, quota, twins[places]) for places, quota in pairs]
        drawn = whole if any(map(len, whole)) else drawn
    return np.sort(np.concatenate(drawn)) if drawn else np.empty(0, np.int64)


def _whole(
    places: NDArray[np.int64], quota: int, twins: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the first places up to a quota, all twins or none.

    Twins that are too many are passed over, but for the fewest where all are.
    """
    _, first, unit, sizes = np.unique(
        twins, return_index=True, return_inverse=True, return_counts=True
    )
    taken = np.zeros(len(sizes), bool)
    left = quota
    for number in np.argsort(first).tolist():
        if sizes[number] <= left:
            taken[number] = True
            left -= int(sizes[number])
    if left == quota > 0 and len(sizes) > 1:
        taken[np.argmin(sizes)] = True
    return places[taken[unit]]


def allot(sizes: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Share a count out among classes in proportion to their sizes.

    Largest remainders are rounded up first; no class gives its last sample.

    Example:
        >>> allot(np.array([10, 20, 1]), 6).tolist()
        [2, 4, 0]
    """
    limits = np.asarray(sizes, np.int64) - 1
    exact = np.asarray(sizes) * (count / max(1, int(np.sum(sizes))))
    quotas = np.minimum(np.floor(exact).astype(np.int64), limits)
    while quotas.sum() < count and (quotas < limits).any():
        owed = np.where(quotas < limits, exact - quotas, -np.inf)
        quotas[np.argmax(owed)] += 1
    return quotas


def carve_last(total: int, count: int) -> NDArray[np.int64]:
    """Return the positions of the last `count` of `total` samples."""
    return np.arange(total - count, total)


def carve_groups(
    strata: NDArray[np.int64],
    groups: NDArray[np.int64],
    *,
    count: int,
    keep: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw whole groups, near a count and the shares of the strata in it.

    Groups are tried in random order, large ones first; one is drawn when that brings
    the strata nearer to their shares of the count. No stratum that more than one
    group holds loses its last group.

    Args:
        strata: Stratum of each sample, shape `(n,)`.
        groups: Group of each sample, shape `(n,)`.
        count: How many samples to come near to.
        keep: How many groups to leave at least.
        rng: Source of the order.

    Returns:
        Sorted positions of the samples of the drawn groups: at least one group, unless
        that leaves too few.
    """
    _, row = np.unique(groups, return_inverse=True)
    _, column = np.unique(strata, return_inverse=True)
    held = np.zeros((row.max() + 1, column.max() + 1))
    np.add.at(held, (row, column), 1)
    sizes = held.sum(axis=0)
    wanted = sizes * (count / len(strata))
    order = rng.permutation(len(held))
    order = order[np.argsort(-held[order].sum(axis=1), kind="stable")]
    drawn = np.zeros(len(held), bool)
    missing = wanted.copy()
    holders = (held > 0).sum(axis=0)  # groups left that hold each stratum
    left = len(held)
    for group in order:
        if left <= keep:
            break
        gain = _distance(missing, sizes) - _distance(missing - held[group], sizes)
        if gain > 0 and _spares(held[group], holders):
            drawn[group] = True
            missing -= held[group]
            holders -= held[group] > 0
            left -= 1
    if not drawn.any() and len(held) > keep:
        drawn[_least_bad(held, wanted, sizes)] = True
    return np.flatnonzero(drawn[row])


def _distance(missing: NDArray[np.float64], sizes: NDArray[np.float64]) -> float:
    """Return how far strata are from their shares: each alone, and all together."""
    return float((missing**2 / sizes).sum() + missing.sum() ** 2 / sizes.sum())


def _spares(group: NDArray[np.float64], holders: NDArray[np.int64]) -> bool:
    """Return whether every stratum of a group is held by another one still there."""
    return bool((holders[group > 0] > 1).all())


def _least_bad(
    held: NDArray[np.float64], wanted: NDArray[np.float64], sizes: NDArray[np.float64]
) -> int:
    """Return the group that alone comes nearest, sparing strata where possible."""
    holders = (held > 0).sum(axis=0)
    costs = [
        (not _spares(group, holders), _distance(wanted - group, sizes))
        for group in held
    ]
    return min(range(len(held)), key=lambda group: costs[group])
