"""New inputs for a model that exists: files to predict, labelled data to score on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import files_below, is_folder, permitted
from automl_datasets.options import DataOptions
from automl_datasets.samples import Array
from automl_datasets.sources import Layout, Reader, Sample
from automl_datasets.sources.registry import SOURCES, recognise
from automl_datasets.spec import DataSpec
from automl_datasets.survey import evaluation_samples, retarget

Target = int | tuple[float, ...]


def read_input(path: str | Path, spec: DataSpec) -> Array:
    """Read one file as the training did, but without resizing.

    Args:
        path: An image, or a `.npy` file that holds one sample.
        spec: The data set that the model was trained on.

    Returns:
        The sample, channels last, in the dtype of `spec`.

    Raises:
        DataError: If it cannot be read.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"There is nothing at {path}; check the path.")
    sources = [s for s in SOURCES if s.accepts(path, spec.kind)]
    if not sources:
        raise DataError(f"{path} is no {spec.kind} that can be read; check the file.")
    try:
        return sources[0].read_file(path, Layout.of(spec)).array
    except DataError as error:
        raise DataError(f"{path} cannot be read: {error}.") from error


def expand(paths: Sequence[str | Path], spec: DataSpec) -> list[Path]:
    """Return files as they are, and of folders every input file below them.

    Raises:
        DataError: If a path does not exist, or a folder holds no input.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise DataError(f"There is nothing at {path}; check the path.")
        if not is_folder(path):
            files.append(path)
            continue
        below = [Path(entry.path) for entry in files_below(path)]
        inputs = [p for p in below if any(s.accepts(p, spec.kind) for s in SOURCES)]
        if not inputs:
            raise DataError(f"The folder {path} holds no {spec.kind} that can be read.")
        files += inputs
    return files


@dataclass
class LabelledData:
    """Labelled samples for a model that exists; iterate to read them one by one.

    Attributes:
        samples: What there is to read, with targets that index the model's classes.
        reader: Reads them as the training did.
        unfit: `(name, reason)` of files that are no samples.
        refused: `(name, reason)` of samples that could not be read; complete once
            iterated.
    """

    samples: Sequence[Sample]
    reader: Reader
    unfit: Sequence[tuple[str, str]] = ()
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """`(name, reason)` of all that was not read; complete once iterated."""
        return [*self.unfit, *self.refused]

    def __len__(self) -> int:
        """Return the number of samples, unreadable ones included."""
        return len(self.samples)

    def __iter__(self) -> Iterator[tuple[str, Array, Target]]:
        """Yield the name, the sample without resizing, and the target."""
        self.refused = []
        for sample in self.samples:
            try:
                reading = self.reader.read(sample, fitted=False)
            except DataError as error:
                self.refused.append((sample.name, str(error)))
                continue
            yield sample.name, reading.array, sample.target


def columns_read(spec: DataSpec) -> tuple[str, ...]:
    """Return the columns of a table that the training read, where that is known."""
    return tuple(spec.preprocessing.get("columns", ()))


def labelled(options: DataOptions, spec: DataSpec) -> LabelledData:
    """Return the labelled data at a path for a model that exists.

    Args:
        options: Where the data is; its test split is taken where it has splits, but
            of a file that is one split of several, that one.
        spec: The data set that the model was trained on.

    Raises:
        DataError: If the data is of another kind, or a class is unknown.
    """
    path = Path(options.test_data or options.source)
    told = replace(
        options,
        task=spec.task,
        kind=spec.kind,
        columns=columns_read(spec),
        labels=spec.classes,
    )
    with permitted(path):
        source, _ = recognise(path)
        scan = source.scan(path, told)
    if scan.kind != spec.kind:
        raise DataError(
            f"{path} holds samples of kind {scan.kind}, but the model takes "
            f"{spec.kind}; give data like the training data."
        )
    chosen = evaluation_samples(scan, path)
    samples = retarget(chosen, scan, spec, path)
    return LabelledData(samples, source.reader(Layout.of(spec)), scan.skipped)
