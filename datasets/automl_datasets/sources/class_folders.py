"""Files in folders: each class a folder, perhaps below `train/ val/ test/`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import (
    entries,
    files_below,
    is_folder,
    is_regular,
    relative,
)
from automl_datasets.media import image
from automl_datasets.media._base import Medium, name_of
from automl_datasets.media.registry import FOREIGN, MEDIA, endings_of, most_common
from automl_datasets.naming import (
    natural_key,
    plural,
    shown,
    suffix_of,
    with_article,
)
from automl_datasets.options import DataOptions
from automl_datasets.sources._base import SPLITS, Sample, Scan
from automl_datasets.sources._files import (
    PARALLEL,
    accepts,
    plan,
    read_file,
    reader,
)
from automl_datasets.sources._manifests import manifest_in, repeats_folders
from automl_datasets.sources._split_folders import refuse_like_splits, split_folders

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

NAME = "class folders"
FORM = "a folder that holds a folder of files (images, sounds ...) for each class"

_LOOKED_AT = 20_000  # files whose endings tell what most are


def recognise(path: Path) -> str | None:
    """Return why a folder is taken for class folders, or `None`."""
    if not path.is_dir():
        return None
    table = manifest_in(path)
    if table is not None and not repeats_folders(table):
        return None
    medium = _medium(path, "auto")
    return None if medium is None else f"a folder that holds {plural(medium.NOUN)}"


def _medium(path: Path, kind: str) -> Medium | None:
    below = islice(files_below(path), _LOOKED_AT)
    return most_common((entry.path for entry in below), kind)


def scan(path: Path, options: DataOptions) -> Scan:
    """List the files of each class, and the splits that the folders declare.

    Raises:
        DataError: If there are no class folders, they look like splits, or a group is
            asked for.
    """
    path = path.absolute()
    _check_options(path, options)
    medium = _medium(path, options.kind)
    if medium is None:
        kind = "file of a known kind" if options.kind == "auto" else options.kind
        raise DataError(f"{path} holds no {kind}; check the path, or the kind.")
    splits, notes = split_folders(path)
    listing = _Listing(path, medium)
    for split, folder in splits:
        listing.add_classes(folder, split)
    names = sorted(listing.found, key=natural_key)
    nouns = plural(medium.NOUN)
    if not any(listing.found.values()):
        raise DataError(
            f"{path} holds {f'no {nouns} in its' if names else 'no'} class folders; "
            f"put the {nouns} of each class into a folder of their own, like "
            f"{path.name}/cat/."
        )
    filled = tuple(name for name in names if listing.found[name])
    declared = {split for split, _ in splits}
    if declared == {None}:
        refuse_like_splits(filled, path)
    if listing.divided is not None and declared != set(SPLITS):
        notes.append(
            f"Class folders hold folders of several {nouns}, such as "
            f"{listing.divided}/: where a split is made here, files of one of them may "
            "be on both sides of it; a table of paths with a column given as the group "
            "keeps them together."
        )
    if empty := [repr(name) for name in names if not listing.found[name]]:
        notes.append(f"Left out {', '.join(empty)}: no {nouns} in the class folder.")
    reads = name_of(medium)
    samples = tuple(
        Sample(name, target, split, location, reads)
        for target, label in enumerate(filled)
        for name, split, location in listing.found[label]
    )
    return Scan(medium.KIND, filled, samples, tuple(listing.skipped), tuple(notes))


def beside(path: Path) -> list[Path]:
    """Return nothing: all of the data is below the folder."""
    return []


def _check_options(path: Path, options: DataOptions) -> None:
    asked = {"group": options.group, "target": options.target}
    for name, value in asked.items():
        if value is not None:
            raise DataError(
                f"Folders have no columns, but the {name} {value!r} is asked for; "
                f"point at a table of paths instead, like {path.name}/labels.csv."
            )
    if options.task not in ("auto", "classification"):
        raise DataError(
            f"Class folders are a classification, but {options.task} is asked for; "
            "point at a table of paths and targets instead."
        )


class _Listing:
    """Collects what the class folders hold."""

    def __init__(self, root: Path, medium: Medium) -> None:
        self.root = root
        self.medium = medium
        self.found: dict[str, list[tuple[str, str | None, str]]] = {}
        self.skipped: list[tuple[str, str]] = []
        self.divided: str | None = None  # one of the folders in a class folder
        self._foreign = FOREIGN.union(*(endings_of(m) for m in MEDIA))
        self._endings = tuple(medium.SUFFIXES)  # some are of two parts, as .nii.gz

    def add_classes(self, folder: Path, split: str | None) -> None:
        for entry in entries(folder):
            if is_folder(entry):
                self._add_files(entry, split)
            else:
                self._skip(entry, "outside the class folders")

    def _add_files(self, folder: os.DirEntry[str], split: str | None) -> None:
        found = self.found.setdefault(shown(folder.name), [])
        inside: Counter[str] = Counter()  # samples in each folder of the class folder
        for entry in self._samples_below(folder.path):
            if not is_regular(entry) and not is_folder(entry):
                link = entry.is_symlink()
                self._skip(entry, "a dead link" if link else "not a regular file")
            elif self._is_sample(entry):
                found.append((self._name(entry), split, entry.path))
                inner, _, deeper = relative(entry, folder.path).partition(os.sep)
                inside[inner] += bool(deeper)
            else:
                self._skip(entry, f"not {with_article(self.medium.NOUN)}")
        several = [name for name, count in inside.items() if count > 1]
        if self.divided is None and len(several) > 1:  # one alone divides nothing
            self.divided = f"{self._name(folder)}/{shown(several[0])}"

    def _samples_below(self, folder: str) -> Iterator[os.DirEntry[str]]:
        def whole(entry: os.DirEntry[str]) -> bool:
            return self.medium.accepts(Path(entry.path))

        above = (self.root, Path(folder).parent)
        return files_below(folder, whole=whole, within=above)

    def _is_sample(self, entry: os.DirEntry[str]) -> bool:
        suffix = suffix_of(entry.name)
        if suffix in self.medium.SUFFIXES or is_folder(entry):
            return True
        if self.medium.KIND == image.KIND:  # whatever its name: the content decides
            return suffix not in self._foreign
        named = entry.name.lower().endswith(self._endings)
        return named or self.medium.accepts(Path(entry.path))

    def _skip(self, entry: os.DirEntry[str], reason: str) -> None:
        self.skipped.append((self._name(entry), reason))

    def _name(self, entry: os.DirEntry[str]) -> str:
        return shown(relative(entry, self.root))
