"""Folders that declare splits: `train/ val/ test/`, each with class folders inside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import folders
from automl_datasets.naming import shown
from automl_datasets.sources._base import SPLITS
from automl_datasets.sources._folder_names import is_structure
from automl_datasets.sources._split_files import split_word

_FEWEST_CLASSES = 4  # that leave no doubt that they are classes, whatever their names


def split_folders(path: Path) -> tuple[list[tuple[str | None, Path]], list[str]]:
    """Return the folders that hold class folders, each with its split, and notes.

    Classes may be called `train` or `test` themselves. So these names mean splits
    only where they hold folders, and where `train` does and another of them beside
    it, or no folder of another name stands beside them.
    """
    inside = folders(path)
    named = [
        (split, Path(entry.path))
        for entry in inside
        if (split := split_word(entry.name)) is not None
    ]
    nested = [(split, folder) for split, folder in named if folders(folder)]
    splits = {split for split, _ in nested}
    together = "train" in splits and (len(splits) > 1 or len(named) == len(inside))
    if not nested or not (together or len(nested) == len(inside)):
        return [(None, path)], []
    declared = [
        (split, folder)
        for split, folder in nested
        if split == "train" or not _lacks_classes(folder)
    ]
    if not declared:
        return [(None, path)], []
    kept = ", ".join(f"{shown(folder.name)}/" for _, folder in declared)
    noun = "folder" if len(declared) == 1 else "folders"
    notes = [f"Splits kept as given by the {noun} {kept}."]
    used = {folder for _, folder in declared}
    notes += [
        f"Left out {shown(folder.name)}/: it holds no class folders, so its samples "
        "have no labels."
        for _, folder in named
        if folder not in used
    ]
    others = {entry.name for entry in inside} - {folder.name for _, folder in named}
    if beside := [repr(shown(name)) for name in sorted(others)]:
        notes.append(f"Ignored {', '.join(beside)}: beside the split folders.")
    return sorted(declared, key=lambda pair: SPLITS.index(pair[0])), notes


def _lacks_classes(folder: Path) -> bool:
    """Return whether the only folders, such as `images`, hold files of any class."""
    return all(
        is_structure(entry.name) and not folders(entry.path)
        for entry in folders(folder)
    )


def refuse_like_splits(classes: Sequence[str], path: Path) -> None:
    """Refuse classes that are called like splits, such as `our_train` and `test1`.

    Raises:
        DataError: If there are few classes, one named like training and one like
            validation or test.
    """
    alike = {name: split for name in classes if (split := _part_of(name)) is not None}
    declared = set(alike.values())
    few = len(classes) < _FEWEST_CLASSES
    if few and "train" in declared and len(declared) > 1:
        raise DataError(
            f"The folders {' and '.join(map(repr, alike))} in {path} look like splits "
            "rather than classes; name them train and test, each with a folder for "
            "each class, or give a table with the path and label of each file."
        )


def _part_of(name: str) -> str | None:
    """Return the split that some word of a name means, or `None`."""
    words = re.split(r"[\W_\d]+", name)
    return next((split for word in words if (split := split_word(word))), None)
