"""From a request to a list of samples, separate test data included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.listing import folders, permitted
from automl_datasets.naming import counted, shown
from automl_datasets.options import DataOptions
from automl_datasets.samples import SPLITS
from automl_datasets.sources import Sample, Scan, Source, class_folders
from automl_datasets.sources._manifests import left_table_notes
from automl_datasets.sources._split_files import split_files, split_of
from automl_datasets.sources.registry import recognise
from automl_datasets.spec import DataSpec

_RESIZED = ("image", "video")


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
        DataError: If it is not understood, holds one class only, or the test data does
            not match it.
    """
    with permitted(options.source):
        return _survey(options)


def _survey(options: DataOptions) -> Survey:
    path = Path(options.source)
    source, why = recognise(path)
    scan = source.scan(path, options)
    if source is class_folders:
        scan = replace(scan, notes=(*scan.notes, *left_table_notes(path)))
    if _has_one_class(scan):
        raise DataError(_one_class(source, scan, path, options))
    if options.image_size is not None and scan.kind not in _RESIZED:
        raise DataError(
            f"An image size is for images and videos, but {path} holds samples of kind "
            f"{scan.kind}; leave it out."
        )
    if options.test_data is not None:
        test_path = Path(options.test_data)
        test_source, _ = recognise(test_path)
        if test_source is not source:
            raise DataError(
                f"{test_path} is of the form {test_source.NAME}, but {path} is of the "
                f"form {source.NAME}; give test data of the same form."
            )
        told = replace(options, task=scan.task, kind=scan.kind, labels=scan.classes)
        other = test_source.scan(test_path, told)
        scan = _with_test_data(scan, other, test_path)
    return Survey(source, why, scan)


def _has_one_class(scan: Scan) -> bool:
    return scan.task == "classification" and len(scan.classes) == 1


def _one_class(source: Source, scan: Scan, path: Path, options: DataOptions) -> str:
    """Return what to say of data of one class, and where the classes may be."""
    name = scan.classes[0]
    said = f"{path} holds one class only, {name!r}; a classifier needs at least two"
    folder = _class_folder(source, scan, path)
    if folder is None:
        return f"{said} classes."
    while folder is not None:
        try:
            source, _ = recognise(folder)
            scan = source.scan(folder, options)
        except DataError as error:
            if folders(folder):  # something other than samples alone, which it names
                return str(error)
            break
        if not _has_one_class(scan):
            return f"{said} classes; give {folder}, which holds them."
        folder = _class_folder(source, scan, folder)
    return (
        f"{said} classes; where a table holds the labels, give a CSV table of path and "
        "label."
    )


def _class_folder(source: Source, scan: Scan, path: Path) -> Path | None:
    """Return the folder in a folder that is the only class, if it is one.

    Classes of other sources are labels, which as paths may lead anywhere: `..`, `/`.
    """
    if source is not class_folders:
        return None
    inside = (Path(e.path) for e in folders(path) if shown(e.name) == scan.classes[0])
    return next(inside, None)


def evaluation_samples(scan: Scan, path: Path) -> tuple[Sample, ...]:
    """Return the samples to score a model on: the test split, or all if unsplit.

    A file that is one split of several is scored on itself, whichever it is.

    Args:
        scan: What was listed.
        path: The file or folder that was given.

    Raises:
        DataError: If there are splits, but no test split.
    """
    here = str(path.absolute())
    own = tuple(sample for sample in scan.samples if sample.location == here)
    if not own and path.is_file() and len(split_files(path).files) > 1:
        named = split_of(path)  # a table of paths, whose samples are elsewhere
        own = tuple(s for s in scan.samples if named and s.split == named[1])
    if len(own) < len(scan.samples) and len({sample.split for sample in own}) == 1:
        return own
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
    samples: Sequence[Sample], scan: Scan, known: Scan | DataSpec, path: Path
) -> list[Sample]:
    """Return samples with targets that mean what they mean in known data.

    Args:
        samples: Samples of `scan`.
        scan: What they were listed in.
        known: The data whose classes, labels or targets count.
        path: Where the samples are, for messages.

    Raises:
        DataError: If a class, label or target of the samples is not among them, or
            the task is another.
    """
    if scan.task != known.task:
        raise DataError(
            f"{path} holds a {scan.task}, but a {known.task} is needed; give data like "
            "the training data."
        )
    if scan.task == "regression":
        _refuse_other_targets(scan.targets, known.targets, path)
        return _reordered(samples, scan.targets, known.targets)
    if scan.task == "multilabel":
        _refuse_unknown(_labels_used(samples, scan.classes), known.classes, path)
        return _reordered(samples, scan.classes, known.classes)
    place = {name: index for index, name in enumerate(known.classes)}
    used = {scan.classes[s.target] for s in samples if not isinstance(s.target, tuple)}
    _refuse_unknown(used, known.classes, path)
    return [
        s._replace(target=place[scan.classes[s.target]])
        for s in samples
        if not isinstance(s.target, tuple)
    ]


def _labels_used(samples: Sequence[Sample], names: Sequence[str]) -> set[str]:
    """Return the labels that at least one sample has."""
    return {
        name
        for place, name in enumerate(names)
        if any(s.target[place] for s in samples if isinstance(s.target, tuple))
    }


def _reordered(
    samples: Sequence[Sample], names: Sequence[str], known: Sequence[str]
) -> list[Sample]:
    """Return samples whose targets are in the known order; absent labels are 0."""
    places = [names.index(name) if name in names else None for name in known]
    return [
        s._replace(target=tuple(0.0 if i is None else s.target[i] for i in places))
        for s in samples
        if isinstance(s.target, tuple)
    ]


def _refuse_other_targets(
    names: Sequence[str], known: Sequence[str], path: Path
) -> None:
    """Refuse a regression of other targets: a missing one has no value to score on."""
    if missing := [name for name in known if name not in names]:
        raise DataError(
            f"{path} lacks the target {missing[0]!r}, which the training data has; add "
            "its column."
        )
    if unknown := [name for name in names if name not in known]:
        raise DataError(
            f"{path} holds the target {unknown[0]!r}, which the training data lacks; "
            "rename or remove it."
        )


def _refuse_unknown(used: set[str], known: Sequence[str], path: Path) -> None:
    unknown = sorted(used - set(known))
    if unknown:
        raise DataError(
            f"{path} holds the class {unknown[0]!r}, which is not among the "
            f"{counted(len(known), 'known class')}; rename or remove it."
        )


def _with_test_data(scan: Scan, other: Scan, path: Path) -> Scan:
    if other.kind != scan.kind:
        raise DataError(
            f"{path} holds samples of kind {other.kind}, but the training data is of "
            f"kind {scan.kind}; give test data of the same kind."
        )
    chosen = retarget(evaluation_samples(other, path), other, scan, path)
    tested = {_place(sample) for sample in chosen}
    others = [sample for sample in scan.samples if _place(sample) not in tested]
    kept = [sample for sample in others if sample.split != "test"]
    notes = [f"Test split: {counted(len(chosen), 'sample')} from {path}."]
    if len(kept) < len(others):
        left = counted(len(others) - len(kept), "sample")
        notes.append(f"The data's own test split ({left}) is not used.")
    return replace(
        scan,
        samples=(*kept, *(sample._replace(split="test") for sample in chosen)),
        skipped=(*scan.skipped, *other.skipped),
        notes=(*scan.notes, *notes),
    )


def _place(sample: Sample) -> tuple[object, ...]:
    """Return where a sample lies, which tells it from all others."""
    return sample.location, sample.member, sample.place


def class_counts(
    targets: NDArray[Any], splits: NDArray[np.str_], classes: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Count samples of each class in each split, classes in their order.

    Args:
        targets: Class indices `(n,)`, or zeros and ones `(n, labels)`, or the targets
            of a regression, which has no classes.
        splits: The split of each sample.
        classes: Class or label names; none for a regression.
    """
    counts = {}
    for split in SPLITS:
        chosen = targets[splits == split]
        if not classes:
            found = np.zeros(0, np.int64)
        elif targets.ndim == 1:
            found = np.bincount(chosen, minlength=len(classes))
        else:
            found = chosen.sum(axis=0)
        counts[split] = {n: int(c) for n, c in zip(classes, found, strict=True)}
    return counts
