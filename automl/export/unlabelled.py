"""Samples to predict: files, folders of files, and tables with a sample a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from automl_datasets.errors import DataError
from automl_datasets.inputs import columns_read, expand, read_input
from automl_datasets.options import DataOptions
from automl_datasets.sources import Layout, Reader, Sample, Scan, Source, csv_table
from automl_datasets.sources.registry import SOURCES, recognise
from automl_datasets.sources.tables import SUFFIXES, Columns, read_columns
from automl_datasets.sources.value_rows import value_rows
from automl_datasets.spec import DataSpec

Refuse = Callable[[str, DataError], None]
Named = tuple[str, np.ndarray]


def read_unlabelled(
    paths: Sequence[str | Path], spec: DataSpec, refuse: Refuse
) -> Iterator[Named]:
    """Yield names and samples, in the order given, as the training read them.

    A table of texts gives one a row, labelled or not, out of the column that the
    training read or, where it is not there, that with the most text; one with as many
    columns as a series has steps, or an image pixels, is one of values alone. Of other
    files that hold many samples, those with a label are predicted; what the label is
    does not matter. A row is named `file[row]`.

    Args:
        paths: Files, and folders that stand for the files in them.
        spec: The data that the model was trained on.
        refuse: Called with the name of a sample that can't be read, and the error.

    Raises:
        DataError: If a path does not exist.
    """
    for path in expand(paths, spec):
        try:
            if samples := value_rows(path, spec):
                yield from _read(
                    csv_table.reader(Layout.of(spec)), samples, path, refuse
                )
            elif any(source.accepts(path, spec.kind) for source in SOURCES):
                yield str(path), read_input(path, spec)
            elif spec.kind == "text" and path.suffix.lower() in SUFFIXES:
                yield from _texts(path, spec, refuse)
            else:
                yield from _rows(path, spec, refuse)
        except DataError as error:
            refuse(str(path), error)


def _texts(path: Path, spec: DataSpec, refuse: Refuse) -> Iterator[Named]:
    problems: list[str] = []
    columns = read_columns(path, problems=problems)
    for problem in problems:
        refuse(str(path), DataError(f"{path} is not read in full: {problem}."))
    known = [name for name in columns_read(spec) if name in columns]
    cells = columns[known[0]] if known else _wordiest(columns)
    for row, text in enumerate(cells):
        name = f"{path}[{row}]"
        if text.strip():
            yield name, np.array(text, dtype=object)
        else:
            refuse(name, DataError(f"{name} holds no word."))


def _wordiest(columns: Columns) -> list[str]:
    """Return the column that holds the most characters: labels are short."""
    return max(columns.values(), key=lambda cells: sum(map(len, cells)))


def _rows(path: Path, spec: DataSpec, refuse: Refuse) -> Iterator[Named]:
    source, scan = _scanned(path, spec)
    if scan.kind != spec.kind:
        raise DataError(
            f"{path} holds samples of kind {scan.kind}, but the model takes "
            f"{spec.kind}; give inputs like the training data."
        )
    for name, reason in scan.skipped:
        if name.startswith(path.name):
            refuse(name, DataError(f"{path.parent / name} can't be read: {reason}."))
    # A set that is found with its other split beside it is asked for alone.
    own = [s for s in scan.samples if Path(s.location).name == path.name]
    yield from _read(source.reader(Layout.of(spec)), own, path, refuse)


def _read(
    reader: Reader, samples: Sequence[Sample], path: Path, refuse: Refuse
) -> Iterator[Named]:
    for sample in samples:
        name = _row_name(path, sample)
        try:
            yield name, reader.read(sample, fitted=False).array
        except DataError as error:
            refuse(name, DataError(f"{name} can't be read: {error}."))


def _scanned(path: Path, spec: DataSpec) -> tuple[Source, Scan]:
    try:
        source, _ = recognise(path)
    except DataError as error:  # which lists all that a search would take
        raise _unfit(path, spec) from error
    options = DataOptions(
        str(path),
        kind=spec.kind,
        task=spec.task,
        columns=columns_read(spec),
        labels=spec.classes,
    )
    try:
        return source, source.scan(path, options)
    except DataError as error:
        raise _unfit(path, spec, f" ({str(error).rstrip('.')})") from error


def _unfit(path: Path, spec: DataSpec, why: str = "") -> DataError:
    return DataError(
        f"{path} is no {spec.kind} that can be read, nor a set of them{why}; give "
        "inputs like the training data."
    )


def _row_name(path: Path, sample: Sample) -> str:
    """Return for example `waves.ts[12]` or `digits.npz:x_test[12]`."""
    if sample.name.startswith(path.name):
        return str(path.parent / sample.name)
    return f"{path}:{sample.name}"
