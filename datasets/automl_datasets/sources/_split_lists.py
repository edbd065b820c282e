"""Lists of samples, each of one split that its name declares, such as `test.txt`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, folders, is_regular
from automl_datasets.naming import counted, natural_key, shown, suffix_of
from automl_datasets.samples import SPLITS
from automl_datasets.sources._listed_names import KnownNames, Listed, read_list
from automl_datasets.sources._split_words import split_word

_SUFFIXES = frozenset({".list", ".lst", ".txt"})
KNOWN = 0.95  # of the lines name samples; a few may have been lost since
_LIST = re.compile(r"(?<=.)(lists?|files|names|samples)$")
_PLAIN = re.compile(r"(lists?|files?|names|samples)?")  # a split, and nothing else
_TRAIN_AND_VAL = re.compile(r"train[\W_]?val", re.IGNORECASE)


@dataclass(frozen=True)
class _List:
    """A file that names samples of one split, and what its lines hold."""

    path: Path
    group: str  # its name without the split: lists of one group belong together
    split: str
    listed: Listed

    @property
    def named(self) -> frozenset[str]:
        return frozenset(self.listed.names)

    @property
    def whole(self) -> bool:
        named = len(self.listed.names)
        return named > 0 and named >= KNOWN * self.listed.lines

    @property
    def meant(self) -> bool:
        """Whether it lists samples, or is called and written as if it did."""
        plain = _PLAIN.fullmatch(self.group) is not None
        alike = 2 * self.listed.alike > self.listed.lines
        return bool(self.listed.names) or (plain and alike)


@dataclass(frozen=True)
class SplitLists:
    """What lists say of the splits.

    Attributes:
        splits: The split of each sample that a list names.
        rest: The split of all others; `None` where the lists leave them out.
        files: The lists, followed or not: their paths below the folder given.
        folders: Folders of lists alone.
        notes: One sentence each: which were followed, and which were not.
    """

    splits: Mapping[str, str]
    rest: str | None
    files: frozenset[str]
    folders: frozenset[str]
    notes: tuple[str, ...]

    @property
    def followed(self) -> bool:
        """Whether any list is; otherwise they declare nothing."""
        return bool(self.splits)

    def split_of(self, name: str) -> str | None:
        """Return the split of a sample, or `None` where the lists leave it out."""
        return self.splits.get(name, self.rest)

    def concerns(self, name: str) -> bool:
        """Return whether a file, or a folder, is of the lists and not of the data."""
        of_lists = self.files | self.folders
        return name in of_lists or str(PurePosixPath(name).parent) in self.folders


def split_lists(
    path: Path, top: Path, names: Collection[str], classes: Collection[str]
) -> SplitLists | None:
    """Return what the lists in a folder say of its samples, or `None`.

    Lists belong together when their names differ in the split alone. Several groups
    are several ways to split the same samples: the one of most splits is followed,
    then that which names most samples, then the first.

    Args:
        path: The folder that was given.
        top: The folder that all samples lie in or below: `path`, or one in it.
        names: The samples: their paths below `path`.
        classes: Names of the folders in `top` that hold samples and no lists.
    """
    found = list(_lists(path, top, names, classes))
    if not found:
        return None
    chosen = _chosen([one for one in found if one.whole], len(names))
    splits = {name: one.split for one in chosen for name in one.named}
    rest = None if "train" in {one.split for one in chosen} else "train"
    example = min(names, key=natural_key)
    notes = [*_notes(found, chosen, path), *_unfollowed(found, example, path)]
    if rest is None and (left := len(names) - len(splits)):
        notes.append(f"Left out {counted(left, 'sample')} that no list names.")
    within = {top, *top.parents}
    apart = {one.path.parent for one in found} - within
    return SplitLists(
        splits,
        rest,
        frozenset(_shown(one.path, path) for one in found),
        frozenset(_shown(folder, path) for folder in apart),
        tuple(notes),
    )


def _chosen(whole: list[_List], count: int) -> list[_List]:
    """Return the lists to follow, training first, so that test samples stay so.

    Args:
        whole: Lists to choose from.
        count: How many samples there are; some must be left to train on.
    """
    groups: dict[tuple[Path, str], dict[str, _List]] = {}
    for one in whole:
        group = groups.setdefault((one.path.parent, one.group), {})
        group.setdefault(one.split, one)
    usable = [group for group in groups.values() if _leaves_training(group, count)]
    best = max(usable, key=lambda one: (len(one), len(_all_named(one))), default={})
    return [best[split] for split in SPLITS if split in best]


def _leaves_training(group: Mapping[str, _List], count: int) -> bool:
    return "train" in group or len(_all_named(group)) < count


def _all_named(group: Mapping[str, _List]) -> frozenset[str]:
    return frozenset().union(*(one.named for one in group.values()))


def _notes(found: list[_List], chosen: list[_List], path: Path) -> list[str]:
    notes = []
    if chosen:
        files = " and ".join(_shown(one.path, path) for one in chosen)
        rest = "" if chosen[0].split == "train" else "; all other samples are to train"
        noun = "list" if len(chosen) == 1 else "lists"
        notes.append(f"Splits kept as given by the {noun} {files}{rest}.")
        notes += _overlaps(chosen, path)
    others = [
        _shown(one.path, path) for one in found if one.whole and one not in chosen
    ]
    if others:
        notes.append(
            f"Not followed: {', '.join(others)}; to follow another list, give a table "
            "with a path, a label and a split for each file."
        )
    return notes


def _unfollowed(found: list[_List], example: str, path: Path) -> Iterator[str]:
    """Yield what to say of lists whose lines name few samples, or none."""
    for one in found:
        if not one.listed.names:
            yield (
                f"Not followed: {_shown(one.path, path)}, since none of its lines, "
                f"such as {one.listed.first!r}, names a sample; write paths such as "
                f"{example!r}, or give a table with a path, a label and a split for "
                "each file."
            )
        elif not one.whole:
            yield (
                f"Not followed: {_shown(one.path, path)}, since only "
                f"{len(one.listed.names):,} of its {one.listed.lines:,} lines name "
                "samples; a table with a path, a label and a split for each file is "
                "read as it is."
            )


def _overlaps(chosen: Sequence[_List], path: Path) -> Iterator[str]:
    """Yield which samples are in several lists; the last of these has them."""
    places: dict[str, tuple[int, ...]] = {}
    for place, one in enumerate(chosen):
        for name in one.named:
            places[name] = (*places.get(name, ()), place)
    shared = Counter(where for where in places.values() if len(where) > 1)
    for where, count in sorted(shared.items()):
        files = " and ".join(_shown(chosen[place].path, path) for place in where)
        are, they = ("is", "it is") if count == 1 else ("are", "they are")
        split = chosen[where[-1]].split
        yield f"{counted(count, 'sample')} {are} in {files}; {they} to {split}."


def _shown(file: Path, path: Path) -> str:
    return shown(str(file.relative_to(path)))


def _lists(
    path: Path, top: Path, names: Collection[str], classes: Collection[str]
) -> Iterator[_List]:
    files = [
        (file, meant)
        for beside in files_beside(path, top, names, classes)
        for file in beside
        if (meant := _group_and_split(file.stem)) is not None
    ]
    if not files:
        return
    known = KnownNames(names, os.path.relpath(top, path))
    for file, (group, split) in files:
        found = _List(file, group, split, read_list(file, known))
        if found.meant:
            yield found


def files_beside(
    path: Path, top: Path, names: Collection[str], classes: Collection[str]
) -> Iterator[list[Path]]:
    """Yield the files that may be lists, folder by folder; samples are none.

    Args:
        path: The folder that was given.
        top: The folder that all samples lie in or below.
        names: The samples: their paths below `path`, or absolute ones.
        classes: Names of the folders in `top` that hold samples.
    """
    samples = frozenset(names)
    for folder in _places(path, top, classes):
        found = (
            file
            for file in _files(folder)
            if samples.isdisjoint((_shown(file, path), shown(str(file))))
        )
        yield sorted(found, key=_order)


def _places(path: Path, top: Path, classes: Collection[str]) -> Iterator[Path]:
    """Yield the folders from the one given to that of the classes, and others there."""
    within = [top, *top.parents]
    for folder in reversed(within[: within.index(path) + 1]):
        yield folder
        for entry in folders(folder):
            of_class = folder == top and shown(entry.name) in classes
            if not of_class and Path(entry.path) not in within:
                yield Path(entry.path)


def _files(folder: Path) -> Iterator[Path]:
    try:
        found = entries(folder)
    except DataError:  # beside a table, it may have nothing to do with the samples
        return
    for entry in found:
        if suffix_of(entry.name) in _SUFFIXES and is_regular(entry):
            yield Path(entry.path)


def _order(file: Path) -> tuple[bool, tuple[object, ...]]:
    # A list of two splits comes last: `trainval` gives way to `train`, which itself
    # goes before `train2`.
    return bool(_TRAIN_AND_VAL.match(file.stem)), natural_key(file.stem)


def _group_and_split(stem: str) -> tuple[str, str] | None:
    """Return the name of a list without its split, and the split, or `None`.

    Example:
        >>> _group_and_split("trainlist01"), _group_and_split("classes")
        (('list01', 'train'), None)
    """
    splits: set[str] = set()
    rest = ""
    for word in re.findall(r"[^\W\d_]+|[\W\d_]+", stem.lower()):
        core = _LIST.sub("", word)
        split = "train" if core == "trainval" else split_word(core)
        if split is not None:
            splits.add(split)
            word = word.removeprefix(core)
        rest += word
    group = re.sub(r"[\W_]+", "_", rest).strip("_")
    if splits == {"train", "val"}:
        return group, "train"
    return (group, splits.pop()) if len(splits) == 1 else None
