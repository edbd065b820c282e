"""Files that are either whole or not there, whatever is killed when."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file aside, flush it to the disk, and rename it into place.

    Args:
        path: The file to write; its folder is made where it is missing.
        write: Called with the open file.

    Raises:
        OSError: If the disk is full or the folder can't be written; `path` is then
            as it was before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically; see `write_atomically`."""
    write_atomically(path, lambda file: file.write(text.encode()))


def write_json(path: Path, value: Any) -> None:
    """Write strict JSON atomically; see `write_atomically`.

    Raises:
        ValueError: If `value` holds NaN or an infinity.
    """
    write_text(path, json.dumps(value, indent=1, allow_nan=False, default=plain_number))


def read_json(path: Path) -> Any:
    """Return what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def plain_number(value: Any) -> Any:
    """Turn numpy scalars, which reach us through libraries, into Python numbers."""
    if hasattr(value, "item"):
        return value.item()
    message = f"{type(value).__name__} can't be written as JSON"
    raise TypeError(message)
