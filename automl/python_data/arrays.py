"""Arrays and lists of samples with their labels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from automl.errors import RequestError
from automl.python_data.rows import GrowingRows, plain, refuse_missing, write_npz
from automl.python_data.tables import is_texts, label_columns, write_table

_SPLITS = ("train", "val", "test")


def as_members(data: Any) -> dict[str, Any]:
    """Return data as the members of an `.npz` file.

    Args:
        data: `(x, y)`; `((x_train, y_train), (x_test, y_test))`, as
            `keras.datasets` gives; or a dict with `x` and `y`, or `x_train` and so on.

    Raises:
        RequestError: If it has another form.
    """
    if isinstance(data, Mapping):
        return dict(data)
    if len(data) == 2 and all(isinstance(p, tuple) and len(p) == 2 for p in data):
        pairs = zip(("train", "test"), data, strict=True)
        return {f"{n}_{s}": v for s, pair in pairs for n, v in zip("xy", pair)}  # noqa: B905
    if len(data) == 2:
        return {"x": data[0], "y": data[1]}
    raise RequestError(
        f"Arrays are given as (x, y), but got a tuple of {len(data)}; "
        "for several splits give a dict with x_train, y_train, x_test, y_test."
    )


def write_arrays(data: Any, folder: Path) -> Path:
    """Write arrays, or lists of texts, with their labels; return the file's path.

    A text without a label becomes a row without one, which readers skip and count.

    Raises:
        RequestError: If inputs and labels do not go together, or an array has a sample
            without a label.
    """
    members = as_members(data)
    pairs = _pairs(members)
    if is_texts(next(iter(pairs.values()))[0]):
        return _write_texts(pairs, members.get("classes", ()), folder)
    growing: dict[str, GrowingRows] = {}
    try:
        for ending, (inputs, labels) in pairs.items():
            refuse_missing(labels, f"y{ending}")
            if not _is_array(inputs):
                rows = GrowingRows(folder / f".x{ending}.raw")
                growing[f"x{ending}"] = rows
                for sample in inputs:
                    rows.append(sample)
        return write_npz(folder / "data.npz", {**members, **growing})
    finally:
        for rows in growing.values():
            rows.close()


def _pairs(members: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return inputs and labels by the ending of their names, for example `_train`."""
    endings = [e for e in ("", *(f"_{s}" for s in _SPLITS)) if f"x{e}" in members]
    if not endings or any(f"y{ending}" not in members for ending in endings):
        raise RequestError(
            "A dict of arrays needs x and y, or x_train and y_train, but has "
            f"{', '.join(map(str, members)) or 'nothing'}."
        )
    pairs = {e: (members[f"x{e}"], members[f"y{e}"]) for e in endings}
    for ending, (inputs, labels) in pairs.items():
        if len(inputs) != len(labels):
            raise RequestError(
                f"x{ending} has {len(inputs)} samples, but y{ending} has "
                f"{len(labels)} labels; they must be equally many."
            )
    return pairs


def _is_array(inputs: Any) -> bool:
    """Whether samples are one array already, of whatever library, and not a list."""
    return hasattr(inputs, "__array__") and np.asarray(inputs).dtype.kind in "buif"


def _write_texts(
    pairs: Mapping[str, tuple[Any, Any]], classes: Any, folder: Path
) -> Path:
    texts = [text for inputs, _ in pairs.values() for text in plain(inputs).tolist()]
    others = [text for text in texts if not isinstance(text, str)]
    if others:
        raise RequestError(
            f"Samples are numbers or texts, but x holds {others[0]!r}; give an array "
            "of numbers, or a list of texts."
        )
    labels = np.concatenate([plain(given) for _, given in pairs.values()])
    columns = {"text": texts, **label_columns(labels, tuple(map(str, classes)))}
    if set(pairs) != {""}:
        ends = [(ending, len(given)) for ending, (_, given) in pairs.items()]
        columns["split"] = [e.lstrip("_") for e, count in ends for _ in range(count)]
    return write_table(folder / "data.csv", columns)
