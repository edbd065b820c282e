"""A few samples of each split, as people look at data before they trust it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl.explanations.views import view
from automl_datasets.preparation import PreparedData
from automl_datasets.spec import DataSpec
from automl_reports.explanation import DataExample

MOST_OF_A_SPLIT = 12
_PIXELS = 64
_OF_A_CLASS = 2


def data_examples(data: PreparedData, splits: Sequence[str]) -> tuple[DataExample, ...]:
    """Return some samples of each split: of every class if they are few.

    The same ones are taken whenever it is asked for.
    """
    return tuple(
        DataExample(
            name,
            truth_words(data.spec, split.targets[row]),
            view(
                np.asarray(split.inputs[row]),
                data.spec,
                split.names[row],
                pixels=_PIXELS,
            ),
        )
        for name in splits
        for split in (data.split(name),)
        for row in _rows(split.targets, data.spec)
    )


def truth_words(spec: DataSpec, target: np.ndarray) -> str:
    """Return what is true of a sample, in words."""
    if spec.task == "classification":
        return spec.classes[int(target)]
    if spec.task == "multilabel":
        names = [n for n, held in zip(spec.classes, target, strict=True) if held]
        return ", ".join(names) or "no label"
    values = zip(spec.targets, np.atleast_1d(target), strict=True)
    return ", ".join(f"{name} {value:.3g}" for name, value in values)


def _rows(targets: np.ndarray, spec: DataSpec) -> list[int]:
    """Return places of a split, class by class, or evenly spread."""
    if spec.task != "classification":
        count = min(MOST_OF_A_SPLIT, len(targets))
        return [int(row) for row in np.linspace(0, len(targets) - 1, count)]
    each = _OF_A_CLASS if 2 * spec.num_classes <= MOST_OF_A_SPLIT else 1
    rows = [np.flatnonzero(targets == c)[:each] for c in range(spec.num_classes)]
    return [int(row) for found in rows for row in found][:MOST_OF_A_SPLIT]
