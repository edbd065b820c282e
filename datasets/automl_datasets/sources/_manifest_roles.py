"""What the columns of a table of paths are for: labels, the group."""

from __future__ import annotations

from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.naming import quoted
from automl_datasets.options import DataOptions
from automl_datasets.raw_labels import are_flags
from automl_datasets.sources._groups import like_groups
from automl_datasets.sources.tables import Columns
from automl_datasets.target_columns import clearer_label, named_column, target_columns


class Roles(NamedTuple):
    """What the columns of a table are for.

    Attributes:
        labels: The columns that hold the labels.
        group: The column of groups, where one is asked for.
        notes: One sentence each: how they were found.
    """

    labels: tuple[str, ...]
    group: str | None
    notes: tuple[str, ...]


def roles_of(
    columns: Columns,
    paths: str,
    split_name: str | None,
    options: DataOptions,
    *,
    source: str,
) -> Roles:
    """Find out which columns hold the labels and the group.

    Args:
        columns: Cells of all columns, by their names.
        paths: The column of paths.
        split_name: The column of splits, if there is one.
        options: What the user says of them.
        source: Where the table is, for messages.

    Raises:
        DataError: If a column that is asked for does not exist, or it is not clear
            which one holds the label.
    """
    group = options.group and named_column(options.group, list(columns), source=source)
    taken = {paths, split_name, group}
    free = [name for name in columns if name not in taken]
    together = like_groups({name: columns[name] for name in free})
    if options.target is None:
        free = [name for name in free if name not in together] or free
    chosen = target_columns(free, options, source=source, guess=True)
    flags = len(chosen) > 1 and are_flags(*(columns[name] for name in chosen))
    notes: list[str] = []
    if options.target is None and not flags:
        free_cells = {name: columns[name] for name in free}
        chosen, notes = clearer_label(chosen, free_cells, options)
    clear = options.target or len(chosen) == 1 or flags or notes
    if not chosen or not clear:
        listed = ", ".join(map(quoted, chosen)) or "none besides the paths"
        raise DataError(
            f"It is not clear which column of {source} holds the label: there is "
            f"{listed}; name one as the target."
        )
    return Roles(tuple(chosen), group or None, tuple(notes))
