"""Datasets that give samples or batches one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from automl.errors import RequestError
from automl.python_data.rows import GrowingRows, refuse_missing, write_npz
from automl.python_data.tables import label_columns, write_table

_INFINITE = -1


def write_stream(samples: Iterable[tuple[Any, Any]], folder: Path) -> Path:
    """Write samples with their labels, and return the file's path.

    Args:
        samples: Pairs of an array of numbers, or a text, and its label or labels.
        folder: Where to write.
    """
    texts: list[str] = []
    labels: list[Any] = []
    rows = GrowingRows(folder / ".x.raw")
    try:
        for sample, label in samples:
            labels.append(label)
            if isinstance(sample, str | bytes):
                text = sample.decode() if isinstance(sample, bytes) else sample
                texts.append(text)
            else:
                rows.append(sample)
        if texts:
            columns = {"text": texts, **label_columns(labels)}
            return write_table(folder / "data.csv", columns)
        refuse_missing(labels, "y")
        return write_npz(folder / "data.npz", {"x": rows, "y": labels})
    finally:
        rows.close()


def is_tf_dataset(data: Any) -> bool:
    """Whether data is a `tf.data.Dataset`."""
    return hasattr(data, "as_numpy_iterator") and hasattr(data, "element_spec")


def is_py_dataset(data: Any) -> bool:
    """Whether data is a Keras `PyDataset`, or is used like one."""
    names = {base.__name__ for base in type(data).__mro__}
    return bool(names & {"PyDataset", "Sequence"}) and hasattr(data, "__getitem__")


def tf_samples(data: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the samples of a `tf.data.Dataset` of `(x, y)`, batched or not.

    Raises:
        RequestError: If it is infinite, or of another form.
    """
    spec = data.element_spec
    if not isinstance(spec, tuple) or len(spec) < 2:
        raise RequestError(
            f"The tf.data.Dataset must give pairs (x, y), but gives {spec}."
        )
    if int(data.cardinality()) == _INFINITE:
        raise RequestError(
            "The tf.data.Dataset repeats for ever; give one pass, without .repeat()."
        )
    if not _is_batched(data):
        yield from ((element[0], element[1]) for element in data.as_numpy_iterator())
        return
    for batch in data.as_numpy_iterator():
        yield from zip(batch[0], batch[1], strict=True)


def _is_batched(data: Any) -> bool:
    """Whether inputs and labels begin with the same dimension, that of a batch.

    Those of single samples do so only by chance, which is taken for none where the
    label is a number. As many steps or rows as classes are such a chance: then each
    label holds a single 1 among zeros, as the labels of batches do not time and again.
    """
    inputs, labels = (part.shape for part in data.element_spec[:2])
    if labels.rank == 0 or inputs.rank == 0 or inputs[0] != labels[0]:
        return False
    if inputs[0] is None or inputs[0] == 1 or labels.rank > 1:
        return True
    return not all(_is_one_hot(element[1]) for element in data.as_numpy_iterator())


def _is_one_hot(label: np.ndarray) -> bool:
    """Whether a label is a 1 for its class, and zeros for the others."""
    single = np.count_nonzero(label) == 1
    return bool(label.dtype.kind in "biuf" and single and label.max() == 1)


def py_samples(data: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the samples of a Keras `PyDataset`, which gives batches.

    Raises:
        RequestError: If it does not say how many batches it has.
    """
    count = getattr(data, "num_batches", None) or _length(data)
    for index in range(count):
        batch = data[index]
        inputs, labels = batch[0], batch[1]
        yield from zip(np.asarray(inputs), np.asarray(labels), strict=True)


def _length(data: Any) -> int:
    try:
        return len(data)
    except (TypeError, NotImplementedError) as error:
        raise RequestError(
            f"{type(data).__name__} has no length; give it one, in batches."
        ) from error
