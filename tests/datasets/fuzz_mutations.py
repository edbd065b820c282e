"""Ways in which a good file becomes a bad one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

#: As it is, and what else there is to take pieces from.
Mutation = Callable[[bytes, Random, Sequence[bytes]], bytes]

_MOST = 2**20  # bytes that a file may grow to
_HEADER = 256  # bytes at the start that half of all changes hit
_ROUNDS = (1, 1, 1, 2, 3, 6)
_BYTES = (0x00, 0x01, 0x0A, 0x20, 0x22, 0x2C, 0x7F, 0x80, 0xFE, 0xFF)
_INTEGERS = (0, 1, 2, 7, 127, 255, 256, 32767, 65535, 10**6, 2**31 - 1, 2**63 - 1)
_NUMBERS = b"0 -1 00 1.5 999999999 99999999999999999999 1e400 -inf nan 0x1F 1_0 ? 1,5"
_PIECES = (
    *(b"\0", b"\r", b"\n", b"\r\n", b'"', b"'", b",", b"\t", b";", b"|", b":", b"("),
    *(b"@data\n", b"{", b"}", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9", b"\xed\xa0\x80"),
    *(b"../../x", b"%", b"x" * 5000, b"\xff" * 64, "٣".encode()),
)
_DIGITS = re.compile(rb"\d+")


def mutated(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Return the content of a file after one to a few changes.

    Args:
        content: Of a file that can be read.
        chance: Decides.
        others: Contents of other files, to take pieces from.
    """
    for _ in range(chance.choice(_ROUNDS)):
        content = chance.choice(_MUTATIONS)(content, chance, others)[:_MOST]
    return content


def _place(content: bytes, chance: Random) -> int:
    near = chance.random() < 0.5
    return chance.randrange(max(1, min(len(content), _HEADER if near else _MOST)))


def _slice(content: bytes, chance: Random) -> slice:
    start = _place(content, chance)
    return slice(start, start + chance.choice((1, 2, 4, 8, 32, 200)))


def _replaced(content: bytes, place: int, new: bytes) -> bytes:
    return content[:place] + new + content[place + len(new) :]


def _flip(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    place = _place(content, chance)
    old = content[place] if content else 0
    return _replaced(content, place, bytes([old ^ 1 << chance.randrange(8)]))


def _set(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    return _replaced(content, _place(content, chance), bytes([chance.choice(_BYTES)]))


def _grow(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Put an extreme integer where a header may hold a size."""
    width = chance.choice((2, 4, 8))
    value = chance.choice(_INTEGERS) & (256**width - 1)
    value = 256**width - value if chance.random() < 0.2 and value else value
    order = chance.choice(("little", "big"))
    new = value.to_bytes(width, "little" if order == "little" else "big")
    return _replaced(content, _place(content, chance), new)


def _cut(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    return content[: _place(content, chance)]


def _remove(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    gone = _slice(content, chance)
    return content[: gone.start] + content[gone.stop :]


def _insert(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    place = _place(content, chance)
    return content[:place] + chance.choice(_PIECES) + content[place:]


def _repeat(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    part = _slice(content, chance)
    again = content[part] * chance.choice((1, 2, 60))
    return content[: part.stop] + again + content[part.stop :]


def _splice(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others) if others else content
    return content[: _place(content, chance)] + other[_place(other, chance) :]


def _renumber(content: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Write another number where one stands in text."""
    found = list(_DIGITS.finditer(content))
    if not found:
        return _grow(content, chance, others)
    match = chance.choice(found)
    new = chance.choice(_NUMBERS.split())
    return content[: match.start()] + new + content[match.end() :]


_MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _set, _grow, _grow, _cut, _remove, _insert, _repeat, _splice),
    *(_renumber, _renumber),
)
