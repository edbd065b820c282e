"""Texts: `.txt` files of one sample each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from automl_datasets.errors import DataError
from automl_datasets.media import series_file
from automl_datasets.media._base import Decision, Header
from automl_datasets.naming import suffix_of
from automl_datasets.options import DataOptions
from automl_datasets.sources._base import Layout, Reading
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
    """Return whether a file is a text; one of numbers alone is a series."""
    named = suffix_of(path.name) in SUFFIXES
    return named and path.is_file() and not series_file.accepts(path)


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
