"""What a medium is: one kind of file that holds one sample."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from automl_datasets.options import DataOptions
from automl_datasets.samples import Fitting, Layout, Reading


class Header(Protocol):
    """What is known of a file before its numbers are read; equal headers are alike."""

    @property
    def size(self) -> tuple[int, ...]:
        """Spatial size as the file holds it."""
        ...

    def __hash__(self) -> int:
        """Return a hash, so that headers can be compared in bulk."""
        ...


class Decision(NamedTuple):
    """The layout that all files are brought to, and why.

    Attributes:
        layout: Kind, shape, dtype, and the rule by which a file becomes a sample.
        notes: One sentence each.
    """

    layout: Layout
    notes: tuple[str, ...]


class Medium(Protocol):
    """A kind of file; a module of this package with these names satisfies it.

    Attributes:
        KIND: One of `spec.KINDS`.
        NOUN: What one of its files is called in messages, for example `wav file`.
        SUFFIXES: Endings of its files, lower case, such as `.nii.gz`.
        PARALLEL: Whether reading is worth several processes.
        REQUIRES: The extra of this distribution that it needs, or an empty text.
    """

    KIND: str
    NOUN: str
    SUFFIXES: frozenset[str]
    PARALLEL: bool
    REQUIRES: str

    def accepts(self, path: Path) -> bool:
        """Return whether a file, or a folder that is one sample, is of this kind.

        By its ending, or else by its first bytes; cheap, and never raises.
        """
        ...

    def peek(self, location: str) -> Header:
        """Read the header of a file.

        Raises:
            DataError: If it cannot be read; the message is a plain reason.
        """
        ...

    def decide(self, headers: Sequence[Header], options: DataOptions) -> Decision:
        """Decide on the layout; at least one header is given."""
        ...

    def decode(
        self, location: str, layout: Layout, *, fitted: bool
    ) -> tuple[Reading, Header]:
        """Read a file into a layout.

        Args:
            location: Path of the file, or of the folder that is one sample.
            layout: What `decide` returned.
            fitted: Whether to bring it to exactly `layout.shape`; otherwise its
                spatial size stays as the export takes it.

        Returns:
            The reading, and the header, to be compared with what a few files agreed
            on.

        Raises:
            DataError: If it cannot be read; the message is a plain reason.
        """
        ...

    def fitting(self, layout: Layout) -> Fitting | None:
        """Return what is to be learned from the training split, or `None`.

        Args:
            layout: What `decide` returned.
        """
        ...


def name_of(medium: Medium) -> str:
    """Return the name of a medium's module, which tells it in a pickle."""
    return str(medium.__name__).rpartition(".")[2]  # type: ignore[attr-defined]


@cache
def named(name: str) -> Medium:
    """Return the medium of a module's name, without importing any other."""
    return cast("Medium", import_module(f"{__package__}.{name}"))
