"""Where exports wait until they are proved, and how they take their place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from automl.export.companions import LABELS_FILE

_STAGE = ".exporting-"  # and the process that writes it


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Yield a path inside a folder for what is not proved yet; it is gone at the end.

    What a killed export left is removed; another one may be at work at the same time.

    Args:
        folder: Where the exports are to lie once they are proved; need not exist.
    """
    for left in folder.glob(f"{_STAGE}*"):
        if not psutil.pid_exists(int(left.name.removeprefix(_STAGE))):
            remove(left)
    stage = folder / f"{_STAGE}{os.getpid()}"
    remove(stage)
    try:
        yield stage
    finally:
        remove(stage)


def put_in_place(stage: Path, folder: Path, names: Sequence[str]) -> None:
    """Move proved exports to where they are looked for, and the labels with them.

    Each is on the disk before it replaces an earlier one, which is there until then.

    Args:
        stage: Where they lie, inside of `folder`.
        folder: Where they are to lie.
        names: Their files or folders; without any, nothing is moved.
    """
    for name in (*names, LABELS_FILE) if names else ():
        new, place = stage / name, folder / name
        _flush(new)
        if place.is_dir():  # nothing replaces a folder in one step
            place.rename(stage / f"old-{name}")
        new.replace(place)


def _flush(path: Path) -> None:
    """Make sure that a file, or a folder with all in it, is on the disk."""
    for part in (path, *path.rglob("*")):
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
