"""Samples that are exactly alike, label and all, which no split tears apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST_SHARE = 0.5  # of the samples, that groups joined by their twins may hold


def twins_of(
    digests: Sequence[bytes], targets: NDArray[Any]
) -> NDArray[np.int64] | None:
    """Number samples so that those of one content and label have one number.

    Args:
        digests: Hash of each sample.
        targets: Targets as prepared, shape `(n,)` or `(n, k)`.

    Returns:
        Numbers in the order of the samples, shape `(n,)`; `None` if all differ.

    Example:
        >>> twins_of([b"a", b"b", b"a", b"a"], np.array([0, 0, 0, 1])).tolist()
        [0, 1, 0, 2]
    """
    known: dict[tuple[bytes, bytes], int] = {}
    keys = zip(digests, (target.tobytes() for target in targets), strict=True)
    numbers = [known.setdefault(key, len(known)) for key in keys]
    return None if len(known) == len(numbers) else np.array(numbers, np.int64)


def joined_groups(
    groups: NDArray[np.int64], twins: NDArray[np.int64] | None, *, fewest: int
) -> NDArray[np.int64]:
    """Join groups that hold twins of each other.

    A sample that many groups hold, such as a black image, may join nearly all of them,
    and nothing could be split: then they stay as they are.

    Args:
        groups: Number of the group of each sample, shape `(n,)`.
        twins: As `twins_of` returns them.
        fewest: How many groups are needed.

    Returns:
        Numbers of groups, in the order of those given, shape `(n,)`.

    Example:
        >>> groups, twins = np.arange(6), np.array([0, 1, 0, 2, 3, 4])
        >>> joined_groups(groups, twins, fewest=3).tolist()
        [0, 1, 0, 2, 3, 4]
    """
    if twins is None:
        return groups
    joined = _components(groups, twins)
    largest = max(int(np.bincount(groups).max()), round(_LARGEST_SHARE * len(groups)))
    sizes = np.bincount(joined)
    usable = np.count_nonzero(sizes) >= fewest and int(sizes.max()) <= largest
    return joined if usable else groups


def _components(
    groups: NDArray[np.int64], twins: NDArray[np.int64]
) -> NDArray[np.int64]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = int(groups.max()) + 1
    owners = np.zeros(int(twins.max()) + 1, np.int64)
    owners[twins] = groups  # any group that holds the twins
    links = coo_array((np.ones(len(groups)), (groups, owners[twins])), (size, size))
    numbers = connected_components(links, directed=False)[1]
    return np.asarray(numbers[groups], np.int64)


def are_whole(twins: NDArray[np.int64], splits: NDArray[np.str_]) -> bool:
    """Return whether all twins are in one split."""
    pairs = set(zip(twins.tolist(), splits.tolist(), strict=True))
    return len(pairs) == len(np.unique(twins))
