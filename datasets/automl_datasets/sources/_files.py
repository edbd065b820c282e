"""Samples that are files of one medium each, however they are listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.media._base import Header, Medium, name_of, named
from automl_datasets.naming import counted
from automl_datasets.options import DataOptions
from automl_datasets.samples import (
    Layout,
    Plan,
    PlanDeviation,
    Reading,
    Sample,
    Scan,
)

PARALLEL = True

_PROBES = 64  # headers that stand for all, when they agree


def plan(scan: Scan, options: DataOptions, *, thorough: bool) -> Plan:
    """Decide on the layout from the headers of the files; see `Source.plan`.

    Raises:
        DataError: If not one file has a readable header.
    """
    medium = named(scan.samples[0].member)
    samples = scan.samples
    few = not thorough and len(samples) > _PROBES
    step = max(1, len(samples) // _PROBES) if few else 1
    headers, skipped = _headers(medium, samples[::step])
    agreed = few and len(set(headers)) == 1 and not skipped
    if few and not agreed:
        headers, skipped = _headers(medium, samples)
    if not headers:
        first = f" (the first, {skipped[0][0]}: {skipped[0][1]})" if skipped else ""
        raise DataError(
            f"Not one of {counted(len(samples), medium.NOUN)} can be read{first}; "
            "check that they are what their names say."
        )
    layout, notes = medium.decide(headers, options)
    reader = FileReader(layout, expected=headers[0] if agreed else None)
    sizes = tuple(header.size for header in headers)
    fitting = medium.fitting(layout)
    return Plan(layout, reader, tuple(notes), tuple(skipped), sizes, fitting)


def _headers(
    medium: Medium, samples: Sequence[Sample]
) -> tuple[list[Header], list[tuple[str, str]]]:
    headers, skipped = [], []
    for sample in samples:
        try:
            headers.append(medium.peek(sample.location))
        except DataError as error:
            skipped.append((sample.name, str(error)))
    return headers, skipped


@dataclass(frozen=True)
class FileReader:
    """Reads files of the medium that their samples name into one layout.

    Attributes:
        layout: The form to reach.
        expected: Header that a few files agreed on and that stands for all.
    """

    layout: Layout
    expected: Header | None = None

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Read the file of a sample; see `Reader.read`."""
        medium = named(sample.member)
        reading, header = medium.decode(sample.location, self.layout, fitted=fitted)
        if self.expected is not None and header != self.expected:
            raise PlanDeviation
        return reading


def reader(layout: Layout) -> FileReader:
    """Return a reader into a layout that is given."""
    return FileReader(layout)


def accepts(path: Path, kind: str) -> bool:
    """Return whether a file or folder is one sample of some medium of that kind."""
    from automl_datasets.media.registry import medium_of

    return medium_of(path, kind) is not None


def read_file(path: Path, layout: Layout) -> Reading:
    """Read one file without resizing.

    Raises:
        DataError: If it cannot be read; the message is the reason.
    """
    from automl_datasets.media.registry import MEDIA, medium_of

    of_kind = [medium for medium in MEDIA if layout.kind == medium.KIND]
    medium = medium_of(path, layout.kind) or of_kind[0]
    sample = Sample(path.name, 0, None, str(path), name_of(medium))
    return FileReader(layout).read(sample, fitted=False)


def refuse_what_only_tables_have(
    path: Path, options: DataOptions, *, holders: str, classes: str
) -> None:
    """Refuse options that need columns or rows, of data whose names tell the classes.

    Args:
        path: The data, for the message.
        options: What is asked for.
        holders: What has no columns, such as "Folders".
        classes: What is a classification, such as "Class folders".

    Raises:
        DataError: If a group, a target, a split by time, or another task is asked for.
    """
    for name, value in {"group": options.group, "target": options.target}.items():
        if value is not None:
            raise DataError(
                f"{holders} have no columns, but the {name} {value!r} is asked for; "
                f"point at a table of paths instead, like {path.name}/labels.csv."
            )
    if options.split == "time":  # they come class by class: the last would be tested
        raise DataError(
            f"{holders} have no order in time, but a split by time is asked for; point "
            f"at a table of paths in that order instead, like {path.name}/labels.csv."
        )
    if options.task not in ("auto", "classification"):
        raise DataError(
            f"{classes} are a classification, but {options.task} is asked for; point "
            "at a table of paths and targets instead."
        )
