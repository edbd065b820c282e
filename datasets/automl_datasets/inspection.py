"""What data is, told from names and headers alone, without preparing it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.findings import size_range, thin_classes
from automl_datasets.naming import counted
from automl_datasets.options import DataOptions
from automl_datasets.sources import Sample
from automl_datasets.splitting import SPLITS, assign
from automl_datasets.survey import class_counts, survey

_NAMED = 10


@dataclass(frozen=True)
class Inspection:
    """What `automl inspect` tells.

    Attributes:
        source: Path of the data.
        why: Why it was taken for its kind of source.
        kind: `image`, `series` or `volume`.
        rank: Spatial dimensions: 1, 2 or 3.
        shape: Shape of one prepared sample, channels last.
        dtype: Numbers of a prepared sample.
        task: `classification`.
        classes: Class names.
        splits: Samples of each class in each split, as preparing would make them if
            every sample turns out to be readable.
        sizes: Spatial size before resizing: `min`, `median`, `max`.
        notes: One sentence each: what was found and decided.
        problems: One sentence each: what stands in the way.
        skipped: `(name, reason)` of files that cannot be used.
    """

    source: str
    why: str
    kind: str
    rank: int
    shape: tuple[int, ...]
    dtype: str
    task: str
    classes: tuple[str, ...]
    splits: dict[str, dict[str, int]]
    sizes: dict[str, tuple[int, ...]] | None
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the inspection as plain JSON values."""
        return asdict(self)

    def to_text(self) -> str:
        """Return the inspection as lines for a terminal."""
        counts = {name: sum(n.values()) for name, n in self.splits.items()}
        lines = [
            f"{self.source}: {self.why}",
            f"  kind      {self.kind}, {self.rank}D, shape {self.shape}, {self.dtype}",
            f"  task      {self.task}, {counted(len(self.classes), 'class')}: "
            + _first(list(self.classes)),
            "  splits    " + ", ".join(f"{s} {n:,}" for s, n in counts.items()),
        ]
        lines += [f"  note      {note}" for note in self.notes]
        lines += [f"  problem   {problem}" for problem in self.problems]
        lines += [f"  skipped   {n}: {why}" for n, why in self.skipped[:_NAMED]]
        if len(self.skipped) > _NAMED:
            lines.append(f"  skipped   {len(self.skipped) - _NAMED:,} more")
        return "\n".join(lines)


def inspect(options: DataOptions) -> Inspection:
    """Tell what data is.

    Raises:
        DataError: If it is not understood at all.
    """
    found = survey(options)
    scan = found.scan
    plan = found.source.plan(scan, options.image_size, thorough=True)
    broken = {name for name, _ in plan.skipped}
    samples = [sample for sample in scan.samples if sample.name not in broken]
    splits, split_notes, problems = _split(samples, scan.classes, options)
    skipped = (*scan.skipped, *plan.skipped)
    if skipped:
        problems.append(f"{counted(len(skipped), 'file')} cannot be used.")
    return Inspection(
        source=options.source,
        why=found.why,
        kind=scan.kind,
        rank=len(plan.layout.shape) - 1,
        shape=plan.layout.shape,
        dtype=plan.layout.dtype,
        task="classification",
        classes=scan.classes,
        splits=splits,
        sizes=size_range(plan.sizes),
        notes=(*scan.notes, *plan.notes, *split_notes),
        problems=tuple(problems),
        skipped=skipped,
    )


def _split(
    samples: list[Sample], classes: tuple[str, ...], options: DataOptions
) -> tuple[dict[str, dict[str, int]], tuple[str, ...], list[str]]:
    """Return the counts of each split, notes on splitting, and problems."""
    targets = [sample.target for sample in samples]
    problems = []
    if len(set(targets)) < 2:
        problems.append("There is only one class; a classifier needs at least two.")
    declared = [sample.split for sample in samples]
    try:
        splits, notes = assign(np.array(targets, np.int64), declared, options)
    except DataError as error:
        empty = {name: dict.fromkeys(classes, 0) for name in SPLITS}
        return empty, (), [*problems, str(error)]
    counts = class_counts(targets, splits.tolist(), classes)
    return counts, notes, problems + thin_classes(counts)


def _first(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
