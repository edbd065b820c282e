"""What splits are called: a whole name, or words of a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
    "publictest": "val",
    "privatetest": "test",
}
_SET = r"(?:[_\-. ]?set)?"
_WHOLE = re.compile(rf"({'|'.join(_SPLITS)}){_SET}")
MEANT = rf"(?:{'|'.join(_SPLITS)}){_SET}"  # matches what `split_word` knows
_LETTERS = re.compile(r"[^\W\d_]+")
_CAPITALISED = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")  # `trainLabels` holds two


def split_word(name: str) -> str | None:
    """Return the split that a whole name means, or `None`.

    Example:
        >>> split_word("Validation"), split_word("test_set"), split_word("7")
        ('val', 'test', None)
    """
    match = _WHOLE.fullmatch(name.strip().lower())
    return _SPLITS[match[1]] if match else None


def words_of(name: str) -> list[str]:
    """Return the words of a name, in lower case.

    Example:
        >>> words_of("Test_images2")
        ['test', 'images']
    """
    return _LETTERS.findall(name.lower())


class Divided(NamedTuple):
    """Words, those that mean a split told from the others.

    Attributes:
        others: Words that mean none.
        splits: The split of each word that means one, in their order.
    """

    others: list[str]
    splits: list[str]


def divided(words: Sequence[str]) -> Divided:
    """Return the words that mean no split, and the splits that the rest mean.

    Example:
        >>> divided(["scan", "train", "valid"])
        Divided(others=['scan'], splits=['train', 'val'])
    """
    meant = [(word, split_word(word)) for word in words]
    others = [word for word, split in meant if split is None]
    return Divided(others, [split for _, split in meant if split is not None])


@lru_cache(maxsize=1_024)
def splits_in(name: str) -> frozenset[str]:
    """Return the splits that words of a name mean, which capitals may divide too.

    Example:
        >>> sorted(splits_in("trainLabels")), sorted(splits_in("latest_images"))
        (['train'], [])
    """
    return frozenset(divided(_CAPITALISED.findall(name)).splits)
