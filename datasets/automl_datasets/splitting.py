"""Which samples train, which validate and which test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.options import DataOptions
from automl_datasets.sources._base import SPLITS

__all__ = ["SPLITS", "Assignment", "allot", "assign", "carve"]


_FRACTION = 0.15
_CAP = {"val": 5_000, "test": 10_000}
_SHOWN = {"val": "validation", "test": "test"}


class Assignment(NamedTuple):
    """The split of every sample, and how it came about.

    Attributes:
        splits: `train`, `val` or `test` for each sample, shape `(n,)`.
        notes: One sentence for each split that was made here.
    """

    splits: NDArray[np.str_]
    notes: tuple[str, ...]


def assign(
    targets: NDArray[np.int64], declared: Sequence[str | None], options: DataOptions
) -> Assignment:
    """Keep the declared splits and carve the missing ones out of the rest.

    Carving is shuffled, seeded and stratified: each class gives its share to within
    one sample, and every class keeps at least one sample to train on.

    Args:
        targets: Class index of each sample, shape `(n,)`.
        declared: The split that the data gives each sample, or `None`.
        options: Seed and fractions.

    Raises:
        DataError: If too few samples are left to make a split from.
    """
    splits = np.array([split or "train" for split in declared], dtype="U5")
    present = set(splits.tolist())
    if "train" not in present:
        raise DataError(
            f"{options.source} holds no readable training samples; "
            "add a training split."
        )
    missing = [name for name in ("test", "val") if name not in present]
    rng = np.random.default_rng(options.seed)
    notes = []
    for place, name in enumerate(missing, start=1):
        pool = np.flatnonzero(splits == "train")
        count = _carved_count(targets[pool], name, len(missing) - place, options)
        taken = pool[carve(targets[pool], count, rng)]
        splits[taken] = name
        share = f"{count / len(pool):.1%}".replace(".0%", "%")
        notes.append(
            f"No {_SHOWN[name]} split was given: {len(taken):,} of {len(pool):,} "
            f"training samples ({share}) were set aside for it, stratified by class "
            f"and shuffled with seed {options.seed}."
        )
    return Assignment(splits, tuple(notes))


def _carved_count(
    targets: NDArray[np.int64], name: str, splits_after: int, options: DataOptions
) -> int:
    num_classes = len(np.unique(targets))
    spare = len(targets) - num_classes - splits_after
    if spare < 1:
        raise DataError(
            f"{len(targets)} readable training samples in {num_classes} classes are "
            f"too few to set some aside for the {_SHOWN[name]} split; add samples, at "
            f"least {num_classes + 1 + splits_after} are needed."
        )
    fractions = {"val": options.validation_fraction, "test": options.test_fraction}
    asked = fractions[name]
    if asked is not None:
        return min(spare, max(1, round(asked * len(targets))))
    return min(spare, _CAP[name], max(1, round(_FRACTION * len(targets))))


def carve(
    targets: NDArray[np.int64], count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw a stratified sample that leaves at least one of each class.

    Args:
        targets: Class index of each sample, shape `(n,)`.
        count: How many to draw; fewer when the classes cannot spare them.
        rng: Source of the shuffle.

    Returns:
        Sorted positions of the drawn samples.
    """
    classes, sizes = np.unique(targets, return_counts=True)
    drawn = [
        rng.permutation(np.flatnonzero(targets == label))[:quota]
        for label, quota in zip(classes, allot(sizes, count), strict=True)
    ]
    return np.sort(np.concatenate(drawn)) if drawn else np.empty(0, np.int64)


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
