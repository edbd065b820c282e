"""What sources share whose files hold many samples."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from automl_datasets.errors import DataError
from automl_datasets.samples import Layout, Reading

Opened = TypeVar("Opened")


def accepts(path: Path, kind: str) -> bool:
    """Return `False`: such a file is not one unlabelled sample."""
    return False


def read_file(path: Path, layout: Layout) -> Reading:
    """Refuse a file of many samples.

    Raises:
        DataError: Always.
    """
    raise DataError("holds many samples; give a file of one")


@dataclass
class LastOpened(Generic[Opened]):
    """What was opened last: samples come in the order of their files.

    Pickled, it leaves what is open behind: another process opens it itself.
    """

    _held: dict[Hashable, Opened] = field(default_factory=dict)

    def get(self, key: Hashable, open_it: Callable[[], Opened]) -> Opened:
        """Return what belongs to a key, opened if it is not what was used last."""
        if key not in self._held:
            self._held.clear()
            self._held[key] = open_it()
        return self._held[key]

    def __getstate__(self) -> dict[str, Any]:
        """Leave what is open behind."""
        return {"_held": {}}
