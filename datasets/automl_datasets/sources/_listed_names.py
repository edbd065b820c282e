"""Which samples the lines of a list name, however their paths are written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from automl_datasets.errors import DataError
from automl_datasets.naming import shown, suffix_of
from automl_datasets.unmarked import HEAD, utf16_of

_TRIED = 1_000  # lines, none of which names a sample, tell that the file is no list
_SHOWN = 80  # characters of a line
_SEVERAL = ""  # in place of a sample: more than one is called like this
_QUOTED = re.compile(r"""(["'])(.+?)\1""")
_MOST_AFTER = 4  # words or numbers after a path
_BEFORE_CLASS = ("\t", ",", ";", " ")  # between a path and the class after it

Pairs = Iterable[tuple[str, str]]


class Listed(NamedTuple):
    """What the lines of a list name.

    Attributes:
        names: The samples.
        lines: How many lines were read, blank ones and a header apart.
        alike: How many of them hold a path with an ending of the samples.
        first: How the first line begins.
    """

    names: tuple[str, ...]
    lines: int
    alike: int
    first: str


class KnownNames:
    """The samples, by all that lists may call them."""

    def __init__(self, names: Collection[str], top: str) -> None:
        """Learn what the samples are called.

        Args:
            names: Their paths below the folder that was given.
            top: The folder that they all lie in or below, below that folder.
        """
        self._names = names
        self._folders = {part for name in names for part in _parts(name)[:-1]}
        self._deepest = max((len(_parts(name)) for name in names), default=0)
        self.endings = {suffix_of(name) for name in names} - {""}
        above = "" if top == "." else f"{shown(top)}/"
        whole = [(name.removeprefix(above), name) for name in names]
        self._whole = _index([zip(names, names, strict=True), whole])

    @cached_property
    def _ends(self) -> dict[str, str]:
        """Samples by the last parts of their paths; made only if a list needs it."""
        return _index([[(e, name) for name in self._names for e in _ends(name)]])

    def find(self, text: str) -> str | None:
        """Return the sample that a path means, whatever folders it begins with.

        Nothing is returned where several samples may be meant, or where only a last
        part fits and the folders before it are of other samples.
        """
        parts = _parts(text)
        for place in range(max(0, len(parts) - self._deepest), len(parts)):
            called = "/".join(parts[place:])
            if (name := self._whole.get(called)) is not None:
                return name or None
            if (name := self._ends.get(called)) is not None:
                others = self._folders.intersection(parts[:place]) - {*_parts(name)}
                return None if others else name or None
        return None


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _ends(name: str) -> list[str]:
    parts = _parts(name)
    return ["/".join(parts[place:]) for place in range(1, len(parts))]


def _index(levels: Iterable[Pairs]) -> dict[str, str]:
    """Return samples by what they are called; then also without their endings.

    What an earlier level calls a sample goes before a later level.
    """
    known: dict[str, str] = {}
    for pairs in levels:
        level = _unique(pairs, known)
        known |= level
        known |= _unique(((_stem(c), n) for c, n in level.items()), known)
    return known


def _unique(pairs: Pairs, known: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for called, name in pairs:
        if called not in known:
            found[called] = name if found.get(called, name) == name else _SEVERAL
    return found


def _stem(path: str) -> str:
    return path.removesuffix(PurePosixPath(path).suffix)


def read_list(file: Path, known: KnownNames) -> Listed:
    """Return the samples that a file names.

    Raises:
        DataError: If it cannot be read; its split would be lost unseen.
    """
    return _listed(lines_of(file), known)


def lines_of(file: Path) -> Iterator[str]:
    """Yield the lines of a list that are not blank, without blanks around them.

    Raises:
        DataError: If it cannot be read.
    """
    try:
        with file.open("rb") as start:
            encoding = utf16_of(start.read(HEAD)) or "utf-8-sig"
        with file.open(encoding=encoding, errors="replace") as lines:
            yield from filter(None, map(str.strip, lines))
    except OSError as error:
        raise DataError(
            f"{file} may list the samples of a split, but cannot be read "
            f"({error.strerror}); check its permissions, or move it away."
        ) from error


def _listed(lines: Iterable[str], known: KnownNames) -> Listed:
    names: list[str] = []
    count = alike = 0
    headed = False
    first = ""
    for text in lines:
        if not names and count == _TRIED:
            break
        first = first or text[:_SHOWN]
        count += 1
        paths = list(_paths(text))
        alike += any(suffix_of(path) in known.endings for path in paths)
        name = next((found for path in paths if (found := known.find(path))), None)
        if name is not None:
            names.append(name)
        elif count == 1:  # a lost sample would be a path
            headed = not alike and "/" not in paths[0]
    return Listed(tuple(names), count - (headed and bool(names)), alike, first)


def _paths(line: str) -> Iterator[str]:
    """Yield what may be the path in a line, the likeliest first.

    Example:
        >>> list(_paths('"a/b 1.png", cat'))[0], list(_paths("a/b 1.png,cat"))[1]
        ('a/b 1.png', 'a/b 1.png')
    """
    text = line.replace("\\", "/")
    if quoted := _QUOTED.match(text):
        yield quoted[2].strip()
    yield text
    for divider in _BEFORE_CLASS:
        before = text  # the path may hold the divider too: as little as may be is cut
        for _ in range(_MOST_AFTER):
            before, found, _ = before.rpartition(divider)
            if not found:
                break
            yield before.strip()
