"""Runs that somebody else may have made: nothing leads out of their folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from automl.errors import RequestError

_FOLDER = re.compile(r"[A-Za-z0-9_-]+")


def check_folder_name(name: object) -> str:
    """Return the name of a trial or a training, which is that of its folder too.

    Raises:
        RequestError: If it is none, but perhaps a path to somewhere else.
    """
    if not isinstance(name, str) or not _FOLDER.fullmatch(name):
        raise RequestError(
            f"The run's record has a trial or a training called {name!r}, which is no "
            "name that automl gives; give another run."
        )
    return name


def refuse_links(run: Path) -> None:
    """Refuse a run with a symbolic link that leads out of it.

    Raises:
        RequestError: If there is one.
    """
    root = run.resolve()
    for link in _links(root):
        target = Path(os.path.realpath(link))
        if not target.is_relative_to(root):
            raise RequestError(
                f"{link} leads out of its run, to {target}, where files could be "
                "overwritten; put what it leads to in its place, or remove it."
            )


def _links(folder: Path) -> Iterator[Path]:
    # A search that is under way may remove a folder meanwhile.
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                yield Path(entry.path)
            elif entry.is_dir():
                yield from _links(Path(entry.path))
