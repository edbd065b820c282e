"""Files in one folder whose names begin with their class: `cat.0.jpg`, `dog_1.jpg`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.listing import entries, folders, is_regular
from automl_datasets.media._base import Medium, name_of
from automl_datasets.media.registry import most_common
from automl_datasets.naming import (
    few,
    natural_key,
    plural,
    quoted,
    shown,
    suffix_of,
    with_article,
)
from automl_datasets.options import DataOptions
from automl_datasets.samples import Sample, Scan
from automl_datasets.sources._files import (
    PARALLEL,
    accepts,
    plan,
    read_file,
    reader,
    refuse_what_only_tables_have,
)
from automl_datasets.sources._manifest_tables import is_submission
from automl_datasets.sources._manifests import manifest_in
from automl_datasets.sources._split_words import split_word
from automl_datasets.sources.tables import SUFFIXES

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

NAME = "named files"
FORM = "a folder of files named like cat.0.jpg"

_WORD = r"[^\W\d_]+"
_CALLED = re.compile(rf"({_WORD}(?:[ ._\-]+{_WORD})*)[ ._\-]+\(?\d+\)?")
_SEPARATORS = re.compile(r"[ ._\-]+")
# Words that number files, and tell no class.
_GENERAL = frozenset(
    """
    appendix attachment audio aufnahme aug augmented batch bild cam camera chapter chunk
    clip copy crop data diagram document dsc dscn file fig figure foto frame gallery im
    image img item jpeg jpg kamera mask mvimg number original page panel part photo pic
    picture png pxl query record recording sample scan screenshot section seq sequence
    set sheet shot slice snapshot sound split test text tile track train training val
    valid validation vid video wav
    """.split()  # noqa: SIM905 - words read better than 50 literals
)
_FEWEST_CLASSES = 2
_FEWEST_FILES = 2  # of a class
_NAMED = 10  # classes that the note lists


class _Folder(NamedTuple):
    """A folder of files, and the class that each name tells.

    Attributes:
        split: What the name of the folder declares, or `None`.
        path: The folder.
        labels: Class by name of file; empty where names tell none.
        others: Names of what is no file of the medium.
    """

    split: str | None
    path: Path
    labels: dict[str, str]
    others: tuple[str, ...] = ()


def recognise(path: Path) -> str | None:
    """Return why a folder is taken for files called by their class, or `None`."""
    found = _found(path, "auto") if path.is_dir() else None
    if found is None or manifest_in(path) is not None:
        return None
    medium, (first, *_) = found
    example = shown(min(first.labels, key=natural_key))
    return f"a folder that holds {plural(medium.NOUN)} called by class, like {example}"


def _flat(path: Path) -> list[tuple[str | None, Path]]:
    """Return the folders of files: a folder itself, or those of splits in it.

    None of them holds a folder, and nothing but splits stands beside them.
    """
    inside = folders(path)
    if not inside:
        return [(None, path)]
    flat = [(_split(entry.name), Path(entry.path)) for entry in inside]
    splits = [split for split, _ in flat]
    if "train" not in splits or None in splits or len(set(splits)) < len(splits):
        return []
    if any(folders(folder) for _, folder in flat):
        return []
    return sorted(flat, key=lambda pair: pair[0] != "train")


def _split(name: str) -> str | None:
    """Return the split that a folder is called by, as `test1` is."""
    return split_word(name.rstrip("0123456789"))


def _found(path: Path, kind: str) -> tuple[Medium, list[_Folder]] | None:
    """Return the medium and the folders of files, the first of which tells classes."""
    flat = _flat(path)
    if not flat:
        return None
    names = [entry.path for entry in entries(flat[0][1]) if is_regular(entry)]
    if not _told(names):  # by far most folders, and cheap to see
        return None
    medium = most_common(names, kind)
    if medium is None:
        return None
    read = [_read(split, folder, medium) for split, folder in flat]
    return (medium, read) if _tells_classes(read[0].labels) else None


def _told(paths: Sequence[str]) -> bool:
    return any(_class(os.path.basename(path)) for path in paths)  # noqa: PTH119


def _read(split: str | None, folder: Path, medium: Medium) -> _Folder:
    names: list[str] = []
    others: list[str] = []
    for entry in entries(folder):
        fits = is_regular(entry) and _is_sample(entry, medium)
        (names if fits else others).append(entry.name)
    labels = {name: label for name in names if (label := _class(name))}
    if len(labels) < len(names):
        labels = {}
    return _Folder(split, folder, labels, tuple(others))


def _tells_classes(labels: Mapping[str, str]) -> bool:
    """Return whether names leave no doubt that they tell classes.

    The names to train on have to; those of other splits may be few.
    """
    counts = Counter(labels.values())
    return len(counts) >= _FEWEST_CLASSES and min(counts.values()) >= _FEWEST_FILES


def _is_sample(entry: os.DirEntry[str], medium: Medium) -> bool:
    named = suffix_of(entry.name) in medium.SUFFIXES
    return named or medium.accepts(Path(entry.path))


def _class(name: str) -> str | None:
    """Return the class that a file is called by, or `None`.

    Example:
        >>> _class("cat.0.jpg"), _class("great_pyrenees_12.png"), _class("img_3.jpg")
        ('cat', 'great_pyrenees', None)
        >>> _class("0_jackson_0.wav") is None
        True
    """
    whole = name.removesuffix(".gz")
    stem = os.path.splitext(whole)[0]  # noqa: PTH122 - 10 times as fast
    match = _CALLED.fullmatch(stem) or _CALLED.fullmatch(whole)
    if match is None:
        return None
    words = _SEPARATORS.split(match[1].lower())
    telling = [word for word in words if len(word) > 1 and word not in _GENERAL]
    return match[1] if telling else None


def scan(path: Path, options: DataOptions) -> Scan:
    """List the files by the class in their names.

    Raises:
        DataError: If something is asked for that names do not tell.
    """
    path = path.absolute()
    refuse_what_only_tables_have(
        path, options, holders="Names of files", classes="Classes in names of files"
    )
    found = _found(path, options.kind)
    if found is None:
        raise DataError(
            f"{path} holds no files of the kind {options.kind!r} whose names tell "
            "their class, like cat.0.jpg; check the kind."
        )
    medium, (first, *rest) = found
    known = set(first.labels.values())
    _refuse_tables(path, (first, *rest), known)
    used = [first, *(other for other in rest if _agrees(other, known))]
    if len(used) == 1:  # a lone training folder declares no split
        used = [first._replace(split=None)]
    classes = tuple(sorted(known, key=natural_key))
    return Scan(
        medium.KIND,
        classes,
        tuple(_samples(used, path, classes, medium)),
        tuple(_skipped(used, path, medium)),
        _notes(used, rest, classes, medium),
    )


def _refuse_tables(path: Path, read: Sequence[_Folder], known: set[str]) -> None:
    """Refuse files with a table beside them that may hold other labels.

    Raises:
        DataError: If there is one that does not name the files well enough to be read.
    """
    names = [folder.path / name for folder in read for name in folder.others]
    if read[0].path != path:
        names += [Path(entry.path) for entry in entries(path) if is_regular(entry)]
    table = next(filter(_may_hold_labels, names), None)
    if table is not None:
        raise DataError(
            f"The table {table} may hold the labels, but the names of the files tell "
            f"{_listed(sorted(known, key=natural_key))}; give the table, or move it "
            "away, to choose."
        )


def _may_hold_labels(file: Path) -> bool:
    return suffix_of(file.name) in SUFFIXES and not is_submission(file.name)


def _agrees(folder: _Folder, known: set[str]) -> bool:
    return bool(folder.labels) and set(folder.labels.values()) <= known


def _samples(
    used: Sequence[_Folder], root: Path, classes: Sequence[str], medium: Medium
) -> Iterator[Sample]:
    place = {name: index for index, name in enumerate(classes)}
    for folder in used:
        below = folder.path.relative_to(root)
        for name in sorted(folder.labels, key=natural_key):
            yield Sample(
                shown(str(below / name)),
                place[folder.labels[name]],
                folder.split,
                str(folder.path / name),
                name_of(medium),
            )


def _skipped(
    used: Sequence[_Folder], root: Path, medium: Medium
) -> Iterator[tuple[str, str]]:
    reason = f"not {with_article(medium.NOUN)}"
    for folder in used:
        below = folder.path.relative_to(root)
        yield from ((shown(str(below / name)), reason) for name in folder.others)


def _notes(
    used: Sequence[_Folder],
    rest: Sequence[_Folder],
    classes: Sequence[str],
    medium: Medium,
) -> tuple[str, ...]:
    example = shown(min(used[0].labels, key=natural_key))
    notes = [
        f"The names of the {plural(medium.NOUN)}, such as {example}, are taken for a "
        f"class and a number: {_listed(classes)}; class folders or a table of paths "
        "and labels overrule them."
    ]
    if used[0].split:
        kept = ", ".join(f"{shown(folder.path.name)}/" for folder in used)
        notes.append(f"Splits kept as given by the folders {kept}.")
    notes += [
        f"Left out {shown(folder.path.name)}/: {_why_left_out(folder, classes)}."
        for folder in rest
        if folder not in used
    ]
    return tuple(notes)


def _why_left_out(folder: _Folder, classes: Sequence[str]) -> str:
    unknown = sorted(set(folder.labels.values()) - set(classes), key=natural_key)
    if not unknown:
        return "not every name in it tells a class"
    return f"names in it tell {_listed(unknown)}, which no name to train on tells"


def _listed(classes: Sequence[str]) -> str:
    return few([*map(quoted, classes)], _NAMED)


def beside(path: Path) -> list[Path]:
    """Return nothing: all of the data is below the folder."""
    return []
