"""Columns that tell which samples belong together: patients, speakers, folds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from automl_datasets.raw_labels import are_flags
from automl_datasets.usual_names import GROUP_NAMES, GROUP_WORDS

_GROUP = re.compile(
    rf"({'|'.join(GROUP_WORDS)})(s|id|ids|key|name|nr|no|num|number|index|code)?"
)
_FOLD = re.compile(r"(^|[\W_\d]|k)folds?($|[\W_\d])", re.IGNORECASE)
_MOST_FOLDS = 20


def like_groups(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the columns that are called like groups and whose values recur.

    Args:
        columns: Cells by the name of their column.

    Example:
        >>> like_groups({"Patient ID": ["1", "1", "2"], "subject": ["0", "1", "1"]})
        ['Patient ID']
    """
    return [
        name
        for name, cells in columns.items()
        if _means_group(name) and _recur(cells) and not are_flags(cells)
    ]


def group_notes(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what to say of columns of groups and folds that nothing was done with.

    Args:
        columns: Cells of the columns that are not used, by their names.
    """
    notes = []
    groups = like_groups(columns)
    if groups:  # the coarsest: who has all of a patient has all of each scan as well
        name = min(groups, key=lambda group: len(set(columns[group])))
        notes.append(
            f"The column {name!r} is not used; to keep what belongs together on one "
            "side of a split, give it as the group."
        )
    for name, cells in columns.items():
        folds = {cell for cell in cells if cell}
        if _FOLD.search(name) and _recur(cells) and len(folds) <= _MOST_FOLDS:
            notes.append(
                f"The {len(folds)} folds in the column {name!r} are not used; to keep "
                "each of them whole on one side of a split, give it as the group."
            )
    return notes


def _means_group(name: str) -> bool:
    """Return whether a name is that of groups.

    `patient_age` tells something of a patient, not which one it is.
    """
    key = name.strip().lower()
    return key in GROUP_NAMES or bool(_GROUP.fullmatch(re.sub(r"[\W_]", "", key)))


def _recur(cells: Sequence[str]) -> bool:
    present = [cell for cell in cells if cell]
    return 1 < len(set(present)) < len(present)
