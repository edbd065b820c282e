"""Samples: where they are kept, how they are laid out, what reading them gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from automl_datasets.spec import DataSpec

Array = NDArray[Any]
SPLITS = ("train", "val", "test")


class Sample(NamedTuple):
    """One labelled sample and where it is kept.

    Attributes:
        name: What reports call it, for example `train/cat/1.jpg` or `x_test[12]`.
        target: Index into the classes of its scan; for multi-label tasks one 0 or 1 a
            label, for regressions one number a target.
        split: `train`, `val` or `test` where the data says so, else `None`.
        location: Absolute path of the file that holds it.
        member: Part of the file, where a file holds several arrays; where it holds one
            sample, the name of the medium that reads it.
        place: Place within the member.
        group: Patient, speaker or scan that it belongs to, where a group was asked
            for.
    """

    name: str
    target: int | tuple[float, ...]
    split: str | None
    location: str
    member: str = ""
    place: int = 0
    group: str | None = None


def with_targets(
    samples: Iterable[Sample], values: Iterable[int | tuple[float, ...]]
) -> tuple[Sample, ...]:
    """Return samples with their targets filled in; equally many of both."""
    pairs = zip(samples, values, strict=True)
    return tuple(sample._replace(target=value) for sample, value in pairs)


@dataclass(frozen=True)
class Scan:
    """What a source lists before any sample is read.

    Attributes:
        kind: One of `spec.KINDS`.
        classes: Class or label names, in the order of the targets; empty for a
            regression.
        samples: Every candidate; some may turn out to be unreadable.
        skipped: `(name, reason)` of what is certainly no sample.
        notes: One sentence each: what was found and decided.
        task: One of `spec.TASKS`.
        targets: Names of the target columns of a regression.
    """

    kind: str
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    task: str = "classification"
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """The form that every sample is brought to.

    Attributes:
        kind: One of `spec.KINDS`.
        shape: Shape of one prepared sample, channels last.
        dtype: `uint8`, `uint16`, `float32`, or `int32` for text.
        preprocessing: How a file becomes a sample; see `DataSpec`.
    """

    kind: str
    shape: tuple[int, ...]
    dtype: str
    preprocessing: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: DataSpec) -> Layout:
        """Return the layout that an existing data set was prepared to."""
        return cls(spec.kind, spec.shape, spec.dtype, spec.preprocessing)


class Reading(NamedTuple):
    """One sample as read.

    Attributes:
        array: The sample, channels last, in the dtype of the layout.
        size: Spatial size as the source holds it, before any resizing.
        remarks: What had to be done to it, for example `CMYK converted to RGB`.
    """

    array: Array
    size: tuple[int, ...]
    remarks: tuple[str, ...] = ()


class PlanDeviation(Exception):  # noqa: N818 - a signal to plan again, not a fault
    """A sample contradicts a plan that was drawn from a few samples only."""


class Reader(Protocol):
    """Reads samples into one layout; picklable, since other processes use it."""

    @property
    def layout(self) -> Layout:
        """The form that samples are brought to."""
        ...

    def read(self, sample: Sample, *, fitted: bool) -> Reading:
        """Read one sample.

        Args:
            sample: A sample of a scan by the same source.
            fitted: Whether to resize it to the shape of the layout.

        Raises:
            DataError: If it cannot be read; the message says why in plain words.
            PlanDeviation: If it contradicts a plan drawn from a few samples.
        """
        ...


class Fitted(NamedTuple):
    """What was learned from the training split.

    Attributes:
        preprocessing: Added to the record of how a file becomes a sample.
        transform: Brings rows `(n, *shape)` of the scratch file to their final
            values, of the same shape and dtype; `None` leaves them as they are.
    """

    preprocessing: dict[str, Any]
    transform: Callable[[Array], Array] | None = None


class Fitting(Protocol):
    """Something that has to be learned, from the training split alone."""

    def __call__(self, rows: Iterable[Array]) -> Fitted:
        """Learn from chunks of rows, each `(n, *shape)` in the layout's dtype."""
        ...


@dataclass(frozen=True)
class Plan:
    """How the samples of a scan will be prepared, and why.

    Attributes:
        layout: The form that every sample is brought to.
        reader: Reads samples into that layout.
        notes: One sentence each: why this size, these channels, this dtype.
        skipped: `(name, reason)` of samples whose header cannot be read.
        sizes: Spatial sizes of the samples looked at.
        fitting: What is to be learned from the training split before rows are final.
    """

    layout: Layout
    reader: Reader
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    sizes: tuple[tuple[int, ...], ...] = ()
    fitting: Fitting | None = None


def shape_median(sizes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the median of each dimension, rounded down.

    Example:
        >>> shape_median([(10, 20), (30, 40), (50, 90)])
        (30, 40)
    """
    return tuple(int(v) for v in np.median(np.asarray(sizes), axis=0))
