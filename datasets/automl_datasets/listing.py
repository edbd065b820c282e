"""Walking folders without surprises: hidden files, symlink loops, odd files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from automl_datasets.errors import DataError


def entries(folder: str | Path) -> list[os.DirEntry[str]]:
    """Return what is visible in a folder, ordered by name.

    Raises:
        DataError: If the folder cannot be listed.
    """
    try:
        with os.scandir(folder) as found:
            visible = [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        raise DataError(
            f"The folder {folder} cannot be listed ({error.strerror}); "
            "check its permissions."
        ) from error
    return sorted(visible, key=lambda entry: entry.name)


def folders(folder: str | Path) -> list[os.DirEntry[str]]:
    """Return the visible folders inside a folder, ordered by name."""
    return [entry for entry in entries(folder) if entry.is_dir()]


def relative(entry: os.DirEntry[str], root: str | Path) -> str:
    """Return the path of an entry below the folder that the walk began at."""
    return entry.path[len(str(root)) :].lstrip(os.sep)


def files_below(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    """Yield everything visible below a folder that is no folder itself.

    Symbolic links are followed; a folder that was seen already, under whatever
    name, is not entered again, so that no loop of links is endless.
    """
    yield from _below(folder, set())


def _below(
    folder: str | Path, seen: set[tuple[int, int]]
) -> Iterator[os.DirEntry[str]]:
    status = Path(folder).stat()
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return
    seen.add(identity)
    for entry in entries(folder):
        if entry.is_dir():
            yield from _below(entry.path, seen)
        else:
            yield entry
