"""Which arrays of an `.npz` archive hold labels and groups, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.labels import texts
from automl_datasets.options import DataOptions
from automl_datasets.sources._npz_arrays import load
from automl_datasets.sources._npz_pairs import CLASSES, Pair, stem
from automl_datasets.targets import Targets, decide
from automl_datasets.usual_names import GROUP_NAMES


def targets_of(pairs: Sequence[Pair], options: DataOptions) -> Targets:
    """Decide on the targets of all samples, in the order of the pairs.

    Raises:
        DataError: If the labels of the splits do not belong together.
    """
    path = pairs[0].path
    labels = [load(pair.path, pair.labels) for pair in pairs]
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
    if CLASSES in pairs[0].found:
        order = texts(np.ravel(load(path, CLASSES)))
    name = options.target or "target"
    return decide(
        {name: np.concatenate(labels)},  # type: ignore[dict-item]
        replace(options, target=None),
        source=str(path),
        order=order,
    )


def groups_of(
    pairs: Sequence[Pair], options: DataOptions
) -> tuple[list[Sequence[str | None]], list[str]]:
    """Return the group of each sample of each pair, and what to say about them.

    Raises:
        DataError: If there is no such array, or it has not one group a sample.
    """
    if options.group is None:
        unused = [name for name in pairs[0].found if stem(name) in GROUP_NAMES]
        notes = [
            f"The array {name!r} is not used; to keep what belongs together on one "
            "side of a split, give it as the group."
            for name in unused[:1]
        ]
        return [[None] * pair.found[pair.inputs].shape[0] for pair in pairs], notes
    groups: list[Sequence[str | None]] = []
    for pair in pairs:
        member = pair.partner(options.group)
        count, shape = pair.found[pair.inputs].shape[0], pair.found[member].shape
        if shape not in ((count,), (count, 1)):
            raise DataError(
                f"`{member}` in {pair.path} has shape {shape}, but one group for each "
                f"of {count:,} samples is needed."
            )
        groups.append(texts(load(pair.path, member).ravel()))
    return groups, []
