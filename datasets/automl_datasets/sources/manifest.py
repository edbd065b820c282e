"""A table of paths and labels: `path,label[,split][,group]`, files of any medium."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.media._base import Medium, name_of
from automl_datasets.media.registry import most_common
from automl_datasets.naming import shown, with_article
from automl_datasets.options import DataOptions
from automl_datasets.samples import Sample, Scan, with_targets
from automl_datasets.sources._files import (
    PARALLEL,
    accepts,
    plan,
    read_file,
    reader,
)
from automl_datasets.sources._listed_splits import splits_beside_table
from automl_datasets.sources._manifest_rows import (
    ManifestRows,
    declares_splits,
    reasons_of,
    rows_of,
    tables_of,
)
from automl_datasets.sources._manifests import (
    Manifest,
    manifest_in,
    manifest_of,
    repeats_folders,
)
from automl_datasets.sources._split_columns import folder_splits
from automl_datasets.sources._split_lists import SplitLists
from automl_datasets.sources.tables import encoding_notes
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

_BY_FOLDERS = "Splits kept as given by the folders of the files."


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
    return manifest_of(path) if path.is_file() else None


def scan(path: Path, options: DataOptions) -> Scan:
    """List the files of a table with their targets, splits and groups.

    Files are never followed out of the folder of the table by `..` or by a link;
    absolute paths are taken as they are given.

    Raises:
        DataError: If a column is missing, or no row can be used.
    """
    path = path.absolute()
    manifest = _asked(path, options)
    rows = rows_of(manifest, options)
    reasons = reasons_of(rows, manifest, options)
    medium = _medium(rows.paths, reasons, manifest.folder, options)
    # What tables declare comes before lists.
    lists = None if rows.kept else splits_beside_table(manifest.folder, rows.paths)
    splits, kept = _divided(rows, reasons, lists, manifest)
    told = rows.kept if lists is None else lists.notes
    if not any(splits) and (declared := folder_splits([rows.paths[i] for i in kept])):
        splits, told = _placed(declared, kept, len(splits)), (*told, _BY_FOLDERS)
    usable = {name: [cells[i] for i in kept] for name, cells in rows.labels.items()}
    targets = decide(usable, options, source=str(manifest.leading.path))
    samples = [_sample(rows, place, splits, manifest, medium) for place in kept]
    return Scan(
        medium.KIND,
        targets.classes,
        with_targets(samples, targets.values),
        (*rows.problems, *_skipped(rows.paths, reasons)),
        (
            *encoding_notes(file.form for file in manifest.files),
            *_located(manifest),
            *told,
            *rows.notes,
            *targets.notes,
        ),
        targets.task,
        targets.names,
    )


def _asked(path: Path, options: DataOptions) -> Manifest:
    """Return the manifest at a path.

    Raises:
        DataError: If there is none, or there are several.
    """
    manifest = _found(path, options.target)
    if manifest is None:
        raise DataError(f"{path} has no column of paths of files; check the table.")
    if manifest.rivals:
        raise DataError(_several(manifest, path))
    return manifest


def _divided(
    rows: ManifestRows,
    reasons: Sequence[str | None],
    lists: SplitLists | None,
    manifest: Manifest,
) -> tuple[list[str | None], list[int]]:
    """Return the split of each row, and the places of the rows that are kept.

    Raises:
        DataError: If lists tell the splits, and name no row that can be used.
    """
    kept = [place for place, reason in enumerate(reasons) if reason is None]
    if lists is None or not lists.followed:
        return [row.split for row in rows.splits], kept
    splits = [lists.split_of(shown(path)) for path in rows.paths]
    kept = [place for place in kept if splits[place] is not None]
    _refuse_nothing(kept, lists, manifest.leading.path)
    return splits, kept


def _placed(
    declared: Sequence[str], kept: Sequence[int], count: int
) -> list[str | None]:
    """Return the split of each of so many rows, of which some are kept."""
    splits = dict(zip(kept, declared, strict=True))
    return [splits.get(place) for place in range(count)]


def _sample(
    rows: ManifestRows,
    place: int,
    splits: Sequence[str | None],
    manifest: Manifest,
    medium: Medium,
) -> Sample:
    path = rows.paths[place]
    location = os.path.join(manifest.folder, path)  # noqa: PTH118 - 10 times as fast
    group = rows.groups[place] or None
    return Sample(shown(path), 0, splits[place], location, name_of(medium), group=group)


def beside(path: Path) -> list[Path]:
    """Return the files that a table lists, and other tables; see `Source.beside`.

    What is below a folder of tables counts with the folder. A folder that holds the
    table, as `/` and an empty cell name one, is no sample, and may hold a whole disk.
    """
    manifest = _found(path)
    if manifest is None:
        return []
    tables = tables_of(manifest)
    names = [name for table in tables for name in table.columns[manifest.paths]]
    folder = manifest.folder
    named = [folder / name for name in dict.fromkeys(names)]
    files = [f for f in named if not folder.is_relative_to(os.path.normpath(f))]
    if path.is_dir():
        return [file for file in files if not file.is_relative_to(path)]
    others = [table.file.path for table in tables if table.file.path != path]
    files += [*others, *manifest.strangers]
    lists = None if declares_splits(tables) else splits_beside_table(folder, names)
    return files if lists is None else [*files, *(folder / n for n in lists.files)]


def _refuse_nothing(kept: Sequence[int], lists: SplitLists, table: Path) -> None:
    """Refuse lists that name lost files alone.

    Raises:
        DataError: If no row is kept.
    """
    if not kept:
        files = ", ".join(sorted(lists.files))
        raise DataError(
            f"No row of {table} that can be used is named by the lists of splits "
            f"beside it ({files}); check them, or move them away."
        )


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
    file = manifest.leading
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
