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
from automl_datasets.raw_labels import are_flags
from automl_datasets.sources._base import Sample, Scan, with_targets
from automl_datasets.sources._files import (
    PARALLEL,
    accepts,
    plan,
    read_file,
    reader,
)
from automl_datasets.sources._groups import group_notes, like_groups
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
    if manifest.rivals:
        return (
            f"tables in it, such as {_name(manifest.files[0].path, path)}, name files"
        )
    *others, last = [_name(file.path, path) for file in manifest.files]
    files = f"{', '.join(others)} and {last} have" if others else f"{last} has"
    return f"{files} paths of files in the column {manifest.paths!r}"


def _name(file: Path, given: Path) -> str:
    below = file.is_relative_to(given) and file != given
    return shown(str(file.relative_to(given)) if below else file.name)


def _found(path: Path, target: str | None = None) -> Manifest | None:
    if path.is_dir():
        return manifest_in(path, target)
    return manifest_at(path) if path.is_file() else None


def scan(path: Path, options: DataOptions) -> Scan:
    """List the files of a table with their targets, splits and groups.

    Files are never followed out of the folder of the table by `..` or by a link;
    absolute paths are taken as they are given.

    Raises:
        DataError: If a column is missing, or no row can be used.
    """
    path = path.absolute()
    manifest = _found(path, options.target)
    if manifest is None:
        raise DataError(f"{path} has no column of paths of files; check the table.")
    if manifest.rivals:
        raise DataError(_several(manifest, path))
    first, folder = manifest.files[0].path, manifest.folder
    columns, splits, split_name, problems = rows_of(manifest)
    roles = _roles(columns, manifest.paths, split_name, options, source=str(first))
    names = columns[manifest.paths]
    reasons = _reasons(names, manifest)
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
    medium = _medium(names, reasons, folder, options)
    kept = [place for place, reason in enumerate(reasons) if reason is None]
    usable = {name: [cells[i] for i in kept] for name, cells in roles.labels.items()}
    targets = decide(usable, options, source=str(first))
    samples = [_sample(names[i], splits[i], groups[i], folder, medium) for i in kept]
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
    listed = [manifest.folder / name for name in dict.fromkeys(columns[manifest.paths])]
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
    taken = {paths, split_name, group}
    free = [name for name in columns if name not in taken]
    together = like_groups({name: columns[name] for name in free})
    if options.target is None:
        free = [name for name in free if name not in together] or free
    chosen = target_columns(free, options, source=source, guess=True)
    flags = len(chosen) > 1 and are_flags(*(columns[name] for name in chosen))
    clear = options.target or len(chosen) == 1 or flags
    if not chosen or not clear:
        listed = ", ".join(map(repr, chosen)) or "none besides the paths"
        raise DataError(
            f"It is not clear which column of {source} holds the label: there is "
            f"{listed}; name one as the target."
        )
    left = {name: columns[name] for name in columns if name not in {*taken, *chosen}}
    notes = () if group else tuple(group_notes(left))
    return _Roles({name: columns[name] for name in chosen}, group, notes)


def _reasons(names: Sequence[str], manifest: Manifest) -> list[str | None]:
    """Return for each row why its file is not used, or `None`."""
    seen: set[str] = set()
    root = manifest.folder.resolve()
    found = any(file.listing is not None for file in manifest.files)
    reasons: list[str | None] = []
    for name in names:
        twice = name in seen
        why = "listed more than once" if twice else refusal(name, root, found=found)
        reasons.append(why)
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


def _several(manifest: Manifest, path: Path) -> str:
    """Return what to say where several tables list the files of a folder."""
    files = (manifest.files[0].path, *manifest.rivals)
    names = ", ".join(_name(file, path) for file in files)
    return (
        f"{path} holds {len(files)} tables that name its files ({names}); name a "
        "column that only one of them has as the target, or give the path of one."
    )


def _located(manifest: Manifest) -> tuple[str, ...]:
    file = manifest.files[0]
    if file.listing is None:
        return ()
    cells = manifest.head[manifest.paths]
    pairs = zip(cells, file.located(cells), strict=True)
    other = next(((name, found) for name, found in pairs if name != found), None)
    if other is None:
        above = shown(manifest.folder.name)
        return (f"The paths in the column {manifest.paths!r} count from {above}/.",)
    name, found = other
    where = "table" if manifest.folder == file.path.parent else "folder"
    return (
        f"The column {manifest.paths!r} names files without their folder or ending; "
        f"they were found below the {where}, {name!r} as {found!r}.",
    )


def _notes(splits: Sequence[str | None], split_name: str | None) -> tuple[str, ...]:
    if not any(splits):
        return ()
    given = f"the column {split_name!r}" if split_name else "tables of their own"
    return (f"Splits kept as given by {given}.",)
