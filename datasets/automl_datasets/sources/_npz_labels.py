"""Which arrays of an `.npz` archive hold labels and groups, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from automl_datasets.array_files import ArrayHeader
from automl_datasets.errors import DataError
from automl_datasets.labels import texts
from automl_datasets.options import DataOptions
from automl_datasets.sources._npz_arrays import load
from automl_datasets.target_columns import named_column
from automl_datasets.targets import Targets, decide

_SPLIT_WORDS = ("train", "val", "valid", "test")
_GROUP_NAMES = ("group", "groups", "patient", "subject", "speaker", "scan")


class Pair(NamedTuple):
    """The arrays of one split."""

    split: str | None
    inputs: str
    labels: str


def targets_of(
    path: Path,
    pairs: Sequence[Pair],
    found: Mapping[str, ArrayHeader],
    options: DataOptions,
) -> Targets:
    """Decide on the targets of all samples, in the order of the pairs.

    Raises:
        DataError: If the labels of the splits do not belong together.
    """
    labels = [load(path, pair.labels) for pair in pairs]
    if len({part.dtype.kind in "SU" for part in labels}) > 1:
        raise DataError(
            f"The labels in {path} are text in one split and numbers in another; "
            "use the same in all."
        )
    if len({part.shape[1:] for part in labels}) > 1:
        raise DataError(
            f"The labels in {path} have shapes {[part.shape for part in labels]}; give "
            "as many numbers a sample in every split."
        )
    order = None
    if "classes" in found:
        order = texts(np.ravel(load(path, "classes")))
    name = options.target or "target"
    return decide(
        {name: np.concatenate(labels)},  # type: ignore[dict-item]
        replace(options, target=None),
        source=str(path),
        order=order,
    )


def groups_of(
    path: Path,
    pairs: Sequence[Pair],
    found: Mapping[str, ArrayHeader],
    options: DataOptions,
) -> tuple[list[Sequence[str | None]], list[str]]:
    """Return the group of each sample of each pair, and what to say about them.

    Raises:
        DataError: If there is no such array, or it has not one group a sample.
    """
    if options.group is None:
        unused = [name for name in found if _stem(name) in _GROUP_NAMES]
        notes = [
            f"The array {name!r} is not used; to keep what belongs together on one "
            "side of a split, give it as the group."
            for name in unused[:1]
        ]
        return [[None] * found[pair.inputs].shape[0] for pair in pairs], notes
    groups: list[Sequence[str | None]] = []
    for pair in pairs:
        member = partner(options.group, pair.split, list(found), path)
        count = found[pair.inputs].shape[0]
        if found[member].shape not in ((count,), (count, 1)):
            raise DataError(
                f"`{member}` in {path} has shape {found[member].shape}, but one group "
                f"for each of {count:,} samples is needed."
            )
        groups.append(texts(load(path, member).ravel()))
    return groups, []


def _stem(name: str) -> str:
    """Return the name of an array without its split: `scan` of `scan_train`."""
    words = [word for word in name.lower().split("_") if word not in _SPLIT_WORDS]
    return "_".join(words)


def partner(asked: str, split: str | None, found: Sequence[str], path: Path) -> str:
    """Return the array of that name for a split: `scan_test` for `scan_train`.

    Raises:
        DataError: If there is none; the message names the arrays there are.
    """
    words = {"train": ("train",), "val": ("val", "valid"), "test": ("test",)}
    stem = _stem(asked)
    usual = [f"{stem}_{word}" for word in words.get(split or "", ())]
    usual += [f"{word}_{stem}" for word in words.get(split or "", ())]
    by_name = {name.lower(): name for name in found}
    for name in [*usual, *(() if split else (asked.lower(), stem))]:
        if name in by_name:
            return by_name[name]
    wanted = usual[0] if usual else asked
    return named_column(wanted, found, source=str(path), what="array")
