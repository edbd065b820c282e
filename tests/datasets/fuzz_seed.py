"""A good file that tests spoil."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Pack = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Seed:
    """A good file.

    Attributes:
        name: Of the file.
        content: What is spoilt.
        medium: Module in `automl_datasets.media` that reads it as one sample; an empty
            text where it holds many samples.
        pack: What becomes of the spoilt content before it is the file, so that changes
            are not merely found by a checksum.
        beside: Contents of other files that belong to it, by name.
        opened: Name of the file that is given to the reader; by default the spoilt one.
    """

    name: str
    content: bytes
    medium: str = ""
    pack: Pack = bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)
    opened: str = ""

    def write(self, folder: Path, content: bytes) -> Path:
        """Write it with that content, and what belongs to it; return what to read."""
        for name, other in self.beside.items():
            (folder / name).write_bytes(other)
        (folder / self.name).write_bytes(self.pack(content))
        return folder / (self.opened or self.name)


def written(write: Callable[[io.BytesIO], object]) -> bytes:
    """Return what is written to a file."""
    file = io.BytesIO()
    write(file)
    return file.getvalue()
