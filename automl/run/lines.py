"""Files that grow line by line, whatever is killed when: JSON, one value a line."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from automl.run.atomic import plain_number, write_text


def write_lines(path: Path, values: Iterable[Any]) -> None:
    """Replace a file by one line a value, atomically.

    Raises:
        OSError: If the disk is full or the folder can't be written; `path` is then
            as it was before.
        ValueError: If a value holds NaN or an infinity.
    """
    write_text(path, "".join(_line(value) for value in values))


def append_line(path: Path, value: Any) -> None:
    """Add one line, and flush it to the disk.

    Raises:
        OSError: If the disk is full; the file is then as it was before.
        ValueError: If `value` holds NaN or an infinity.
    """
    line = _line(value).encode()
    with path.open("ab", buffering=0) as file:
        end = file.tell()
        try:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.fsync(file.fileno())
        except BaseException:
            file.truncate(end)
            raise


def read_lines(path: Path) -> Iterator[Any]:
    """Yield the values; a last line that a kill cut short was never written."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)


def _line(value: Any) -> str:
    return json.dumps(value, allow_nan=False, default=plain_number) + "\n"
