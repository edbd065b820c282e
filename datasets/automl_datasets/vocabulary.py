"""From texts to indices of words, exactly as `keras.layers.TextVectorization` does.

Words are numbered twice. A plan numbers every word of every text, so that texts can be
read once, whatever split they fall into; `fitting` then keeps the words that recur in
the training split, and renumbers the rows by their frequency there. So validation and
test texts have no say in the vocabulary.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_datasets.errors import DataError
from automl_datasets.naming import counted
from automl_datasets.samples import Array, Fitted, Fitting, Layout, Reading

STANDARDIZE = "lower_and_strip_punctuation"

_RESERVED = 2  # 0 is padding, 1 an unknown word
_PUNCTUATION = b"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
_MOST_WORDS = 20_000
_MOST_NUMBERED = 1_000_000  # words that a plan numbers at most
_LONGEST_KEPT = 64
_MOST_TOKENS = 400
_WORDY = 12  # characters a token; more means that no blanks divide the words
_PROBES = 1_000


class TextPlan(NamedTuple):
    """How texts become rows, and why.

    Attributes:
        layout: Its vocabulary holds every word until `fitting` has chosen among them.
        notes: One sentence each.
        sizes: `(tokens,)` of each text.
    """

    layout: Layout
    notes: tuple[str, ...]
    sizes: tuple[tuple[int], ...]


def tokenise(text: str, split: str) -> list[str]:
    """Return the tokens of a text.

    ASCII letters are lowered, ASCII punctuation goes, and ASCII blanks divide; all
    else stays, as in `keras.layers.TextVectorization`.

    Args:
        text: Any text.
        split: `whitespace`, or `character` for every character by itself.

    Example:
        >>> tokenise("It's GÜnther -- ok", "whitespace")
        ['its', 'gÜnther', 'ok']
        >>> tokenise("A b!", "character")
        ['a', ' ', 'b']
    """
    plain = text.encode("utf-8", "replace").lower().translate(None, _PUNCTUATION)
    if split == "character":
        return list(plain.decode("utf-8"))
    return [token.decode("utf-8") for token in plain.split()]


def plan_texts(texts: Callable[[], Iterable[str]]) -> TextPlan:
    """Decide how texts are divided, how many tokens are kept, and number the words.

    Args:
        texts: Returns all texts, from the start at every call.

    Raises:
        DataError: If no text holds a word.
    """
    split, why = _choose_split(islice(texts(), _PROBES))
    counts: Counter[str] = Counter()
    lengths: list[int] = []
    for text in texts():
        tokens = tokenise(text, split)
        lengths.append(len(tokens))
        counts.update(tokens)
    if not counts:
        raise DataError("Not one text holds a word; check which column is the text.")
    num_tokens, note = _num_tokens([n for n in lengths if n])
    words = [word for word, _ in counts.most_common(_MOST_NUMBERED)]
    preprocessing = {
        "vocabulary": words,
        "split": split,
        "standardize": STANDARDIZE,
        "tokens": num_tokens,
    }
    layout = Layout("text", (num_tokens, 1), "int32", preprocessing)
    notes = (why, note) if why else (note,)
    return TextPlan(layout, notes, tuple((n,) for n in lengths if n))


def _choose_split(probes: Iterable[str]) -> tuple[str, str]:
    densities = []
    for text in probes:
        tokens = tokenise(text, "whitespace")
        if tokens:
            densities.append(sum(map(len, tokens)) / len(tokens))
    median = float(np.median(densities)) if densities else 0.0
    if median <= _WORDY:
        return "whitespace", ""
    return "character", (
        f"Texts are divided into characters: between blanks stand {median:.0f} of "
        "them (median), more than words have."
    )


def _num_tokens(lengths: Sequence[int]) -> tuple[int, str]:
    longest = max(lengths)
    usual = math.ceil(np.percentile(lengths, 95))
    kept = longest if longest <= _LONGEST_KEPT else min(usual, _MOST_TOKENS)
    cropped = sum(length > kept for length in lengths)
    held = f"Texts hold {min(lengths)} to {longest:,} tokens"
    if min(lengths) == kept:
        return kept, f"All texts hold {counted(kept, 'token')}."
    if not cropped:
        return kept, f"{held}; all are kept."
    return kept, (
        f"{held}; the first {kept} are kept, which crops {cropped:,} of "
        f"{len(lengths):,} texts."
    )


def fitting(layout: Layout) -> Fitting:
    """Return what chooses the vocabulary from the rows of the training split.

    Every word that occurs there is kept, at most the 20 000 most frequent; they come
    first, equally frequent ones by the alphabet. Words that occur once are kept too:
    if they were unknown words in training, unknown words would mean "rare", and a
    text of few words would be judged by that.

    Args:
        layout: What `plan_texts` decided on.
    """
    words: Sequence[str] = layout.preprocessing["vocabulary"]

    def fit(rows: Iterable[Array]) -> Fitted:
        counts = np.zeros(len(words) + _RESERVED, np.int64)
        for chunk in rows:
            counts += np.bincount(chunk.ravel(), minlength=len(counts))
        kept = _kept(counts[_RESERVED:], words)
        final = np.ones(len(counts), np.int32)
        final[0] = 0
        final[np.asarray(kept, np.int64) + _RESERVED] = np.arange(
            _RESERVED, len(kept) + _RESERVED
        )
        vocabulary = [words[place] for place in kept]
        return Fitted({"vocabulary": vocabulary}, lambda chunk: final[chunk])

    return fit


def _kept(counts: NDArray[np.int64], words: Sequence[str]) -> list[int]:
    seen = np.flatnonzero(counts)
    ordered = sorted(seen.tolist(), key=lambda place: (-counts[place], words[place]))
    return ordered[:_MOST_WORDS]


def as_reading(text: str, layout: Layout, *, fitted: bool) -> Reading:
    """Bring one text to a layout.

    Args:
        text: Any text.
        layout: What `plan_texts` decided on, or that of a fitted data set.
        fitted: Whether to return indices, int32, `(tokens, 1)`; otherwise the text as
            it is, an object array of no axes.

    Raises:
        DataError: If it holds no word.
    """
    rule = layout.preprocessing
    tokens = tokenise(text, rule["split"])
    if not text.strip() or not tokens:
        raise DataError("holds no word")
    size = (len(tokens),)
    if not fitted:
        return Reading(np.array(text, dtype=object), size)
    places = _places(rule["vocabulary"])
    row = np.zeros(layout.shape, layout.dtype)
    kept = tokens[: layout.shape[0]]
    row[: len(kept), 0] = [places.get(token, 1) for token in kept]
    return Reading(row, size)


# Vocabularies in use and the places of their words; lists of words have no hash.
_latest: list[tuple[Sequence[str], dict[str, int]]] = []


def _places(vocabulary: Sequence[str]) -> dict[str, int]:
    for known, places in _latest:
        if known is vocabulary:
            return places
    places = {word: index for index, word in enumerate(vocabulary, start=_RESERVED)}
    _latest[:] = [(vocabulary, places), *_latest[:1]]
    return places


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text of a file, and a remark if it had to be guessed.

    Example:
        >>> decoded("é".encode("cp1252"))
        ('é', 'read as Windows-1252, since it is not UTF-8')
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), ""
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        remark = "read as Windows-1252, since it is not UTF-8"
        return content.decode("cp1252", "replace"), remark
