"""Files that do not say what they are: UTF-16 without its mark, and old pickles."""

from __future__ import annotations

import codecs
import re

HEAD = 4096  # bytes from the beginning of a file that are enough to tell

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FEWEST_ZEROS = 0.5  # share of the bytes above ASCII letters
# Lists, dictionaries and objects as protocols 0 and 1 begin them, with the number that
# the first is remembered by; from protocol 2 on, pickles begin with their number.
_OLD_PICKLE = re.compile(
    rb"\(+[dl]p\d+\r?\n|\(*[\]}]q[\0-\x0f]|\(*c[\w.]+\r?\n\w+\r?\n(p\d+\r?\n|q[\0-\x0f])"
)
_PROTOCOLS = range(2, 6)


def utf16_of(head: bytes) -> str | None:
    r"""Return the codec of UTF-16 that a file is written in, or `None`.

    Without its mark, it is told by zero bytes beside letters: no other text has any.

    Example:
        >>> utf16_of("a,b".encode("utf-16")), utf16_of(b"a\0,\0b\0"), utf16_of(b"a,b")
        ('utf-16', 'utf-16-le', None)
    """
    if head.startswith(_MARKS):
        return "utf-16"
    first, second = head[::2], head[1::2]
    if b"\0" not in first and second.count(0) >= max(1, _FEWEST_ZEROS * len(second)):
        return "utf-16-le"
    if b"\0" not in second and first.count(0) >= max(1, _FEWEST_ZEROS * len(first)):
        return "utf-16-be"
    return None


def is_pickle(head: bytes) -> bool:
    r"""Return whether a file that begins like this is a pickle, of any protocol.

    Example:
        >>> is_pickle(b"\x80\x04\x95"), is_pickle(b"(dp0\nS'data'\n"), is_pickle(b"cat")
        (True, True, False)
    """
    numbered = len(head) > 1 and head[0] == 0x80 and head[1] in _PROTOCOLS
    return numbered or _OLD_PICKLE.match(head) is not None
