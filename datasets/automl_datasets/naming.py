"""How names of files and classes are ordered and shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sorting key that puts `2` before `10`.

    Example:
        >>> sorted(["10", "b", "2", "a10", "a9"], key=natural_key)
        ['2', '10', 'a9', 'a10', 'b']
    """
    parts: list[tuple[int, int, str]] = []
    for part in re.split("([0-9]+)", name):
        digits = part.lstrip("0")
        if part.isascii() and part.isdigit():
            parts.append((0, len(digits), digits))
        elif part:
            parts.append((1, 0, part))
    return (*parts, (-1, len(name), name))


def shown(name: str) -> str:
    r"""Return a file name as text that any report can hold.

    Names that are not valid UTF-8 on disk reach Python with lone surrogates, which
    no file or terminal would take; those bytes are escaped, so that names that differ
    stay apart.

    Example:
        >>> shown(os.fsdecode(b"caf\xe9")), shown("café")
        ('caf\\xe9', 'café')
    """
    if name.isascii():  # nearly always, and data sets have many files
        return name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def suffix_of(name: str) -> str:
    """Return the suffix of a file name, in lower case.

    Example:
        >>> suffix_of("a.tar.GZ"), suffix_of("README")
        ('.gz', '')
    """
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - 10 times as fast


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    Example:
        >>> counted(1, "image"), counted(1200, "class")
        ('1 image', '1,200 classes')
    """
    return f"1 {noun}" if count == 1 else f"{count:,} {plural(noun)}"


def quoted(name: str, most: int = 60) -> str:
    """Return a name in quotes, cut short where it is longer than a name should be.

    Example:
        >>> quoted("age"), quoted("a long name", most=6)
        ("'age'", "'a long…'")
    """
    return repr(name if len(name) <= most else f"{name[:most]}…")


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return names in quotes, and dots in place of those before the last.

    Example:
        >>> listed(["id", "a", "b", "c"], most=3)
        "'id', 'a', …, 'c'"
    """
    named = list(map(quoted, names))
    if len(names) > most:
        named[most - 1 : -1] = ["…"]
    return ", ".join(named)


def few(texts: Sequence[str], most: int = 3) -> str:
    """Return the first texts, and how many there are besides.

    Example:
        >>> few(["a", "b"], most=2), few(["a", "b", "c", "d"], most=2)
        ('a, b', 'a, b and 2 others')
    """
    listed, left = ", ".join(texts[:most]), len(texts) - most
    return f"{listed} and {counted(left, 'other')}" if left > 0 else listed


def plural(noun: str) -> str:
    """Return the plural of a noun.

    Example:
        >>> plural("wav file"), plural("class"), plural("series"), plural("entry")
        ('wav files', 'classes', 'series', 'entries')
    """
    if noun.endswith("series"):
        return noun
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith("s") else "s")


def nearest(name: str, names: Iterable[str]) -> str:
    """Return what could have been meant by a name, in brackets; else an empty text.

    Example:
        >>> nearest("resnt", ["cnn", "resnet"]), nearest("vit", ["cnn", "resnet"])
        (" (did you mean 'resnet'?)", '')
    """
    by_lower = {other.lower(): other for other in names}
    begun = [other for other in by_lower if name and other.startswith(name.lower())]
    near = begun or get_close_matches(name.lower(), by_lower, n=1)
    return f" (did you mean {by_lower[near[0]]!r}?)" if near else ""


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article.

    Example:
        >>> with_article("image"), with_article("wav file")
        ('an image', 'a wav file')
    """
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"
