"""The rows of a table of paths: what they tell, and why some are not used."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.naming import listed, shown
from automl_datasets.options import DataOptions
from automl_datasets.sources._groups import group_notes
from automl_datasets.sources._manifest_paths import ABSENT, refusals
from automl_datasets.sources._manifest_roles import roles_of
from automl_datasets.sources._manifest_tables import Manifest, ManifestFile
from automl_datasets.sources._split_columns import (
    RowSplit,
    as_split_words,
    row_splits,
    split_column,
    split_notes,
)
from automl_datasets.sources.tables import Columns, columns_of
from automl_datasets.target_columns import unlabelled

_MOST_CONTRADICTED = 0.1  # share of the rows; beyond, the table is of another form
_TWICE = "listed more than once"
_SHARED = "several files are called like this"
_ADVICE = {
    "labels": "join several labels of one by |",
    "splits": "keep each in one split",
    "groups": "keep each in one group",
}


class Table(NamedTuple):
    """One file of a table of paths, as read.

    Attributes:
        file: The file.
        columns: Cells by the name of their column; paths with forward slashes. Rows of
            blank cells alone are left out.
        problems: What is wrong with rows that cannot be used.
        split: The column that declares splits, if there is one.
    """

    file: ManifestFile
    columns: Columns
    problems: list[str]
    split: str | None


class ManifestRows(NamedTuple):
    """What a table of paths tells, row by row.

    Attributes:
        paths: The file of each row.
        labels: Cells of the columns of labels, by their names.
        groups: The group of each row; empty texts where there is none.
        splits: The split of each row.
        grouped: Whether a column tells the groups.
        problems: `(file, what is wrong)` of rows that cannot be used.
        notes: One sentence each: how columns were found, and tables that are not used.
        kept: What to say of the splits, where the table declares some.
    """

    paths: list[str]
    labels: Columns
    groups: list[str]
    splits: list[RowSplit]
    grouped: bool
    problems: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    kept: tuple[str, ...]


def tables_of(manifest: Manifest, target: str | None = None) -> list[Table]:
    """Read all files of a table of paths.

    Args:
        manifest: The table.
        target: Columns that the user says are targets, and so declare no splits.

    Raises:
        DataError: If one cannot be read.
    """
    return [_read(file, manifest.paths, target) for file in manifest.files]


def _read(file: ManifestFile, paths: str, target: str | None) -> Table:
    problems: list[str] = []
    columns = columns_of(file.path, file.form, problems=problems)
    columns[paths] = file.located(columns[paths])
    filled = [row for row in zip(*columns.values(), strict=True) if any(row)]
    cells = {name: [row[i] for row in filled] for i, name in enumerate(columns)}
    return Table(file, cells, problems, split_column(cells, target))


def declares_splits(tables: Sequence[Table]) -> bool:
    """Return whether a table that stands alone declares splits in a column."""
    return len(tables) == 1 and tables[0].split is not None


def rows_of(manifest: Manifest, options: DataOptions) -> ManifestRows:
    """Read the rows of a table of paths.

    Of tables of several splits, those are used that have the columns of labels, and of
    the group that is asked for, of the leading one.

    Raises:
        DataError: If a file cannot be read, or it is not clear which column is what.
    """
    tables = tables_of(manifest, options.target)
    leading = next(table for table in tables if table.file is manifest.leading)
    source = str(manifest.leading.path)
    roles = roles_of(
        leading.columns, manifest.paths, leading.split, options, source=source
    )
    needed = {manifest.paths, *roles.labels, *filter(None, [roles.group])}
    used = [table for table in tables if needed <= table.columns.keys()]
    columns = _side_by_side(used)
    splits = [split for table in used for split in _splits(table, alone=len(used) < 2)]
    taken = {*needed, *(table.split for table in used)}
    left = {name: cells for name, cells in columns.items() if name not in taken}
    notes = [*roles.notes, *_unused(left, grouped=roles.group is not None)]
    kept = _kept(used, splits)
    paths = columns[manifest.paths]
    return ManifestRows(
        paths,
        {name: columns[name] for name in roles.labels},
        columns[roles.group] if roles.group else [""] * len(paths),
        splits,
        roles.group is not None,
        tuple((shown(t.file.path.name), why) for t in used for why in t.problems),
        (
            *_left_out(manifest, tables, needed),
            *notes,
            *(() if kept else split_notes(left)),
        ),
        kept,
    )


def _unused(left: Columns, *, grouped: bool) -> list[str]:
    """Return what to say of columns that nothing was done with."""
    notes = [f"Columns not used: {listed(list(left))}."] if left else []
    return notes if grouped else [*notes, *group_notes(left)]


def _side_by_side(tables: Sequence[Table]) -> Columns:
    """Return the columns that all tables have, with the rows of all."""
    shared = [n for n in tables[0].columns if all(n in t.columns for t in tables)]
    return {name: [c for t in tables for c in t.columns[name]] for name in shared}


def _splits(table: Table, *, alone: bool) -> list[RowSplit]:
    """Return the split of each row: that of its cell, or else of the file."""
    rows = len(next(iter(table.columns.values())))
    cells = [""] * rows if table.split is None else table.columns[table.split]
    cells = as_split_words(table.split, cells)
    return row_splits(cells, None if alone else table.file.split)


def _left_out(
    manifest: Manifest, tables: Sequence[Table], needed: set[str]
) -> tuple[str, ...]:
    """Return what to say of tables of other splits that are not used."""
    notes = [
        f"Not used: {shown(table.file.path.name)}, since it lacks the column "
        f"{min(lacking)!r}."
        for table in tables
        if (lacking := needed - table.columns.keys())
    ]
    notes += [
        f"Not used: {shown(file.name)}, since no column {manifest.paths!r} of it names "
        "files that are there."
        for file in manifest.strangers
    ]
    return tuple(notes)


def _kept(used: Sequence[Table], splits: Sequence[RowSplit]) -> tuple[str, ...]:
    if not any(row.split for row in splits):
        return ()
    name = used[0].split
    files = " and ".join(shown(table.file.path.name) for table in used)
    given = files if name is None or len(used) > 1 else f"the column {name!r}"
    return (f"Splits kept as given by {given}.",)


def reasons_of(
    rows: ManifestRows, manifest: Manifest, options: DataOptions
) -> list[str | None]:
    """Return for each row why it is not used, or `None`.

    Raises:
        DataError: If the table lists many files in rows that contradict each other.
    """
    root = manifest.folder.resolve()
    found = any(file.listing is not None for file in manifest.files)
    source = str(manifest.leading.path)
    refused = refusals(dict.fromkeys(rows.paths), root, found=found)
    refused |= dict.fromkeys(_shared(manifest, refused), _SHARED)
    unlabeled = set(unlabelled(rows.labels, options, source=source))
    reasons: list[str | None] = []
    for place, path in enumerate(rows.paths):
        why = refused[path] or rows.splits[place].refusal
        why = why or ("no label" if place in unlabeled else None)
        stray = rows.grouped and not rows.groups[place]
        reasons.append(why or ("has no group" if stray else None))
    _refuse_repeated(rows, manifest, reasons)
    return reasons


def _shared(manifest: Manifest, refused: Mapping[str, str | None]) -> set[str]:
    """Return the paths that are not there, since several files are called so."""
    absent = [path for path, why in refused.items() if why == ABSENT]
    listings = [file.listing for file in manifest.files if file.listing is not None]
    if not absent:
        return set()
    return {path for listing in listings for path in listing.shared(absent)}


def _refuse_repeated(
    rows: ManifestRows, manifest: Manifest, reasons: list[str | None]
) -> None:
    """Keep one of the rows of a file that say the same, and none that do not.

    Raises:
        DataError: If many rows contradict each other.
    """
    usable = [place for place, reason in enumerate(reasons) if reason is None]
    differing: dict[str, list[int]] = {}
    for places in _places_by_file(rows, manifest.folder, usable).values():
        what = _differing(rows, places)
        if what is not None:
            differing.setdefault(what, []).extend(places)
        for place in places[1:] if what is None else places:
            reasons[place] = f"listed with different {what}" if what else _TWICE
    for what, places in differing.items():
        if len(places) > _MOST_CONTRADICTED * len(usable):
            raise DataError(
                f"{len(places):,} of {len(usable):,} rows of {manifest.leading.path} "
                f"list files more than once with different {what}, such as "
                f"{shown(rows.paths[places[0]])!r}; give each file one row, and "
                f"{_ADVICE[what]}."
            )


def _places_by_file(
    rows: ManifestRows, folder: Path, usable: Sequence[int]
) -> Mapping[str, list[int]]:
    """Return the rows of each file, however its path is written."""
    found: dict[str, list[int]] = {}
    for place in usable:
        path = os.path.join(folder, rows.paths[place])  # noqa: PTH118 - 10 times as fast
        found.setdefault(os.path.normpath(path), []).append(place)
    return found


def _differing(rows: ManifestRows, places: Sequence[int]) -> str | None:
    """Return what rows of one file contradict each other in, or `None`."""
    first, *others = places
    if any(rows.splits[first] != rows.splits[other] for other in others):
        return "splits"
    if any(c[first] != c[o] for c in rows.labels.values() for o in others):
        return "labels"
    if any(rows.groups[first] != rows.groups[other] for other in others):
        return "groups"
    return None
