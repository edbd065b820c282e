"""Class folders that all hold folders of the same names: is each of them a class?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import folders
from automl_datasets.naming import few, quoted, shown
from automl_datasets.sources._folder_names import are_numbered, are_renditions
from automl_datasets.sources._split_words import split_word

_NAMED = 3
_FEWEST_SHARED = 0.5  # of the names in all of them; a rendition may lack a class


def refuse_renditions(classes: Sequence[str], top: Path) -> None:
    """Refuse the same pictures several times over, such as `color/` and `grayscale/`.

    Names alone do not tell: classes may be called like renditions. Nor do the folders
    below: classes may be divided alike, into numbers or people above all. Both together
    leave little doubt.

    Args:
        classes: Class folders that hold folders of several samples.
        top: Where they are.

    Raises:
        DataError: If they are called by renditions, and hold folders of the same names.
    """
    if not are_renditions(classes):
        return
    held = [_inside(top / name) for name in classes]
    shared = set.intersection(*held)
    few = len(shared) < max(2, _FEWEST_SHARED * len(set.union(*held)))
    if few or are_numbered([*shared]):
        return
    raise DataError(
        f"The folders {_listed(classes)} in {top} hold the same folders "
        f"({_listed(sorted(shared))}), so they look like renditions of the same "
        f"samples rather than classes; point at one of them, like {top / classes[0]}, "
        "or give a table with the path and label of each file."
    )


def same_folders_notes(classes: Sequence[str], top: Path) -> list[str]:
    """Return what to say of classes that all hold folders of the same names.

    Numbers, people and splits divide classes; other names may be classes themselves.

    Args:
        classes: Class folders that hold folders of several samples.
        top: Where they are.
    """
    held = [_inside(top / name) for name in classes]
    names = sorted(held[0])
    alike = len(held) > 1 and all(set(names) == one for one in held)
    if not alike or are_numbered(names) or any(map(split_word, names)):
        return []
    return [
        f"All class folders hold folders of the same names ({_listed(names)}): if "
        "these are the classes, point at one folder that holds them, like "
        f"{top / classes[0]}."
    ]


def _inside(folder: Path) -> set[str]:
    if not folder.is_dir():  # its name is not UTF-8, and is shown otherwise
        return set()
    return {shown(entry.name) for entry in folders(folder)}


def _listed(names: Sequence[str]) -> str:
    return few([*map(quoted, names)], _NAMED)
