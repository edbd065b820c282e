"""What the data set is, for the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automl_reports.explanation import DataExample


@dataclass(frozen=True)
class DataSummary:
    """What the data set is, for people.

    Attributes:
        source: Where it came from.
        kind: `image`, `series`, `audio`, `text`, `volume` or `video`.
        shape: Shape of one prepared sample.
        classes: Class or label names; empty for a regression.
        counts: Samples per class or label for each split,
            `counts["train"][class_index]`.
        notes: How it was split, resized, converted; one sentence each.
        skipped: Files that were not used, with the reason.
        num_skipped: How many there were; `skipped` may hold the first ones only.
        duplicates_across_splits: Exact duplicates that lie in two splits.
        totals: Samples of each split.
        targets: Names of the targets of a regression.
        target_mean: Mean of each target over the training split.
        target_std: Standard deviation of each target over the training split.
        preprocessing: How a file becomes a sample, as the data set records it.
        examples: Some samples of each split.
        dtype: NumPy's name of the numbers of a sample; empty where it is not known.
    """

    source: str
    kind: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    counts: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    num_skipped: int = 0
    duplicates_across_splits: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    target_mean: tuple[float, ...] = ()
    target_std: tuple[float, ...] = ()
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[DataExample, ...] = ()
    dtype: str = ""
