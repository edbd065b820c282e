"""What the text forms of series share: one line a sample, read when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.naming import counted, shown
from automl_datasets.options import DataOptions
from automl_datasets.samples import (
    Array,
    Layout,
    Plan,
    Reader,
    Reading,
    Sample,
    Scan,
    with_targets,
)
from automl_datasets.series import as_reading, series_layout
from automl_datasets.sources._file_names import samples_beside
from automl_datasets.sources._many_samples import accepts, read_file
from automl_datasets.sources._split_files import (
    candidate_file,
    first_file,
    other_splits,
    split_files,
)
from automl_datasets.targets import decide

# From a line and what its file says of all lines to a series `(length, channels)`.
Parse = Callable[[bytes, str], Array]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def refuse_among_samples(file: Path) -> None:
    """Refuse a file of numbers among files that are as likely the samples.

    Raises:
        DataError: If there are such files.
    """
    if beside := samples_beside(file):
        raise DataError(
            f"{file} lies among {counted(len(beside), 'file')} such as "
            f"{shown(beside[0])}, which its lines do not name; give a CSV table of "
            f"their paths and labels, or {shown(file.name)} itself if its lines are "
            "series."
        )


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


@dataclass
class LineSource:
    """A source whose files hold a labelled series a line; satisfies `Source`.

    Attributes:
        NAME: What users call it.
        FORM: What it looks like.
        SUFFIXES: Endings of its files, lower case.
        recognise_file: Why a file of such an ending is of this form, or `None`.
        listing: Lists what a file holds.
        parse: Understands a line.
        PARALLEL: Whether reading is worth several processes.
    """

    NAME: str
    FORM: str
    SUFFIXES: frozenset[str]
    recognise_file: Callable[[Path], str | None]
    listing: Callable[[Path, DataOptions], Listed]
    parse: Parse
    PARALLEL: bool = False

    def recognise(self, path: Path) -> str | None:
        """Return why a path is taken for series of this form, or `None`."""
        if path.is_dir():
            file = candidate_file(path, self.SUFFIXES)
            named = file and self.recognise(file)
            return f"a folder that holds {named}" if named else None
        if path.suffix.lower() not in self.SUFFIXES or not path.is_file():
            return None
        return self.recognise_file(path)

    def scan(self, path: Path, options: DataOptions) -> Scan:
        """List the series of a file and of the other splits beside it.

        Raises:
            DataError: If there are none, or their labels cannot be used.
        """
        path = path.absolute()
        start = (first_file(path, self.SUFFIXES) or path) if path.is_dir() else path
        files, notes = split_files(start)
        if path.is_dir() and options.kind == "auto" and len(files) == 1:
            refuse_among_samples(start)
        if options.group is not None:
            raise DataError(
                f"{path} has no columns, so none to group by such as "
                f"{options.group!r}; leave `group` out, or give a CSV file."
            )
        listed = [(split, file, self.listing(file, options)) for split, file in files]
        samples, labels, skipped = _labelled(listed)
        if not samples:
            raise DataError(f"{path} holds no labelled series; add some.")
        first = listed[0][2]
        if options.task == "auto":
            options = replace(options, task=first.task)
        order = _order([part.order for _, _, part in listed], labels)
        columns = {first.target: labels}
        targets = decide(columns, options, source=str(start), order=order)
        return Scan(
            "series",
            targets.classes,
            with_targets(samples, targets.values),
            tuple(skipped),
            (*notes, *dict.fromkeys(first.notes), *targets.notes),
            targets.task,
            targets.names,
        )

    def beside(self, path: Path) -> list[Path]:
        """Return the files of the other splits; see `Source.beside`."""
        return other_splits(path)

    def plan(self, scan: Scan, options: DataOptions, *, thorough: bool) -> Plan:
        """Decide on length and channels from all series; see `Source.plan`.

        Raises:
            DataError: If not one can be read.
        """
        return plan_series(
            scan, lambda sample: read_line(sample, self.parse), self.reader
        )

    def reader(self, layout: Layout) -> LineReader:
        """Return a reader into a layout that is given."""
        return LineReader(layout, self.parse)

    def accepts(self, path: Path, kind: str) -> bool:
        """Return `False`; see `_many_samples`."""
        return accepts(path, kind)

    def read_file(self, path: Path, layout: Layout) -> Reading:
        """Refuse a file of many samples; see `_many_samples`."""
        return read_file(path, layout)
