"""Walking folders without surprises: hidden files, symlink loops, odd files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from automl_datasets.errors import DataError

Whole = Callable[[os.DirEntry[str]], bool]


@contextmanager
def permitted(path: str | Path) -> Iterator[None]:
    """Tell of data that the operating system refuses to read, as a user's error.

    Args:
        path: The data that is looked at inside.

    Raises:
        DataError: For any error of the operating system.
    """
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error}); check that it is there, and its "
            "permissions."
        ) from error


def entries(folder: str | Path) -> list[os.DirEntry[str]]:
    """Return what is visible in a folder, ordered by name.

    Raises:
        DataError: If the folder cannot be listed, or what it lists not be opened.
    """
    try:
        with os.scandir(folder) as found:
            visible = [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        raise _unlisted(folder, error) from error
    if not os.access(folder, os.X_OK):
        raise DataError(
            f"The folder {folder} may be listed, but not entered; check its "
            "permissions."
        )
    return sorted(visible, key=lambda entry: entry.name)


def _unlisted(folder: str | Path, error: OSError) -> DataError:
    return DataError(
        f"The folder {folder} cannot be listed ({error.strerror}); check its "
        "permissions."
    )


def is_folder(entry: os.DirEntry[str] | Path) -> bool:
    """Return whether an entry is a folder; never raises.

    A link to itself is none, and what lies below a folder that may not be entered.
    """
    try:
        return entry.is_dir()
    except OSError:
        return False


def is_regular(entry: os.DirEntry[str] | Path) -> bool:
    """Return whether an entry is a regular file; never raises, as `is_folder`."""
    try:
        return entry.is_file()
    except OSError:
        return False


def folders(folder: str | Path) -> list[os.DirEntry[str]]:
    """Return the visible folders inside a folder, ordered by name."""
    return [entry for entry in entries(folder) if is_folder(entry)]


def relative(entry: os.DirEntry[str], root: str | Path) -> str:
    """Return the path of an entry below the folder that the walk began at."""
    return entry.path[len(str(root)) :].lstrip(os.sep)


def files_below(
    folder: str | Path, *, whole: Whole | None = None, within: Sequence[Path] = ()
) -> Iterator[os.DirEntry[str]]:
    """Yield everything visible below a folder that is no folder itself.

    Symbolic links are followed; a folder that was seen already, under whatever
    name, is not entered again, so that no loop of links is endless.

    Args:
        folder: Where to begin.
        whole: Tells of a folder whether to yield it rather than what it holds.
        within: Folders that the walk came through, which links lead back to.

    Raises:
        DataError: If a folder cannot be listed or entered.
    """
    yield from _below(folder, {_identity(above) for above in within}, whole)


def _identity(folder: str | Path) -> tuple[int, int]:
    try:
        status = Path(folder).stat()
    except OSError as error:
        raise _unlisted(folder, error) from error
    return status.st_dev, status.st_ino


def _below(
    folder: str | Path, seen: set[tuple[int, int]], whole: Whole | None
) -> Iterator[os.DirEntry[str]]:
    identity = _identity(folder)
    if identity in seen:
        return
    seen.add(identity)
    for entry in entries(folder):
        if not is_folder(entry) or (whole is not None and whole(entry)):
            yield entry
        else:
            yield from _below(entry.path, seen, whole)
