"""What a kind of source is: the interface that every reader module satisfies."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from automl_datasets.options import DataOptions
from automl_datasets.samples import Layout, Plan, Reader, Reading, Scan


class Source(Protocol):
    """A kind of source; a module with these names satisfies it.

    Attributes:
        NAME: What users call it.
        FORM: What it looks like, for the message when nothing is recognised.
        PARALLEL: Whether reading is worth several processes.
    """

    NAME: str
    FORM: str
    PARALLEL: bool

    def recognise(self, path: Path) -> str | None:
        """Return why `path` is of this kind, or `None` if it is not."""
        ...

    def scan(self, path: Path, options: DataOptions) -> Scan:
        """List the samples at `path` without reading them.

        Args:
            path: What was recognised: the data, or separate test data.
            options: What the user says about the data: targets, task, group.

        Raises:
            DataError: If there is nothing that could be a sample.
        """
        ...

    def beside(self, path: Path) -> Iterable[Path]:
        """Return the files and folders that are read besides `path`.

        They make `path` one data set, but are neither it nor below it: other splits,
        the files that a table lists, whether they exist or not. When one changes, the
        data has changed.

        Args:
            path: What was recognised, absolute.
        """
        ...

    def plan(self, scan: Scan, options: DataOptions, *, thorough: bool) -> Plan:
        """Decide on the layout, from headers only.

        Args:
            scan: What `scan` returned, perhaps with test data added.
            options: What the user says about the data: sizes.
            thorough: Whether to look at every sample; otherwise a few may stand
                for all, and the reader watches for one that differs.
        """
        ...

    def reader(self, layout: Layout) -> Reader:
        """Return a reader into a layout that is given."""
        ...

    def accepts(self, path: Path, kind: str) -> bool:
        """Return whether the file is one unlabelled sample that this source reads."""
        ...

    def read_file(self, path: Path, layout: Layout) -> Reading:
        """Read one unlabelled sample, without resizing.

        Raises:
            DataError: If it cannot be read.
        """
        ...
