"""What lists beside the samples say of their splits, in whatever form they are."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path, PurePath

from automl_datasets.naming import shown
from automl_datasets.sources._split_flags import split_flags
from automl_datasets.sources._split_lists import SplitLists, split_lists


def listed_splits(
    path: Path, top: Path, names: Collection[str], classes: Collection[str]
) -> SplitLists | None:
    """Return what the lists in a folder say of its samples, or `None`.

    Args:
        path: The folder that was given.
        top: The folder that all samples lie in or below: `path`, or one in it.
        names: The samples: their paths below `path`.
        classes: Names of the folders in `top` that hold samples and no lists.
    """
    # `train_val_split.txt` with a flag behind each path is no list of one split.
    return split_flags(path, top, names, classes) or split_lists(
        path, top, names, classes
    )


def splits_beside_table(folder: Path, paths: Collection[str]) -> SplitLists | None:
    """Return what lists say of the samples of a table, or `None`.

    Args:
        folder: Where the paths count from, absolute.
        paths: The samples, as the table has them, those that are lost among them:
            lists name these too.
    """
    above = {PurePath(path.rpartition("/")[0]) for path in paths} - {PurePath()}
    common = _common(above)
    if not (folder / common).is_dir():  # the files that lie there are lost
        common = PurePath()
    depth = len(common.parts)
    inner = {shown(one.parts[depth]) for one in above if len(one.parts) > depth}
    names = [shown(path) for path in dict.fromkeys(paths) if path]
    return listed_splits(folder, folder / common, names, inner)


def _common(folders: Collection[PurePath]) -> PurePath:
    """Return the folder that all lie in, if none leads elsewhere."""
    elsewhere = any(one.is_absolute() or ".." in one.parts for one in folders)
    if elsewhere or not folders:
        return PurePath()
    return PurePath(os.path.commonpath(folders))
