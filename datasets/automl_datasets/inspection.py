"""What data is, told from names and headers alone, without preparing it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.findings import (
    imbalance,
    shared_groups,
    size_range,
    skipped_for,
    thin_classes,
)
from automl_datasets.naming import counted, quoted
from automl_datasets.options import DataOptions
from automl_datasets.sources import Sample, Scan
from automl_datasets.splitting import SPLITS, assign
from automl_datasets.survey import class_counts, survey

_NAMED = 10
_NOUNS = {"classification": "class", "multilabel": "label", "regression": "target"}
_ALIKE = {
    "classification": "one class only, {}; a classifier needs at least two classes",
    "multilabel": "samples that all have the same labels; there is nothing to learn",
    "regression": "samples that all have the same target; there is nothing to learn",
}


@dataclass(frozen=True)
class Inspection:
    """What `automl inspect` tells.

    Attributes:
        source: Path of the data.
        why: Why it was taken for its kind of source.
        kind: One of `spec.KINDS`.
        rank: Spatial dimensions: 1, 2 or 3.
        shape: Shape of one prepared sample, channels last.
        dtype: Numbers of a prepared sample.
        task: One of `spec.TASKS`.
        classes: Class or label names; empty for a regression.
        targets: Names of the target columns of a regression.
        samples: Samples in each split.
        splits: Those of each class, as preparing would make them if every sample
            turns out to be readable.
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
    targets: tuple[str, ...]
    samples: dict[str, int]
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
        outputs = list(self.classes or self.targets)
        noun = _NOUNS[self.task]
        lines = [
            f"{self.source}: {self.why}",
            f"  kind      {self.kind}, {self.rank}D, shape {self.shape}, {self.dtype}",
            f"  task      {self.task}, {counted(len(outputs), noun)}: "
            + _first(outputs),
            "  splits    " + ", ".join(f"{s} {n:,}" for s, n in self.samples.items()),
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
        DataError: If it is not understood at all, or has nothing to tell apart.
    """
    found = survey(options)
    scan = found.scan
    plan = found.source.plan(scan, options, thorough=True)
    broken = {name for name, _ in plan.skipped}
    samples = [sample for sample in scan.samples if sample.name not in broken]
    _refuse_alike(samples, scan, options.source)
    division = _divide(samples, scan, options)
    problems = list(division.problems)
    skipped = (*scan.skipped, *plan.skipped)
    if skipped:
        number = counted(len(skipped), "entry")
        problems.append(f"{number} cannot be used: {skipped_for(skipped)}.")
    return Inspection(
        source=options.source,
        why=found.why,
        kind=scan.kind,
        rank=len(plan.layout.shape) - 1,
        shape=plan.layout.shape,
        dtype=plan.layout.dtype,
        task=scan.task,
        classes=scan.classes,
        targets=scan.targets,
        samples=division.samples,
        splits=division.counts,
        sizes=size_range(plan.sizes),
        notes=(*scan.notes, *plan.notes, *division.notes),
        problems=tuple(problems),
        skipped=skipped,
    )


def _refuse_alike(samples: list[Sample], scan: Scan, source: str) -> None:
    if len({sample.target for sample in samples}) < 2:
        held = _ALIKE[scan.task].format(*map(quoted, scan.classes[:1]))
        raise DataError(f"{source} holds {held}.")


class _Division(NamedTuple):
    """What preparing would make of the samples, and what stands in the way."""

    samples: dict[str, int]
    counts: dict[str, dict[str, int]]
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def _divide(samples: list[Sample], scan: Scan, options: DataOptions) -> _Division:
    problems = []
    dtype = np.int64 if scan.task == "classification" else np.float32
    targets = np.array([sample.target for sample in samples], dtype)
    groups = [sample.group for sample in samples if sample.group is not None] or None
    try:
        splits, notes = assign(
            targets,
            [sample.split for sample in samples],
            options,
            task=scan.task,
            groups=groups,
        )
    except DataError as error:
        none = {name: dict.fromkeys(scan.classes, 0) for name in SPLITS}
        problems.append(str(error))
        return _Division(dict.fromkeys(SPLITS, 0), none, (), tuple(problems))
    counts = class_counts(targets, splits, scan.classes)
    sizes = {name: int((splits == name).sum()) for name in SPLITS}
    notes += tuple(imbalance(counts["train"], scan.task))
    problems += [*thin_classes(counts), *shared_groups(groups, splits)]
    return _Division(sizes, counts, notes, tuple(problems))


def _first(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
