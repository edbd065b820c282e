"""Folders that declare splits: `train/ val/ test/`, each with class folders inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.listing import folders
from automl_datasets.naming import quoted, shown
from automl_datasets.samples import SPLITS
from automl_datasets.sources._folder_names import (
    group_and_split,
    is_structure,
    is_wrapper,
)
from automl_datasets.sources._split_words import divided, split_word, words_of

_FEWEST_CLASSES = 4  # that leave no doubt that they are classes, whatever their names

Named = list[tuple[str, Path]]  # folders, each with the split that it is called by


class SplitFolders(NamedTuple):
    """Folders that hold class folders.

    Attributes:
        declared: Each with its split, in their order; the folder itself without one
            where no folder declares a split.
        flat: Folders of splits that hold samples, but no class folders.
        notes: One sentence each.
    """

    declared: list[tuple[str | None, Path]]
    flat: Named
    notes: list[str]


def split_folders(path: Path) -> SplitFolders:
    """Return the folders that hold class folders, each with its split.

    Classes may be called `train` or `test` themselves. So these names mean splits
    only where they hold folders, and where `train` does and another of them beside
    it, or no folder of another name stands beside them.
    """
    inside = [Path(entry.path) for entry in folders(path)]
    named = _named(inside) or _named_alike(inside)
    nested = [(split, folder) for split, folder in named if folders(folder)]
    splits = {split for split, _ in nested}
    together = "train" in splits and (len(splits) > 1 or len(named) == len(inside))
    if not nested or not (together or len(nested) == len(inside)):
        return SplitFolders([(None, path)], [], [])
    declared = [
        (split, folder)
        for split, folder in nested
        if split == "train" or not _lacks_classes(folder)
    ]
    if not declared:
        return SplitFolders([(None, path)], [], [])
    kept = ", ".join(f"{shown(folder.name)}/" for _, folder in declared)
    noun = "folder" if len(declared) == 1 else "folders"
    notes = [f"Splits kept as given by the {noun} {kept}."]
    used = {folder for _, folder in declared}
    flat = [(split, folder) for split, folder in named if folder not in used]
    others = {folder.name for folder in inside} - {folder.name for _, folder in named}
    if beside := [repr(shown(name)) for name in sorted(others)]:
        notes.append(f"Ignored {', '.join(beside)}: beside the split folders.")
    ordered = sorted(declared, key=lambda pair: SPLITS.index(pair[0]))
    return SplitFolders([*ordered], flat, notes)


def _named(inside: Sequence[Path]) -> Named:
    """Return the folders that are called by splits and nothing else."""
    return [
        (split, folder)
        for folder in inside
        if (split := split_word(folder.name)) is not None
    ]


def _named_alike(inside: Sequence[Path]) -> Named:
    """Return the folders whose names differ in the split alone, as `X-train`, `X-test`.

    Such names may be those of classes too. So all that hold the word of a split must
    belong together, and those that hold folders must share the names of some.
    """
    pairs = [
        (found, folder)
        for folder in inside
        if (found := group_and_split(folder.name)) is not None
    ]
    named = [(split, folder) for (_, split), folder in pairs]
    groups = {group for (group, _), _ in pairs}
    splits = {split for split, _ in named}
    if len(groups) != 1 or "train" not in splits or len(splits) < 2:
        return []
    classes = [_inner_names(f) for _, f in named if not _lacks_classes(f)]
    return named if classes and set.intersection(*classes) else []


def _inner_names(folder: Path) -> set[str]:
    """Return the names of the folders in a folder, or in the one that wraps them."""
    inside = folders(folder)
    if len(inside) == 1 and is_wrapper(inside[0].name, folder.name):
        inside = folders(inside[0].path) or inside
    return {entry.name for entry in inside}


def _lacks_classes(folder: Path) -> bool:
    """Return whether the only folders, such as `images`, hold files of any class."""
    inside = folders(folder)
    alone = len(inside) == 1 and is_wrapper(inside[0].name, folder.name)
    general = alone or all(is_structure(entry.name) for entry in inside)
    return general and not any(folders(entry.path) for entry in inside)


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
            f"The folders {' and '.join(map(quoted, alike))} in {path} look like "
            "splits rather than classes; name them train and test, each with a folder "
            "for each class, or give a table with the path and label of each file."
        )


def _part_of(name: str) -> str | None:
    """Return the split that some word of a name means, or `None`."""
    return next(iter(divided(words_of(name)).splits), None)
