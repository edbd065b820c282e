"""Texts: from strings to indices inside graphs, and from indices back to strings."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

from automl_datasets.spec import DataSpec

# Nobody's vocabulary holds characters of the private use area, except to test this.
_PRIVATE_USE_AREA = range(0xE000, 0xF900)


def vectorizer(spec: DataSpec) -> keras.layers.TextVectorization:
    """Return the layer from strings `(batch,)` to indices `(batch, tokens)`."""
    record = spec.preprocessing
    return keras.layers.TextVectorization(
        standardize=record["standardize"],
        split=record["split"],
        output_sequence_length=int(record["tokens"]),
        vocabulary=list(record["vocabulary"]),
        name="vectorizer",
    )


def texts_of(indices: np.ndarray, spec: DataSpec) -> Iterator[str]:
    """Yield for each sample a text that the vectorizer turns into its indices.

    Args:
        indices: Integers of shape `(batch, tokens, 1)`.
        spec: The data, with its vocabulary.
    """
    record = spec.preprocessing
    vocabulary = list(record["vocabulary"])
    known = set(vocabulary)
    stranger = next(c for c in map(chr, _PRIVATE_USE_AREA) if c not in known)
    # TextVectorization's own are 0, padding, and 1, not in the vocabulary.
    words = np.array(["", stranger, *vocabulary], dtype=object)
    between = " " if record["split"] == "whitespace" else ""
    for row in indices[..., 0]:
        yield between.join(words[row[row != 0]])
