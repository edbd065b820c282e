"""Texts: `.txt` files, or files of text without an ending, of one sample each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.listing import is_regular
from automl_datasets.media import series_file
from automl_datasets.media._base import Decision, Header
from automl_datasets.naming import suffix_of
from automl_datasets.options import DataOptions
from automl_datasets.samples import Layout, Reading
from automl_datasets.unmarked import is_pickle
from automl_datasets.vocabulary import (
    as_reading,
    decoded,
    fitting,
    plan_texts,
    tokenise,
)

__all__ = ["accepts", "decide", "decode", "fitting", "peek"]

KIND = "text"
NOUN = "text file"
SUFFIXES = frozenset({".txt", ".text"})
PARALLEL = False
REQUIRES = ""

_LARGEST = 64 * 2**20  # bytes; what is longer is no sample
_HEAD = 4096  # bytes that tell whether a file without an ending is a text
_FEWEST_ROWS = 2  # of a table with tabs
_FEWEST_LINES = 3  # the last of which need not be looked at
_FEWEST_ALIKE = 0.9  # share of them that have equally many tabs
# Files without an ending that are about a project or a data set.
_DOCUMENTS = frozenset(
    """
    authors changelog changes citation codeowners contents contributing contributors
    copying copyright dockerfile index info install jenkinsfile licence license list
    makefile manifest md5sums news notes notice procfile readme records sha1sums
    sha256sums todo version
    """.split()  # noqa: SIM905 - words read better than 30 literals
)
_NO_FORMAT = re.compile(r"[0-9]+|[0-9a-f]{32,}")
_NUMBER = re.compile(r"[\d.]+e[+-]?\d+", re.IGNORECASE)  # the one letter in 1e-03
# Control characters that texts hold: tab, ends of lines and pages, escape.
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")


@dataclass(frozen=True)
class TextHeader:
    """What is known of a text; no two are alike, since all words are to be numbered.

    Attributes:
        location: Path of the file.
        size: Number of words.
    """

    location: str
    size: tuple[int, ...]


def accepts(path: Path) -> bool:
    """Return whether a file is a text; one of numbers alone is a series.

    A file without an ending is one where its beginning reads as text, other than a
    table with tabs.
    """
    if suffix_of(path.name) in SUFFIXES:
        return is_regular(path) and not series_file.accepts(path)
    head = unnamed_head(path)
    return bool(head) and not has_columns(head)


def unnamed_head(path: Path) -> str:
    """Return the beginning of a file without an ending that is text; never raises.

    It is empty for what is no such text: without a letter, with control characters, a
    pickle, markup, which describes other files; and for files that are hidden, or
    called like those that tell of a data set, such as `README`. Bytes that are not
    UTF-8 are taken for Windows-1252, as `decoded` does.
    """
    told = path.name.startswith(".") or _unnumbered(path.name) in _DOCUMENTS
    if _has_ending(path.name) or told or not is_regular(path):
        return ""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return ""
    text, _ = decoded(head)
    markup = text.lstrip().startswith("<")
    plain = _CONTROLS.isdisjoint(head) and not markup and not is_pickle(head)
    return text if plain and any(map(str.isalpha, _NUMBER.sub("", text))) else ""


def _has_ending(name: str) -> bool:
    """Return whether a name has an ending that tells a format.

    A number, a checksum or nothing behind the last dot tells none: mails and manuals
    are called like `00001.7c53336b37003a9286aba55d2945844c`, `12.` and `ls.1`.

    Example:
        >>> _has_ending("a.log"), _has_ending("ls.1"), _has_ending("12.")
        (True, False, False)
    """
    ending = suffix_of(name).removeprefix(".")
    return bool(ending) and _NO_FORMAT.fullmatch(ending) is None


def _unnumbered(name: str) -> str:
    """Return a name in small letters without the number behind its last dot."""
    stem, dot, ending = name.lower().rpartition(".")
    return stem if dot and ending.isdecimal() else name.lower()


def has_columns(head: str) -> bool:
    r"""Return whether nearly all lines of a text have equally many tabs.

    Example:
        >>> has_columns("ham\tHello\nspam\tWin\n"), has_columns("Hello\nyou\n")
        (True, False)
    """
    lines = head.splitlines()
    whole = lines if len(lines) < _FEWEST_LINES else lines[:-1]  # the last may be cut
    tabs = [line.count("\t") for line in whole if line.strip()]
    alike = tabs.count(tabs[0]) if tabs and tabs[0] else 0
    return len(lines) >= _FEWEST_ROWS and alike > _FEWEST_ALIKE * len(tabs)


def peek(location: str) -> TextHeader:
    """Count the words of a file.

    Raises:
        DataError: If it cannot be read.
    """
    text, _ = _read(location)
    return TextHeader(location, (len(tokenise(text, "whitespace")),))


def decide(headers: Sequence[Header], options: DataOptions) -> Decision:
    """Number all words, and decide on the number of tokens.

    The vocabulary of the layout holds every word; `fitting(layout)` learns from the
    training rows which to keep.

    Raises:
        DataError: If no text holds a word.
    """
    locations = [h.location for h in headers if isinstance(h, TextHeader)]
    plan = plan_texts(lambda: _texts(locations))
    return Decision(plan.layout, plan.notes)


def decode(
    location: str, layout: Layout, *, fitted: bool
) -> tuple[Reading, TextHeader]:
    """Read a file into a layout; see `Medium.decode`.

    Unfitted, the reading holds the text itself, in an object array of no axes.

    Raises:
        DataError: If it cannot be read or holds no word.
    """
    text, remark = _read(location)
    reading = as_reading(text, layout, fitted=fitted)
    if remark:
        reading = reading._replace(remarks=(remark,))
    return reading, TextHeader(location, (len(tokenise(text, "whitespace")),))


def _texts(locations: Sequence[str]) -> Iterator[str]:
    for location in locations:
        yield _read(location)[0]


def _read(location: str) -> tuple[str, str]:
    path = Path(location)
    try:
        size = path.stat().st_size
        if size == 0:
            raise DataError("empty file")
        if size > _LARGEST:
            raise DataError(f"{size / 2**20:,.0f} MiB are too long for one text")
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}") from error
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError("holds zero bytes, so it is no text")
    return decoded(content)
