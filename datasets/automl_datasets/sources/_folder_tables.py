"""Tables somewhere in a folder that name the files of the whole folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import is_regular
from automl_datasets.naming import suffix_of
from automl_datasets.raw_labels import are_flags
from automl_datasets.sources._file_names import (
    FEWEST_FOUND,
    MOST_LOOKED_AT,
    files_in,
    samples_below,
)
from automl_datasets.sources._manifest_tables import (
    Manifest,
    ManifestFile,
    is_submission,
    joined,
    known_head,
    manifest_among,
)
from automl_datasets.sources._split_words import split_word, splits_in
from automl_datasets.sources.tables import SUFFIXES, cells_of
from automl_datasets.usual_names import TARGET_NAMES

_DEEPEST = 2  # folders below the one that was given
_MOST_TABLES = 16  # beyond, they are samples rather than lists of them
_MOST_BYTES = 2**27
_FEWEST_NAMED = 0.5  # share of the samples that a table of them names


def manifests_below(folder: Path) -> list[Manifest]:
    """Return the tables that name most samples of a folder, and little else.

    Args:
        folder: Where to look; tables may lie two folders below, and links to folders
            are not followed. Those that lie deeper count only where none above them
            names the files: they are likelier to be results or about a part.

    Raises:
        DataError: If a folder cannot be listed.
    """
    tables = [
        Path(entry.path)
        for entry in files_in(folder, _DEEPEST)
        if suffix_of(entry.name) in SUFFIXES and is_regular(entry)
    ]
    tables = [file for file in tables if not is_submission(file.name)]
    if not tables:
        return []
    samples = samples_below(folder)
    listed: set[str] = set()
    for _, level in groupby(sorted(tables, key=_depth), key=_depth):
        beside = list(level)
        if len(beside) > _MOST_TABLES:
            return []
        listed |= {file.relative_to(folder).as_posix() for file in beside}
        files = [path for path in samples if path not in listed]
        if found := _naming_most(beside, folder, files):
            return found
    return []


def _depth(file: Path) -> int:
    return len(file.parts)


def _naming_most(
    tables: Sequence[Path], folder: Path, files: Sequence[str]
) -> list[Manifest]:
    found = [m for file in tables if (m := _manifest(file, folder, files)) is not None]
    return [m for m in _with_splits(found) if _names_most(m, files)]


def _manifest(file: Path, folder: Path, files: Sequence[str]) -> Manifest | None:
    known = known_head(file) if file.stat().st_size <= _MOST_BYTES else None
    if known is None:
        return None
    form, head = known
    return manifest_among(ManifestFile(file, form), head, folder, files)


def _with_splits(found: Sequence[Manifest]) -> list[Manifest]:
    """Join the tables called `train`, `test` and the like of each folder."""
    result = []
    by_folder = sorted(found, key=_folder)  # a folder may stand between two tables
    for _, beside in groupby(by_folder, key=_folder):
        alone = list(beside)
        parts = [(m, s) for m in alone if (s := split_word(m.files[0].path.stem))]
        train = next((m for m, split in parts if split == "train"), None)
        if train is not None:
            alone = [m for m in alone if all(m is not part for part, _ in parts)]
            alone.append(joined(train, parts))
        result += alone
    return result


def _folder(manifest: Manifest) -> Path:
    return manifest.files[0].path.parent


def _names_most(manifest: Manifest, files: Sequence[str]) -> bool:
    """Return whether nearly each row names a file, and most samples are named.

    Samples are the files of the same endings, except those for testing where none of
    these is named: their labels are elsewhere, or kept secret.
    """
    filled = 0
    named: set[str] = set()
    for file in manifest.files:
        place = file.form.names.index(manifest.paths)
        (cells,) = cells_of(file.path, file.form, [place], problems=[])
        filled += sum(map(bool, cells))
        named |= set(file.listing.located(cells).values() if file.listing else ())
    endings = {suffix_of(path) for path in named}
    alike = [path for path in files if suffix_of(path) in endings]
    splits = frozenset().union(*map(_splits, named))
    if "train" not in splits and any("train" in _splits(path) for path in alike):
        return False
    samples = [
        path for path in alike if "test" in splits or "test" not in _splits(path)
    ]
    enough = len(named) >= _FEWEST_NAMED * len(samples)
    return bool(named) and len(named) >= FEWEST_FOUND * filled and enough


def _splits(path: str) -> frozenset[str]:
    return splits_in(path.rpartition("/")[0])


def folder_listed_by(table: Path) -> Path | None:
    """Return a folder above that of a table, most of whose samples the table names."""
    for folder in table.parent.parents[:_DEEPEST]:
        try:
            files = samples_below(folder, most=MOST_LOOKED_AT)
        except DataError:
            return None
        manifest = _manifest(table, folder, files)
        if manifest is not None and _names_most(manifest, files):
            return folder
    return None


def chosen(manifests: Sequence[Manifest], target: str | None) -> Manifest | None:
    """Return the table that is meant, with the others as its rivals.

    Args:
        manifests: Tables that name the files of a folder.
        target: Target columns that the user asks for, which the table must have;
            without, the table that leaves no doubt of its labels is meant. One that
            is divided into splits goes before others.
    """
    if target is not None:
        wanted = {target}, {name.strip() for name in target.split(",")}
        having = [m for m in manifests if any(names <= {*m.head} for names in wanted)]
    else:
        having = [m for m in manifests if _is_clear(m)]
    divided = [m for m in having or manifests if len(m.files) > 1]
    left = divided or having or manifests
    if not left:
        return None
    return replace(left[0], rivals=tuple(m.files[0].path for m in left[1:]))


def _is_clear(manifest: Manifest) -> bool:
    """Return whether a column has a usual name, or all hold nothing but flags."""
    others = [cells for name, cells in manifest.head.items() if name != manifest.paths]
    named = {name.strip().lower() for name in manifest.head} & set(TARGET_NAMES)
    differ = len(set().union(*others)) > 1
    return bool(named) or (len(others) > 1 and differ and are_flags(*others))
