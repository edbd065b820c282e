"""Which samples train, which validate and which test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.carving import carve, carve_groups, carve_last
from automl_datasets.errors import DataError
from automl_datasets.naming import counted
from automl_datasets.options import DataOptions
from automl_datasets.samples import SPLITS
from automl_datasets.strata import strata
from automl_datasets.twins import are_whole, joined_groups

__all__ = ["SPLITS", "Assignment", "assign"]


_FRACTION = 0.15

#: The validation split of few samples takes more, or it could tell nothing apart.
_FEW, _FRACTION_OF_FEW = 400, 0.25
_CAP = {"val": 5_000, "test": 10_000}
_SHOWN = {"val": "validation", "test": "test"}
_UNLIKE_DECLARED = "give it labels like those of the training split, or leave it out"
_UNLIKE_BY_TIME = (
    "put the samples in the order of time rather than of their classes, or leave out "
    "the split by time"
)
_ALIKE = {
    "classification": "class",
    "multilabel": "rarest label",
    "regression": "size of the target",
}


class Assignment(NamedTuple):
    """The split of every sample, and how it came about.

    Attributes:
        splits: `train`, `val` or `test` for each sample, shape `(n,)`.
        notes: One sentence for each split that was made here.
    """

    splits: NDArray[np.str_]
    notes: tuple[str, ...]


def assign(
    targets: NDArray[Any],
    declared: Sequence[str | None],
    options: DataOptions,
    *,
    task: str = "classification",
    groups: Sequence[str] | None = None,
    twins: NDArray[np.int64] | None = None,
) -> Assignment:
    """Keep the declared splits and carve the missing ones out of the rest.

    Carving is shuffled, seeded and stratified: each stratum gives its share to within
    one sample, and keeps at least one sample to train on. Samples that are exactly
    alike stay together, and with groups whole groups are carved, as near to that as
    they allow. By time, the last samples are.

    Args:
        targets: Targets as prepared, shape `(n,)` or `(n, k)`.
        declared: The split that the data gives each sample, or `None`.
        options: Seed, fractions, and whether to split by time.
        task: One of `spec.TASKS`; decides what a stratum is.
        groups: What each sample belongs to; nothing that belongs together is put on
            both sides of a split that is made here.
        twins: Samples that are exactly alike, as `twins_of` numbers them.

    Raises:
        DataError: If too few samples, or groups, are left to make a split from; if a
            split, declared or by time, shares no class with the training samples; or
            if both groups and a split by time are asked for.
    """
    if groups is not None and options.split == "time":
        raise DataError(
            f"Both the group {options.group!r} and a split by time are asked for, "
            "which may contradict each other; choose one."
        )
    splits = np.array([split or "train" for split in declared], dtype="U5")
    present = set(splits.tolist())
    if "train" not in present:
        raise DataError(
            f"{options.source} holds no readable training samples; "
            "add a training split."
        )
    if task == "classification":
        _refuse_strangers(targets, splits, options, _UNLIKE_DECLARED)
    missing = [name for name in ("test", "val") if name not in present]
    carver = _Carver(targets, task, options, groups, twins)
    notes = []
    for place, name in enumerate(missing, start=1):
        pool = np.flatnonzero(splits == "train")
        taken, note = carver.carve(pool, name, later=len(missing) - place)
        splits[taken] = name
        notes.append(note)
    if task == "classification" and options.split == "time":
        _refuse_strangers(targets, splits, options, _UNLIKE_BY_TIME)
    if twins is not None and notes and are_whole(twins, splits):
        number = counted(len(twins) - len(np.unique(twins)), "sample")
        notes.append(f"{number} repeat others exactly, and are in the splits of those.")
    return Assignment(splits, tuple(notes))


def _refuse_strangers(
    targets: NDArray[Any], splits: NDArray[np.str_], options: DataOptions, advice: str
) -> None:
    """Refuse a split that shares no class with the training samples.

    Args:
        targets: Class of each sample.
        splits: The split of each.
        options: Where the data is, for the message.
        advice: What to do.

    Raises:
        DataError: If there is one.
    """
    known = np.unique(targets[splits == "train"])
    for name, split in _SHOWN.items():
        held = targets[splits == name]
        if len(held) and not np.isin(held, known).any():
            raise DataError(
                f"Not one class of the {split} split of {options.source} is among the "
                f"training samples; {advice}."
            )


class _Carver:
    """Carves one split after the other out of the training samples."""

    def __init__(
        self,
        targets: NDArray[Any],
        task: str,
        options: DataOptions,
        groups: Sequence[str] | None,
        twins: NDArray[np.int64] | None,
    ) -> None:
        self.task = task
        self.options = options
        self.strata = strata(targets, task)
        self.twins = twins
        self.groups = (
            None if groups is None else np.unique(groups, return_inverse=True)[1]
        )
        self.rng = np.random.default_rng(options.seed)

    def carve(
        self, pool: NDArray[np.int64], name: str, *, later: int
    ) -> tuple[NDArray[np.int64], str]:
        """Return which samples of a pool become a split, and how that was done."""
        alike = self.strata[pool]
        twins = None if self.twins is None else self.twins[pool]
        count = _carved_count(alike, name, later, self.options)
        how = f"stratified by {_ALIKE[self.task]} and shuffled with seed "
        if self.options.split == "time":
            places, how = carve_last(len(pool), count), "the last in their order"
        elif self.groups is not None:
            of_pool, keep = self.groups[pool], 1 + later
            together = joined_groups(of_pool, twins, fewest=keep + 1)
            places = carve_groups(alike, together, count=count, keep=keep, rng=self.rng)
            _check_groups(places, of_pool, name, later, self.options)
            number = counted(len(np.unique(of_pool[places])), "whole group")
            how = f"{number}, {how}{self.options.seed}"
        else:
            places = carve(alike, count, self.rng, twins=twins)
            how += str(self.options.seed)
        share = f"{len(places) / len(pool):.1%}".replace(".0%", "%")
        note = (
            f"No {_SHOWN[name]} split was given: {len(places):,} of {len(pool):,} "
            f"training samples ({share}) were set aside for it, {how}."
        )
        return pool[places], note


def _check_groups(
    places: NDArray[np.int64],
    groups: NDArray[np.int64],
    name: str,
    later: int,
    options: DataOptions,
) -> None:
    left = len(np.unique(np.delete(groups, places)))
    if len(places) == 0 or left < 1 + later:
        raise DataError(
            f"{counted(len(np.unique(groups)), 'group')} of {options.group!r} among "
            f"the training samples are too few to set some aside for the "
            f"{_SHOWN[name]} split; give a split, or data of more groups."
        )


def _carved_count(
    alike: NDArray[np.int64], name: str, later: int, options: DataOptions
) -> int:
    num_strata = len(np.unique(alike))
    spare = len(alike) - num_strata - later
    if spare < 1:
        of = f" in {num_strata} classes" if num_strata > 1 else ""
        raise DataError(
            f"There are too few readable training samples to set some aside for the "
            f"{_SHOWN[name]} split ({len(alike)}{of}); add samples, at least "
            f"{num_strata + 1 + later} are needed."
        )
    fractions = {"val": options.validation_fraction, "test": options.test_fraction}
    asked = fractions[name]
    if asked is not None:
        return min(spare, max(1, round(asked * len(alike))))
    few = name == "val" and len(alike) < _FEW
    fraction = _FRACTION_OF_FEW if few else _FRACTION
    return min(spare, _CAP[name], max(1, round(fraction * len(alike))))
