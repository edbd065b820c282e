"""Knowing again data that has not changed, without reading it."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from automl_datasets.listing import files_below, permitted, relative
from automl_datasets.options import DataOptions
from automl_datasets.sources import Source
from automl_datasets.sources.registry import recognise


def fingerprint(options: DataOptions, source: Source | None = None) -> str:
    """Return a hash over names, sizes and modification times of all the data.

    All the data is what lies at the paths, and what a source reads besides: the other
    splits of a file, the files that a table lists. Names are relative, so that data
    that is moved as it is keeps its fingerprint.

    Args:
        options: Where the data is.
        source: What reads it; found out where it is `None`.

    Raises:
        DataError: If there is nothing at a path, nobody recognises it, or it cannot
            be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in (options.source, options.test_data):
        if path is not None:
            _add_data(digest, Path(path).absolute(), source)
    return digest.hexdigest()


def _add_data(digest: hashlib.blake2b, path: Path, source: Source | None) -> None:
    known = source or recognise(path)[0]
    _add(digest, path, path.name if path.is_file() else "")
    for other in known.beside(path):
        _add(digest, other, os.path.relpath(other, path.parent))


def _add(digest: hashlib.blake2b, path: Path, name: str) -> None:
    """Add a file, or all that is below a folder; what is not there adds nothing."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # a table may list what is no file, even no name
        return
    if not stat.S_ISDIR(status.st_mode):
        _add_file(digest, name, status)
        return
    for entry in files_below(path):
        try:
            status = entry.stat()
        except OSError:  # a dead link has no size of its own; its own time must do
            with permitted(path):
                status = entry.stat(follow_symlinks=False)
        _add_file(digest, f"{name}/{relative(entry, path)}", status)


def _add_file(digest: hashlib.blake2b, name: str, status: os.stat_result) -> None:
    digest.update(os.fsencode(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0"))
