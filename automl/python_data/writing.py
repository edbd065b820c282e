"""From whatever a person holds in Python to a path that a search can read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from automl.errors import RequestError
from automl.python_data.arrays import write_arrays
from automl.python_data.hugging_face import is_hugging_face, write_hugging_face
from automl.python_data.streams import (
    is_py_dataset,
    is_tf_dataset,
    py_samples,
    tf_samples,
    write_stream,
)
from automl.python_data.tables import write_frame


def is_path(data: Any) -> bool:
    """Whether data is where it lies, rather than the data itself."""
    return isinstance(data, str | Path)


def write_data(
    data: Any, folder: Path, *, target: str | None = None, group: str | None = None
) -> Path:
    """Write data below a folder, and return the path that a search reads it from.

    Args:
        data: `(x, y)`, a dict of arrays, a pandas DataFrame, a `tf.data.Dataset`, a
            Keras `PyDataset`, or a Hugging Face `Dataset` or `DatasetDict`.
        folder: Where to write.
        target: Columns of the answer, where the data has columns.
        group: Column of what samples belong to, likewise.

    Raises:
        RequestError: If the data has none of these forms, or does not fit together.
    """
    folder = folder.absolute()
    if isinstance(data, pd.DataFrame):
        return write_frame(folder / "data.csv", data)
    if is_hugging_face(data):
        return write_hugging_face(data, folder, target, group)
    if is_tf_dataset(data):
        return write_stream(tf_samples(data), folder)
    if is_py_dataset(data):
        return write_stream(py_samples(data), folder)
    if isinstance(data, tuple | list | dict):
        return write_arrays(data, folder)
    raise RequestError(
        f"Data of type {type(data).__name__} is not understood; give a path, arrays "
        "(x, y), a DataFrame, a tf.data.Dataset, a Keras PyDataset or a Hugging Face "
        "Dataset."
    )
