"""The files that class folders hold, class by class."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from automl_datasets.listing import (
    entries,
    files_below,
    folders,
    is_folder,
    is_regular,
    relative,
)
from automl_datasets.media import image
from automl_datasets.media._base import Medium
from automl_datasets.media.registry import FOREIGN, MEDIA, endings_of
from automl_datasets.naming import shown, suffix_of, with_article
from automl_datasets.sources._folder_names import why_no_class


class ClassFile(NamedTuple):
    """A file, or folder, that is one sample of a class.

    Attributes:
        name: Its path below the folder that was given, as text.
        split: What the folder around its class declares.
        location: Its path.
    """

    name: str
    split: str | None
    location: str


class ClassFiles:
    """Collects what class folders hold.

    Attributes:
        found: The samples of each class folder, by its name; some have none.
        skipped: `(name, reason)` of files that are no samples.
        left_out: Why a folder beside the classes is no class, by its name.
        divided: Of classes whose folders hold folders of several samples, one of these.
    """

    def __init__(self, path: Path, medium: Medium) -> None:
        """Begin with nothing.

        Args:
            path: The folder that was given, absolute; names are relative to it.
            medium: Reads the samples.
        """
        self.found: dict[str, list[ClassFile]] = {}
        self.skipped: list[tuple[str, str]] = []
        self.left_out: dict[str, str] = {}
        self.divided: dict[str, str] = {}
        self._path = path
        self._medium = medium
        self._moved: dict[str, list[str]] = {}  # paths without the class folder's name
        self._foreign = FOREIGN.union(*(endings_of(m) for m in MEDIA))
        self._endings = tuple(medium.SUFFIXES)  # some are of two parts, as .nii.gz

    def add_classes(self, folder: Path, split: str | None) -> None:
        """Add the files of all class folders in a folder."""
        no_class = why_no_class([entry.name for entry in folders(folder)])
        self.left_out |= {shown(name): why for name, why in no_class.items()}
        for entry in entries(folder):
            if not is_folder(entry):
                self._skip(entry, "outside the class folders")
            elif entry.name not in no_class:
                self._add_files(entry, split)

    def add_listed(
        self, folder: Path, split: str, labels: Mapping[str, str], told: Path
    ) -> None:
        """Add the files of a folder without class folders, by a list of their labels.

        Args:
            folder: Where they are.
            split: What the folder declares.
            labels: The class of each by its path, relative to the folder.
            told: The list.
        """
        for entry in files_below(folder):
            path = relative(entry, folder)
            label = labels.get(path.replace(os.sep, "/"))
            if label is not None:
                file = ClassFile(self._name(entry), split, entry.path)
                self.found.setdefault(shown(label), []).append(file)
            elif entry.path != str(told):
                self._skip(entry, f"{shown(told.name)} has no label for it")

    def leave_out_repeats(self) -> None:
        """Leave out class folders that hold the other class folders once more."""
        known = {file.location for files in self.found.values() for file in files}
        for label, moved in self._moved.items():
            if 2 * len(known.intersection(moved)) > len(self.found[label]):
                self.left_out[label] = "it holds the other class folders once more"
                del self.found[label]

    def _add_files(self, folder: os.DirEntry[str], split: str | None) -> None:
        label = shown(folder.name)
        found = self.found.setdefault(label, [])
        inside: Counter[str] = Counter()  # samples in each folder of the class folder
        above = os.path.dirname(folder.path)  # noqa: PTH120 - of many samples
        for entry in self._samples_below(folder.path):
            if not is_regular(entry) and not is_folder(entry):
                link = entry.is_symlink()
                self._skip(entry, "a dead link" if link else "not a regular file")
            elif self._is_sample(entry):
                found.append(ClassFile(self._name(entry), split, entry.path))
                path = relative(entry, folder.path)
                inner, _, deeper = path.partition(os.sep)
                if deeper:
                    inside[inner] += 1
                    self._moved.setdefault(label, []).append(f"{above}{os.sep}{path}")
            else:
                self._skip(entry, f"not {with_article(self._medium.NOUN)}")
        several = [name for name, count in inside.items() if count > 1]
        if len(several) > 1:  # one alone divides nothing
            self.divided.setdefault(label, f"{self._name(folder)}/{shown(several[0])}")

    def _samples_below(self, folder: str) -> Iterator[os.DirEntry[str]]:
        def whole(entry: os.DirEntry[str]) -> bool:
            return self._medium.accepts(Path(entry.path))

        above = (self._path, Path(folder).parent)
        return files_below(folder, whole=whole, within=above)

    def _is_sample(self, entry: os.DirEntry[str]) -> bool:
        suffix = suffix_of(entry.name)
        if suffix in self._medium.SUFFIXES or is_folder(entry):
            return True
        if self._medium.KIND == image.KIND:  # whatever its name: the content decides
            return suffix not in self._foreign
        named = entry.name.lower().endswith(self._endings)
        return named or self._medium.accepts(Path(entry.path))

    def _skip(self, entry: os.DirEntry[str], reason: str) -> None:
        self.skipped.append((self._name(entry), reason))

    def _name(self, entry: os.DirEntry[str]) -> str:
        return shown(relative(entry, self._path))
