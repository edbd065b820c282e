"""A table of paths and labels: `path,label[,split][,group]`, files of any medium."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.media._base import Medium, name_of
from automl_datasets.media.registry import most_common
from automl_datasets.naming import shown, with_article
from automl_datasets.options import DataOptions
from automl_datasets.sources._base import Sample, Scan, with_targets
from automl_datasets.sources._files import (
    PARALLEL,
    accepts,
    plan,
    read_file,
    reader,
)
from automl_datasets.sources._manifests import (
    Manifest,
    manifest_at,
    manifest_in,
    refusal,
    repeats_folders,
    rows_of,
)
from automl_datasets.sources.tables import Columns, encoding_notes
from automl_datasets.target_columns import named_column, target_columns, unlabelled
from automl_datasets.targets import decide
from automl_datasets.usual_names import GROUP_NAMES

__all__ = [
    "FORM",
    "NAME",
    "PARALLEL",
    "accepts",
    "beside",
    "plan",
    "read_file",
    "reader",
    "recognise",
    "scan",
]

NAME = "table of paths"
FORM = "a CSV table of paths of files and labels"


class _Roles(NamedTuple):
    """What the columns of a table are for."""

    labels: Columns
    group: str | None
    notes: tuple[str, ...]


def recognise(path: Path) -> str | None:
    """Return why a table, or a folder with one, is taken for paths, or `None`."""
    manifest = _found(path)
    if manifest is None or (path.is_dir() and repeats_folders(manifest)):
        return None
    files = " and ".join(shown(file.path.name) for file in manifest.files)
    return f"{files} has paths of files in the column {manifest.paths!r}"


def _found(path: Path) -> Manifest | None:
    if path.is_dir():
        return manifest_in(path)
    return manifest_at(path) if path.is_file() else None


def scan(path: Path, options: DataOptions) -> Scan:
    """List the files of a table with their targets, splits and groups.

    Files are never followed out of the folder of the table by `..` or by a link;
    absolute paths are taken as they are given.

    Raises:
        DataError: If a column is missing, or no row can be used.
    """
    path = path.absolute()
    manifest = _found(path)
    if manifest is None:
        raise DataError(f"{path} has no column of paths of files; check the table.")
    first = manifest.files[0].path
    columns, splits, split_name, problems = rows_of(manifest)
    roles = _roles(columns, manifest.paths, split_name, options, source=str(first))
    names = columns[manifest.paths]
    reasons = _reasons(names, first.parent)
    _refuse_splits(columns[split_name] if split_name else None, splits, reasons)
    for place in unlabelled(roles.labels, options, source=str(first)):
        reasons[place] = reasons[place] or "no label"
    groups: Sequence[str | None] = [None] * len(names)
    if roles.group is not None:
        groups = columns[roles.group]
        reasons = [
            reason or (None if group else "has no group")
            for reason, group in zip(reasons, groups, strict=True)
        ]
    medium = _medium(names, reasons, first.parent, options)
    kept = [place for place, reason in enumerate(reasons) if reason is None]
    usable = {name: [cells[i] for i in kept] for name, cells in roles.labels.items()}
    targets = decide(usable, options, source=str(first))
    samples = [
        _sample(names[i], splits[i], groups[i], first.parent, medium) for i in kept
    ]
    return Scan(
        medium.KIND,
        targets.classes,
        with_targets(samples, targets.values),
        (*problems, *_skipped(names, reasons)),
        (
            *encoding_notes(file.form for file in manifest.files),
            *_located(manifest),
            *_notes(splits, split_name),
            *roles.notes,
            *targets.notes,
        ),
        targets.task,
        targets.names,
    )


def _sample(
    name: str, split: str | None, group: str | None, folder: Path, medium: Medium
) -> Sample:
    location = os.path.join(folder, name)  # noqa: PTH118 - 10 times as fast
    return Sample(shown(name), 0, split, location, name_of(medium), group=group)


def beside(path: Path) -> list[Path]:
    """Return the files that a table lists; see `Source.beside`.

    What is below a folder of tables counts with the folder.
    """
    manifest = _found(path)
    if manifest is None:
        return []
    columns = rows_of(manifest).columns
    folder = manifest.files[0].path.parent
    listed = [folder / name for name in dict.fromkeys(columns[manifest.paths])]
    covered = path if path.is_dir() else None
    return [file for file in listed if not (covered and file.is_relative_to(covered))]


def _roles(
    columns: Columns,
    paths: str,
    split_name: str | None,
    options: DataOptions,
    *,
    source: str,
) -> _Roles:
    """Find out which columns hold the labels and the group.

    Raises:
        DataError: If a column that is asked for does not exist, or it is not clear
            which one holds the label.
    """
    group = options.group and named_column(options.group, list(columns), source=source)
    like_groups = [n for n in columns if n.strip().lower() in GROUP_NAMES]
    notes: tuple[str, ...] = ()
    if like_groups and not group:
        notes = (
            f"The column {like_groups[0]!r} is not used; to keep what belongs together "
            f"on one side of a split, give it as the group.",
        )
    taken = {paths, split_name, group}
    free = [name for name in columns if name not in taken]
    if options.target is None:
        free = [name for name in free if name not in like_groups] or free
    chosen = target_columns(free, options, source=source, guess=True)
    clear = options.target or len(chosen) == 1 or _flags(columns, chosen)
    if not chosen or not clear:
        listed = ", ".join(map(repr, chosen)) or "none besides the paths"
        raise DataError(
            f"It is not clear which column of {source} holds the label: there is "
            f"{listed}; name one as the target."
        )
    return _Roles({name: columns[name] for name in chosen}, group, notes)


def _flags(columns: Columns, names: Sequence[str]) -> bool:
    """Return whether columns hold nothing but 0 and 1."""
    return len(names) > 1 and all(
        set(columns[name]) <= {"0", "1", "0.0", "1.0"} for name in names
    )


def _reasons(names: Sequence[str], folder: Path) -> list[str | None]:
    """Return for each row why its file is not used, or `None`."""
    seen: set[str] = set()
    root = folder.resolve()
    reasons: list[str | None] = []
    for name in names:
        twice = name in seen
        reasons.append("listed more than once" if twice else refusal(name, root))
        seen.add(name)
    return reasons


def _refuse_splits(
    cells: Sequence[str] | None,
    splits: Sequence[str | None],
    reasons: list[str | None],
) -> None:
    for place, cell in enumerate(cells or ()):
        if cell and splits[place] is None and reasons[place] is None:
            reasons[place] = f"its split {cell!r} is none of train, val, test"


def _medium(
    names: Sequence[str],
    reasons: list[str | None],
    folder: Path,
    options: DataOptions,
) -> Medium:
    """Choose the medium of most rows, and refuse the rows of others.

    Raises:
        DataError: If no row can be used.
    """
    usable = [i for i, reason in enumerate(reasons) if reason is None]
    paths = {i: str(folder / names[i]) for i in usable}
    medium = most_common(paths.values(), options.kind)
    if medium is None:
        kind = (
            "a kind that is read" if options.kind == "auto" else f"kind {options.kind}"
        )
        why = next((r for r in reasons if r), f"no file of {kind}")
        raise DataError(
            f"No row of the table in {folder} can be used (the first: {why}); check "
            "its paths and labels."
        )
    endings = tuple(medium.SUFFIXES)
    for place, path in paths.items():
        if not path.lower().endswith(endings) and not medium.accepts(Path(path)):
            reasons[place] = f"not {with_article(medium.NOUN)}"
    return medium


def _skipped(
    names: Sequence[str], reasons: Sequence[str | None]
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (shown(names[i]) or f"row {i + 2}", reason)
        for i, reason in enumerate(reasons)
        if reason is not None
    )


def _located(manifest: Manifest) -> tuple[str, ...]:
    if not manifest.located:
        return ()
    name = next(c for c in manifest.head[manifest.paths] if c in manifest.located)
    return (
        f"The column {manifest.paths!r} names files without their folder or ending; "
        f"they were found below the table, {name!r} as {manifest.located[name]!r}.",
    )


def _notes(splits: Sequence[str | None], split_name: str | None) -> tuple[str, ...]:
    if not any(splits):
        return ()
    given = f"the column {split_name!r}" if split_name else "tables of their own"
    return (f"Splits kept as given by {given}.",)
