"""What is left of a scan once every sample was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        targets: Index of each into `classes`, int64, shape `(n,)`.
        classes: Names of the classes that have at least one sample.
        refused: `(name, reason)` of the samples that could not be read.
        lost: Names of the classes none of whose samples could.
    """

    samples: tuple[Sample, ...]
    outcomes: tuple[Outcome, ...]
    rows: NDArray[np.int64]
    targets: NDArray[np.int64]
    classes: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    lost: tuple[str, ...]

    @property
    def declared(self) -> list[str | None]:
        """The split that the data gives each sample, or `None`."""
        return [sample.split for sample in self.samples]


def readable(scan: Scan, outcomes: Sequence[Outcome], *, source: str) -> Readable:
    """Keep what could be read.

    Raises:
        DataError: If nothing could, or samples of one class only.
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
    used, targets = np.unique([s.target for s in samples], return_inverse=True)
    classes = tuple(scan.classes[target] for target in used)
    if len(classes) < 2:
        raise DataError(
            f"{source} holds readable samples of one class only, {classes[0]!r}; "
            "a classifier needs at least two classes."
        )
    return Readable(
        samples=samples,
        outcomes=tuple(outcomes[row] for row in rows),
        rows=np.array(rows, np.int64),
        targets=targets.astype(np.int64),
        classes=classes,
        refused=refused,
        lost=tuple(name for name in scan.classes if name not in set(classes)),
    )


def _all_refused(refused: Sequence[tuple[str, str]], source: str) -> str:
    if not refused:
        return f"{source} holds no samples; add some."
    name, reason = refused[0]
    return (
        f"Not one of the {len(refused):,} samples in {source} can be read (the first, "
        f"{name}: {reason}); check the files."
    )
