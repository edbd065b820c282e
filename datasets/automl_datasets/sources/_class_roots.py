"""Where the class folders are: in the folder given, in a wrapper, in split folders."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from automl_datasets.listing import files_below, folders
from automl_datasets.media._base import Medium
from automl_datasets.media.registry import most_common
from automl_datasets.naming import quoted, shown
from automl_datasets.sources._folder_names import (
    is_split_like,
    is_structure,
    is_wrapper,
)
from automl_datasets.sources._split_folders import split_folders
from automl_datasets.sources._split_words import split_word

_LOOKED_AT = 20_000  # files whose endings tell what most are


@dataclass(frozen=True)
class ClassRoots:
    """The folders that hold class folders.

    Attributes:
        top: The folder that they all are or lie in.
        folders: Each with the split that it declares, if it does.
        flat: Folders of samples without class folders, each with its split.
        notes: One sentence each: how they were found, and what was left out.
    """

    top: Path
    folders: tuple[tuple[str | None, Path], ...]
    flat: tuple[tuple[str, Path], ...] = ()
    notes: tuple[str, ...] = ()


def common_medium(path: Path, kind: str) -> Medium | None:
    """Return the medium of most files below a folder, of a kind or `auto`."""
    below = islice(files_below(path), _LOOKED_AT)
    return most_common((entry.path for entry in below), kind)


def class_roots(path: Path, kind: str) -> ClassRoots:
    """Return the folders that hold the class folders of some data.

    Args:
        path: The folder that was given.
        kind: One of `spec.KINDS` that the samples must be of, or `auto`.
    """
    top = _unwrapped(path, kind)
    notes = _wrapper_notes(top, path)
    splits = split_folders(top)
    notes += splits.notes
    found = []
    for split, folder in splits.declared:
        root = folder if split is None else _unwrapped(folder, kind)
        found.append((split, root))
        notes += _wrapper_notes(root, folder)
    return ClassRoots(top, tuple(found), tuple(splits.flat), tuple(notes))


def _unwrapped(folder: Path, kind: str) -> Path:
    """Return the folder in a folder, or in that, that wraps the class folders."""
    inside = folders(folder)
    wrappers = [entry for entry in inside if is_wrapper(entry.name, folder.name)]
    if len(wrappers) != 1:
        return folder
    wrapper = Path(wrappers[0].path)
    medium = common_medium(wrapper, kind)
    beside = [Path(entry.path) for entry in inside if entry is not wrappers[0]]
    if medium is None or any(_competes(other, medium) for other in beside):
        return folder
    deeper = _unwrapped(wrapper, kind)
    return deeper if _holds_classes(deeper, medium) else folder


def _competes(folder: Path, medium: Medium) -> bool:
    """Return whether a folder beside a wrapper holds samples of a class, or classes.

    Samples to test on, without class folders, have no labels.
    """
    if is_split_like(folder.name) and all(
        is_structure(entry.name) for entry in folders(folder)
    ):
        return False
    return not is_structure(folder.name) and _holds(folder, medium)


def _holds_classes(folder: Path, medium: Medium) -> bool:
    if split_folders(folder).declared != [(None, folder)]:
        return True
    classes = [e for e in folders(folder) if _holds(Path(e.path), medium)]
    return len(classes) > 1 and not all(split_word(entry.name) for entry in classes)


def _holds(folder: Path, medium: Medium) -> bool:
    below = islice(files_below(folder), _LOOKED_AT)
    return any(medium.accepts(Path(entry.path)) for entry in below)


def _wrapper_notes(root: Path, folder: Path) -> list[str]:
    if root == folder:
        return []
    beside = [e.name for e in folders(root.parent) if e.name != root.name]
    also = f"; not read as classes: {', '.join(map(quoted, map(shown, beside)))}"
    return [
        f"The class folders are in {shown(str(root.relative_to(folder.parent)))}/, "
        f"which is no class itself{also if beside else ''}."
    ]
