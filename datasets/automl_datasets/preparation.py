"""From labelled data to memory-mapped arrays that all workers share.

Every sample is read once into a scratch file. Only then is it known which are
readable, so only then are they split; the rows of each split are copied, in the order
of the source, into an array of exactly as many samples. The record is written last.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.findings import (
    contradictions,
    conversions,
    duplicates,
    imbalance,
    shared_groups,
    size_range,
    skipped_for,
    thin_classes,
)
from automl_datasets.fingerprints import fingerprint
from automl_datasets.listing import is_folder
from automl_datasets.naming import counted
from automl_datasets.options import DataOptions
from automl_datasets.prepared import (
    ENDINGS,
    FORMAT,
    RECORD,
    PreparedData,
    Split,
    open_prepared,
)
from automl_datasets.profile import DataProfile
from automl_datasets.readable import Readable, readable
from automl_datasets.reading import Outcome, read_all
from automl_datasets.samples import Array, Fitted
from automl_datasets.sources import Layout, Plan, PlanDeviation, Scan
from automl_datasets.spec import DataSpec
from automl_datasets.splitting import SPLITS, assign
from automl_datasets.storage import (
    ChannelMoments,
    RawRows,
    chunks_of,
    write_array,
    write_json,
)
from automl_datasets.survey import Survey, class_counts, survey
from automl_datasets.twins import twins_of

__all__ = ["PreparedData", "Split", "open_prepared", "prepare"]

_SCRATCH = "scratch.raw"
_TOLD = {
    "classification": "class",
    "multilabel": "set of labels",
    "regression": "target",
}

Progress = Callable[[int, int], None]


def prepare(
    options: DataOptions, directory: Path, *, on_progress: Progress | None = None
) -> PreparedData:
    """Read, split and store data, unless that is done already.

    Args:
        options: The data and how to split and size it.
        directory: Where to store it; about twice the size of the prepared arrays is
            needed while this runs.
        on_progress: Called with the number of samples read and their total.

    Returns:
        The prepared data. Data that is prepared there from the same options and
        unchanged files is opened as it is; anything else there is done again.

    Raises:
        DataError: If the data cannot be used, or the disk is full.
    """
    directory = Path(directory)
    if _is_done(options, directory):
        return open_prepared(directory)
    with _writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        _clear(directory)
    try:
        _prepare(options, directory, on_progress)
    finally:
        (directory / _SCRATCH).unlink(missing_ok=True)
    return open_prepared(directory)


@contextmanager
def _writing(directory: Path) -> Iterator[None]:
    """Tell of a folder that cannot be written to, as a user's error."""
    try:
        yield
    except OSError as error:
        free = shutil.disk_usage(directory).free if is_folder(directory) else 0
        raise DataError(
            f"The prepared data cannot be written to {directory} ({error}); "
            f"{free / 1e9:.1f} GB are free there."
        ) from error


def _is_done(options: DataOptions, directory: Path) -> bool:
    try:
        prepared = open_prepared(directory)
    except DataError:
        return False
    same = prepared.options == options.to_json() and prepared.is_whole()
    return same and prepared.fingerprint == fingerprint(options)


def _clear(directory: Path) -> None:
    # The record goes first: without it, nothing here counts as prepared. Files are
    # removed, not overwritten, so that processes that map them keep what they have.
    (directory / RECORD).unlink(missing_ok=True)
    for name in SPLITS:
        for ending in ENDINGS:
            Split(directory, name).file(ending).unlink(missing_ok=True)


def _prepare(
    options: DataOptions, directory: Path, on_progress: Progress | None
) -> None:
    found = survey(options)
    scratch = directory / _SCRATCH
    with ThreadPoolExecutor(1) as background:  # while other processes read
        mark = background.submit(fingerprint, options, found.source)
        plan, outcomes = _read(found, options, scratch, on_progress)
    data = readable(found.scan, outcomes, source=options.source)
    twins = twins_of([outcome.digest for outcome in data.outcomes], data.targets)
    splits, split_notes = assign(
        data.targets,
        data.declared,
        options,
        task=found.scan.task,
        groups=data.groups,
        twins=twins,
    )
    with _writing(directory):
        learned = _write_splits(data, splits, plan, scratch, directory)
        if data.groups is not None:  # as numbers, since a group may be a patient
            numbers = np.unique(data.groups, return_inverse=True)[1]
            _write_numbers(numbers, splits, directory, "groups.json")
        if twins is not None:
            _write_numbers(twins, splits, directory, "twins.json")
        scratch.unlink()
    counts = class_counts(data.targets, splits, data.classes)
    notes = (
        *plan.notes,
        *split_notes,
        *shared_groups(data.groups, splits),
        *thin_classes(counts),
        *imbalance(counts["train"], found.scan.task),
    )
    profile = _profile(options, found, data, splits)
    profile = replace(profile, counts=counts, notes=(*notes, *profile.notes))
    record = {
        "format": FORMAT,
        "options": options.to_json(),
        "fingerprint": mark.result(),
        "spec": _spec(plan.layout, found.scan, data, splits, learned).to_json(),
        "profile": profile.to_json(),
    }
    with _writing(directory):
        write_json(directory / RECORD, record)


class _Learned(NamedTuple):
    """What the rows of the training split told."""

    moments: ChannelMoments
    preprocessing: dict[str, Any]
    missing: bool


def _spec(
    layout: Layout,
    scan: Scan,
    data: Readable,
    splits: NDArray[np.str_],
    learned: _Learned,
) -> DataSpec:
    train = data.targets[splits == "train"]
    regression = scan.task == "regression"
    counts = class_counts(data.targets, splits, data.classes)["train"]
    spread = train.std(axis=0, dtype=np.float64) if regression else np.zeros(0)
    mean = train.mean(axis=0, dtype=np.float64) if regression else np.zeros(0)
    return DataSpec(
        kind=layout.kind,
        shape=layout.shape,
        dtype=layout.dtype,
        task=scan.task,
        classes=data.classes,
        num_train=int((splits == "train").sum()),
        num_val=int((splits == "val").sum()),
        num_test=int((splits == "test").sum()),
        mean=tuple(learned.moments.mean.tolist()),
        std=tuple(learned.moments.std.tolist()),
        resized=any(o.size != layout.shape[:-1] for o in data.outcomes),
        targets=scan.targets,
        target_mean=tuple(mean.tolist()),
        target_std=tuple(np.where(spread > 0, spread, 1.0).tolist()),
        missing=learned.missing,
        class_counts=tuple(counts.values()),
        preprocessing={**layout.preprocessing, **learned.preprocessing},
    )


def _read(
    found: Survey, options: DataOptions, scratch: Path, on_progress: Progress | None
) -> tuple[Plan, list[Outcome]]:
    for thorough in (False, True):
        plan = found.source.plan(found.scan, options, thorough=thorough)
        try:
            with _writing(scratch.parent):
                outcomes = read_all(
                    found.scan.samples,
                    plan,
                    scratch,
                    parallel=found.source.PARALLEL,
                    on_progress=on_progress,
                )
        except PlanDeviation:
            continue  # a few samples misled the plan: look at all of them
        return plan, outcomes
    raise RuntimeError("a plan that looked at every sample was contradicted by one")


def _write_splits(
    data: Readable,
    splits: NDArray[np.str_],
    plan: Plan,
    scratch: Path,
    directory: Path,
) -> _Learned:
    """Copy the rows of each split; return what those of the training split told."""
    rows = RawRows(scratch, plan.layout.shape, np.dtype(plan.layout.dtype))
    fitted = Fitted({})
    if plan.fitting is not None:
        train = data.rows[splits == "train"]
        fitted = plan.fitting(chunks_of(rows, train))
    moments = ChannelMoments(plan.layout.shape[-1])
    missing = False

    def look(chunk: Array) -> None:
        nonlocal missing
        if chunk.dtype.kind == "f" and not missing:
            missing = bool(np.isnan(chunk).any())

    def learn(chunk: Array) -> None:
        look(chunk)
        moments.add(chunk)

    for name in SPLITS:
        split = Split(directory, name)
        places = np.flatnonzero(splits == name)
        write_array(
            split.file("inputs.npy"),
            rows,
            data.rows[places],
            transform=fitted.transform,
            look=learn if name == "train" else look,
        )
        _write_labels(split, data, places)
    return _Learned(moments, fitted.preprocessing, missing)


def _write_labels(split: Split, data: Readable, places: NDArray[np.int64]) -> None:
    """Write the targets and names of a split."""
    write_array(split.file("targets.npy"), data.targets, places)
    samples = [data.samples[place] for place in places.tolist()]
    write_json(split.file("names.json"), [sample.name for sample in samples])


def _write_numbers(
    numbers: NDArray[np.int64],
    splits: NDArray[np.str_],
    directory: Path,
    ending: str,
) -> None:
    """Write which samples of each split belong together."""
    for name in SPLITS:
        file = Split(directory, name).file(ending)
        write_json(file, numbers[splits == name].tolist())


def _profile(
    options: DataOptions, found: Survey, data: Readable, splits: NDArray[np.str_]
) -> DataProfile:
    """Return the profile of what was read, with the notes on that alone."""
    skipped = (*found.scan.skipped, *data.refused)
    notes = list(found.scan.notes)
    notes += [f"Left out {n!r}: it has no readable sample." for n in data.lost]
    if skipped:
        number = counted(len(skipped), "entry")
        notes.append(f"{number} skipped: {skipped_for(skipped)}.")
    notes += conversions(data.outcomes, found.scan.kind)
    notes += contradictions(data.samples, data.outcomes, told=_TOLD[found.scan.task])
    count, pairs = duplicates(data.samples, data.outcomes, splits)
    if count:
        notes.append(
            f"Exact duplicates across splits: {count:,}, for example {pairs[0][0]} "
            f"and {pairs[0][1]}."
        )
    return DataProfile(
        source=options.source,
        kind=found.scan.kind,
        why=found.why,
        counts={},
        notes=tuple(notes),
        skipped=skipped,
        duplicate_count=count,
        duplicates=pairs,
        sizes=size_range([outcome.size for outcome in data.outcomes]),
    )
