"""Class folders that stand whatever a table in a folder beside them says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from automl_datasets.media.registry import most_common
from automl_datasets.naming import suffix_of
from automl_datasets.sources._class_roots import class_roots
from automl_datasets.sources._file_names import samples_below
from automl_datasets.sources._folder_names import (
    are_parts,
    is_split_like,
    is_structure,
    is_wrapper,
)
from automl_datasets.sources.tables import SUFFIXES

_FEWEST = 2


def own_classes(folder: Path) -> list[Path]:
    """Return the folders whose names are classes, in a folder or its split folders.

    Numbered parts, splits, and folders called by what files are for are none: where
    there is nothing else, a table has to tell the classes.

    Raises:
        DataError: If a folder cannot be listed.
    """
    below = [folder / path for path in samples_below(folder)]
    files = [path for path in below if suffix_of(path.name) not in SUFFIXES]
    medium = most_common(map(str, files), "auto")
    if medium is None:
        return []
    samples = [path for path in files if suffix_of(path.name) in medium.SUFFIXES]
    found = []
    for _, root in class_roots(folder, "auto").folders:
        names = [n for n in _holding(samples, root) if _may_be_class(n, root)]
        if len(names) >= _FEWEST and not are_parts(names):
            found += [root / name for name in names]
    return found


def _may_be_class(name: str, root: Path) -> bool:
    general = is_structure(name) or is_wrapper(name, root.name)
    return not general and not is_split_like(name)


def _holding(samples: Sequence[Path], root: Path) -> list[str]:
    """Return the names of the folders in a folder that hold samples."""
    below = [path.relative_to(root) for path in samples if path.is_relative_to(root)]
    return sorted({path.parts[0] for path in below if len(path.parts) > 1})
