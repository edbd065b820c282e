"""What the text forms of series share: one line a sample, read when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.naming import counted, shown
from automl_datasets.options import DataOptions
from automl_datasets.series import as_reading, series_layout
from automl_datasets.sources._base import (
    Array,
    Layout,
    Plan,
    Reader,
    Reading,
    Sample,
    Scan,
    with_targets,
)
from automl_datasets.sources._split_files import first_file, split_files
from automl_datasets.targets import decide

# From a line and what its file says of all lines to a series `(length, channels)`.
Parse = Callable[[bytes, str], Array]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line that holds a labelled series.

    Attributes:
        place: Where it starts, in bytes from the start of the file.
        label: As it is written; empty where it is missing.
    """

    place: int
    label: str


class Listed(NamedTuple):
    """What a file lists.

    Attributes:
        lines: One a series.
        member: What `Parse` has to know of the file.
        task: The task that the file declares, or `auto`.
        order: The classes that it declares, in their order.
        target: What it calls the label.
        notes: One sentence each.
    """

    lines: list[Line]
    member: str = ""
    task: str = "auto"
    order: tuple[str, ...] | None = None
    target: str = "label"
    notes: tuple[str, ...] = ()


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the place of each line that is not blank, and the line without its end.

    Raises:
        DataError: If the file cannot be read.
    """
    place = 0
    try:
        with path.open("rb") as file:
            for line in file:
                text = line.removeprefix(_BYTE_ORDER_MARK) if not place else line
                if text.strip():
                    yield place, text.strip(b"\r\n")
                place += len(line)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}); check its permissions."
        ) from error


def scan_lines(
    path: Path,
    options: DataOptions,
    listing: Callable[[Path], Listed],
    suffixes: frozenset[str],
) -> Scan:
    """List the series of the files that are one data set with `path`.

    Raises:
        DataError: If there are none, or their labels cannot be used.
    """
    path = path.absolute()
    start = (first_file(path, suffixes) or path) if path.is_dir() else path
    files, notes = split_files(start)
    if options.group is not None:
        raise DataError(
            f"{path} has no columns, so none to group by such as {options.group!r}; "
            "leave `group` out, or give a CSV file."
        )
    listed = [(split, file, listing(file)) for split, file in files]
    samples, labels, skipped = _labelled(listed)
    if not samples:
        raise DataError(f"{path} holds no labelled series; add some.")
    first = listed[0][2]
    if options.task == "auto":
        options = replace(options, task=first.task)
    order = _order([part.order for _, _, part in listed], labels)
    targets = decide({first.target: labels}, options, source=str(start), order=order)
    return Scan(
        "series",
        targets.classes,
        with_targets(samples, targets.values),
        tuple(skipped),
        (*notes, *dict.fromkeys(first.notes), *targets.notes),
        targets.task,
        targets.names,
    )


def _labelled(
    listed: Iterable[tuple[str | None, Path, Listed]],
) -> tuple[list[Sample], list[str], list[tuple[str, str]]]:
    samples, labels, skipped = [], [], []
    for split, file, part in listed:
        for number, line in enumerate(part.lines):
            name = f"{shown(file.name)}[{number}]"
            if line.label in ("", "?"):
                skipped.append((name, "has no label"))
                continue
            samples.append(Sample(name, 0, split, str(file), part.member, line.place))
            labels.append(line.label)
    return samples, labels, skipped


def _order(
    declared: Sequence[tuple[str, ...] | None], labels: Sequence[str]
) -> tuple[str, ...] | None:
    """Return the declared classes, unless a label is not among them."""
    known = dict.fromkeys(name for names in declared for name in names or ())
    return tuple(known) if known and set(labels) <= set(known) else None


def plan_lines(scan: Scan, parse: Parse) -> Plan:
    """Decide on length and channels from all series.

    Raises:
        DataError: If not one can be read.
    """
    return plan_series(
        scan,
        lambda sample: read_line(sample, parse),
        lambda layout: LineReader(layout, parse),
    )


def plan_series(
    scan: Scan,
    load: Callable[[Sample], Array],
    reader: Callable[[Layout], Reader],
) -> Plan:
    """Decide on length and channels from the series that `load` returns.

    Raises:
        DataError: If not one can be read.
    """
    sizes, skipped = [], []
    for sample in scan.samples:
        try:
            length, channels = load(sample).shape
        except DataError as error:
            skipped.append((sample.name, str(error)))
            continue
        if length:
            sizes.append((length, channels))
    if not sizes:
        name, reason = (
            skipped[0] if skipped else (scan.samples[0].name, "holds no value")
        )
        raise DataError(
            f"Not one of {counted(len(scan.samples), 'series')} can be read (the "
            f"first, {name}: {reason}); check the file."
        )
    layout, notes = series_layout(sizes)
    lengths = tuple((length,) for length, _ in sizes)
    return Plan(layout, reader(layout), notes, tuple(skipped), lengths)


def read_line(sample: Sample, parse: Parse) -> Array:
    """Return the series of a sample, `(length, channels)`, at its own length.

    Raises:
        DataError: If it cannot be read.
    """
    try:
        with Path(sample.location).open("rb") as file:
            file.seek(sample.place)
            line = file.readline()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}") from error
    return parse(line.removeprefix(_BYTE_ORDER_MARK).strip(b"\r\n"), sample.member)


@dataclass(frozen=True)
class LineReader:
    """Reads series from lines.

    Attributes:
        layout: The form to reach.
        parse: Understands a line.
    """

    layout: Layout
    parse: Parse

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Read the series of a sample; see `Reader.read`."""
        return as_reading(read_line(sample, self.parse), self.layout, fitted=fitted)
