"""What is left of a scan once every sample was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.reading import Outcome
from automl_datasets.sources import Sample, Scan


@dataclass(frozen=True)
class Readable:
    """The samples that could be read, and the classes that they have.

    Attributes:
        samples: In the order of the scan.
        outcomes: What reading each of them gave.
        rows: Row of each in the scratch file, int64, shape `(n,)`.
        targets: Classification: index of each into `classes`, int64, shape `(n,)`;
            multi-label: zeros and ones, float32, `(n, labels)`; regression: values in
            raw units, float32, `(n, targets)`.
        classes: Names of the classes, or labels, that have at least one sample; empty
            for a regression.
        refused: `(name, reason)` of the samples that could not be read.
        lost: Names of the classes, or labels, none of whose samples could.
    """

    samples: tuple[Sample, ...]
    outcomes: tuple[Outcome, ...]
    rows: NDArray[np.int64]
    targets: NDArray[Any]
    classes: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    lost: tuple[str, ...]

    @property
    def declared(self) -> list[str | None]:
        """The split that the data gives each sample, or `None`."""
        return [sample.split for sample in self.samples]

    @property
    def groups(self) -> list[str] | None:
        """The group of each sample, or `None` where none was asked for."""
        groups = [sample.group for sample in self.samples if sample.group is not None]
        return groups if len(groups) == len(self.samples) else None


def readable(scan: Scan, outcomes: Sequence[Outcome], *, source: str) -> Readable:
    """Keep what could be read.

    Raises:
        DataError: If nothing could, or only samples that are all labelled alike.
    """
    refused = tuple(
        (sample.name, outcome.refusal)
        for sample, outcome in zip(scan.samples, outcomes, strict=True)
        if outcome.refusal is not None
    )
    rows = [row for row, outcome in enumerate(outcomes) if outcome.refusal is None]
    if not rows:
        raise DataError(_all_refused(refused, source))
    samples = tuple(scan.samples[row] for row in rows)
    targets, classes = _targets(samples, scan, source)
    return Readable(
        samples=samples,
        outcomes=tuple(outcomes[row] for row in rows),
        rows=np.array(rows, np.int64),
        targets=targets,
        classes=classes,
        refused=refused,
        lost=tuple(name for name in scan.classes if name not in set(classes)),
    )


def _targets(
    samples: Sequence[Sample], scan: Scan, source: str
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return the targets, and the names of the classes or labels that occur."""
    if scan.task == "classification":
        used, indices = np.unique([s.target for s in samples], return_inverse=True)
        classes = tuple(scan.classes[target] for target in used)
        if len(classes) < 2:
            raise DataError(
                f"{source} holds readable samples of one class only, {classes[0]!r}; "
                "a classifier needs at least two classes."
            )
        return indices.astype(np.int64), classes
    values = np.array([s.target for s in samples], np.float64)
    if scan.task == "multilabel":
        return _labels(values, scan.classes, source)
    if (values == values[0]).all():
        raise DataError(
            f"{source} holds the target {values[0].tolist()} in every readable sample; "
            "there is nothing to learn."
        )
    return values.astype(np.float32), ()


def _labels(
    values: NDArray[np.float64], names: Sequence[str], source: str
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    used = np.asarray(values.any(axis=0))
    if not used.any() or values.all():
        raise DataError(
            f"{source} holds the same labels in every readable sample; there is "
            "nothing to learn."
        )
    classes = tuple(
        name for name, kept in zip(names, used.tolist(), strict=True) if kept
    )
    return values[:, used].astype(np.float32), classes


def _all_refused(refused: Sequence[tuple[str, str]], source: str) -> str:
    if not refused:
        return f"{source} holds no samples; add some."
    name, reason = refused[0]
    return (
        f"Not one of the {len(refused):,} samples in {source} can be read (the first, "
        f"{name}: {reason}); check the files."
    )
