"""Which paths of a table may be followed, and why others may not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path, PurePath

Resolve = Callable[[Path], Path]
ABSENT = "there is no such file"


def refusals(
    cells: Iterable[str], folder: Path, *, found: bool = False
) -> dict[str, str | None]:
    """Return for each path of a manifest why it is not used; `None` if it may be.

    Args:
        cells: The paths, relative to `folder` or absolute.
        folder: The folder of the manifest, resolved.
        found: Whether the table was found by the files of the folder: then nothing
            else is meant, and an absolute path may not lead out of it either.
    """
    resolve = cache(Path.resolve)  # of folders: most files share theirs with others
    return {cell: _refusal(cell, folder, resolve, found=found) for cell in cells}


def _refusal(cell: str, folder: Path, resolve: Resolve, *, found: bool) -> str | None:
    if not cell or "\0" in cell:
        return "no path"
    path = folder / cell
    try:
        if not path.exists():
            return ABSENT
        free = PurePath(cell).is_absolute() and not found
        if not free and not _resolved(path, resolve).is_relative_to(folder):
            return "leads out of the folder of the table"
    except (OSError, RuntimeError):  # a text too long for a name; a loop of links
        return "no path that can be followed"
    return None


def _resolved(path: Path, resolve: Resolve) -> Path:
    """Return a path that exists without links; only a link is followed by itself."""
    if path.is_symlink() or path.name == "..":
        return path.resolve()
    return resolve(path.parent) / path.name
