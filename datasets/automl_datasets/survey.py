"""From a request to a list of samples, separate test data included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.naming import counted
from automl_datasets.options import DataOptions
from automl_datasets.sources import Sample, Scan, Source, recognise
from automl_datasets.sources._base import SPLITS


@dataclass(frozen=True)
class Survey:
    """What a request points at.

    Attributes:
        source: The kind of source that reads it.
        why: Why it was taken for that kind.
        scan: Its samples.
    """

    source: Source
    why: str
    scan: Scan


def survey(options: DataOptions) -> Survey:
    """Find out what the data is and list its samples.

    Raises:
        DataError: If it is not understood, or the test data does not match it.
    """
    path = Path(options.source)
    source, why = recognise(path)
    scan = source.scan(path)
    if options.test_data is not None:
        test_path = Path(options.test_data)
        test_source, _ = recognise(test_path)
        if test_source is not source:
            raise DataError(
                f"{test_path} is of the form {test_source.NAME}, but {path} is of the "
                f"form {source.NAME}; give test data of the same form."
            )
        scan = _with_test_data(scan, test_source.scan(test_path), test_path)
    return Survey(source, why, scan)


def evaluation_samples(scan: Scan, path: Path) -> tuple[Sample, ...]:
    """Return the samples to score a model on: the test split, or all if unsplit.

    Raises:
        DataError: If there are splits, but no test split.
    """
    declared = {sample.split for sample in scan.samples}
    if declared == {None}:
        return scan.samples
    chosen = tuple(s for s in scan.samples if s.split == "test")
    if not chosen:
        given = ", ".join(sorted(str(split) for split in declared))
        raise DataError(
            f"{path} has the splits {given} but no test split; "
            "point at the data to test on."
        )
    return chosen


def retarget(
    samples: Sequence[Sample], classes: Sequence[str], known: Sequence[str], path: Path
) -> list[Sample]:
    """Return samples with targets that index the known classes.

    Raises:
        DataError: If a class of the samples is not among them.
    """
    place = {name: index for index, name in enumerate(known)}
    used = {classes[sample.target] for sample in samples}
    unknown = sorted(used - set(place))
    if unknown:
        raise DataError(
            f"{path} holds the class {unknown[0]!r}, which is not among the "
            f"{counted(len(known), 'known class')}; rename or remove it."
        )
    return [s._replace(target=place[classes[s.target]]) for s in samples]


def _with_test_data(scan: Scan, other: Scan, path: Path) -> Scan:
    if other.kind != scan.kind:
        raise DataError(
            f"{path} holds samples of kind {other.kind}, but the training data is of "
            f"kind {scan.kind}; give test data of the same kind."
        )
    chosen = retarget(
        evaluation_samples(other, path), other.classes, scan.classes, path
    )
    kept = [sample for sample in scan.samples if sample.split != "test"]
    notes = [f"Test split: {counted(len(chosen), 'sample')} from {path}."]
    if len(kept) < len(scan.samples):
        left = counted(len(scan.samples) - len(kept), "sample")
        notes.append(f"The data's own test split ({left}) is not used.")
    return replace(
        scan,
        samples=(*kept, *(sample._replace(split="test") for sample in chosen)),
        skipped=(*scan.skipped, *other.skipped),
        notes=(*scan.notes, *notes),
    )


def class_counts(
    targets: Sequence[int], splits: Sequence[str], classes: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Count samples of each class in each split, classes in their order."""
    found = Counter(zip(splits, targets, strict=True))
    return {
        split: {name: found[split, target] for target, name in enumerate(classes)}
        for split in SPLITS
    }
