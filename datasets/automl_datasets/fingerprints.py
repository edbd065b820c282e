"""Knowing again data that has not changed, without reading it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import files_below, relative
from automl_datasets.options import DataOptions


def fingerprint(options: DataOptions) -> str:
    """Return a hash over names, sizes and modification times of all the data.

    Names are relative, so that data that is moved as it is keeps its fingerprint.

    Raises:
        DataError: If there is nothing at a path.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in (options.source, options.test_data):
        if path is not None:
            _add(digest, Path(path))
    return digest.hexdigest()


def _add(digest: hashlib.blake2b, path: Path) -> None:
    if not path.exists():
        raise DataError(f"There is nothing at {path}; check the path.")
    if path.is_file():
        _add_file(digest, path.name, path.stat())
        return
    for entry in files_below(path):
        # A dead link has no size of its own; its own time must do.
        alive = entry.is_file()
        name = relative(entry, path)
        _add_file(digest, name, entry.stat(follow_symlinks=alive))


def _add_file(digest: hashlib.blake2b, name: str, status: os.stat_result) -> None:
    digest.update(os.fsencode(name))
    digest.update(f"\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
