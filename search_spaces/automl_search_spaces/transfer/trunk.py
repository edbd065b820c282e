"""The part of a trained network that is kept: everything before its answer."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, NamedTuple

import keras

from automl_datasets.naming import nearest
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.graph import has_graph
from automl_search_spaces.transfer.applications import (
    application_names,
    is_application,
    load_application,
)
from automl_search_spaces.transfer.files import load_keras_file
from automl_search_spaces.transfer.grafting import graft

#: What may stand behind the last dense layer of a network.
_BEHIND = (
    keras.layers.Activation,
    keras.layers.Dropout,
    keras.layers.Rescaling,
    keras.layers.Softmax,
)


class Source(NamedTuple):
    """What a trunk was made of, for the record of a run.

    Attributes:
        source: As it was asked for.
        name: What networks made of it are called.
        sha256: Of the file, if it was one.
        params: Weights of the trunk.
    """

    source: str
    name: str
    sha256: str | None
    params: int


def save_trunk(source: str, file: Path) -> Source:
    """Load a trained network, cut off its answer and save the rest.

    Args:
        source: A `.keras` file, a name of `keras.applications`, or `NAME=WEIGHTS.h5`.
        file: Where to save, ends in `.keras`; its folder is made.

    Raises:
        SpaceError: If there is no such network, or it can't be cut.
    """
    trunk, origin = _load(source)
    file.parent.mkdir(parents=True, exist_ok=True)
    trunk.save(file)
    digest = hashlib.sha256(origin.read_bytes()).hexdigest() if origin else None
    return Source(source, trunk.name, digest, int(trunk.count_params()))


def _load(source: str) -> tuple[keras.Model, Path | None]:
    """Return the trunk and the file that it comes from."""
    name, _, weights = source.partition("=")
    if is_application(name):
        file = Path(weights) if weights else None
        return load_application(name, file), file
    path = Path(source)
    if path.suffix != ".keras":
        raise SpaceError(
            f"{source!r} is neither a .keras file nor a network of keras.applications"
            f"{nearest(source, application_names())}; these are "
            f"{', '.join(application_names())}."
        )
    return cut(load_keras_file(path), _label(path)), path


def cut(model: keras.Model, name: str) -> keras.Model:
    """Return `model` up to what its last dense layer sees.

    A network without one, which answers with features, is kept whole.

    Args:
        model: A functional or sequential model of one input and one output.
        name: Name of the trunk.

    Raises:
        SpaceError: If it has several inputs or outputs, or no layers before the
            dense one that could be kept.
    """
    inputs: Any = getattr(model, "inputs", ())
    outputs: Any = getattr(model, "outputs", ())
    if not has_graph(model) or len(inputs or ()) != 1 or len(outputs or ()) != 1:
        raise SpaceError(
            f"{name} is not a functional model of one input and one output; build it "
            "with the functional API."
        )
    entry = keras.Input(_shape(model), dtype=inputs[0].dtype)
    unfolded = graft(model, entry, share=1.0)
    trunk = keras.Model(entry, _features(unfolded), name=name)
    if not trunk.weights:
        raise SpaceError(f"{name} has no weights before its last dense layer to keep.")
    return trunk


def _shape(model: keras.Model) -> tuple[int | None, ...]:
    """Return the shape of samples; that behind the resizing where that comes first."""
    shape: tuple[int | None, ...] = tuple(model.inputs[0].shape[1:])
    resizing = (
        x for x in _operations(model) if type(x).__name__ in ("Resizing", "Resize")
    )
    first = next((x for x in resizing if x.input is model.inputs[0]), None)
    if first is None:
        return shape
    return (*(int(side) for side in first.output.shape[1:-1]), shape[-1])


def _operations(model: keras.Model) -> list[Any]:
    """Return layers and mere operations."""
    return list(getattr(model, "operations", model.layers))


def _features(output: Any) -> Any:
    """Return the tensor before the last dense layer, or the output itself."""
    operation = _before(output, _BEHIND)._keras_history.operation
    if not isinstance(operation, keras.layers.Dense):
        return output
    return _before(operation.input, keras.layers.Dropout)


def _before(tensor: Any, kinds: Any) -> Any:
    """Return the tensor before all layers of some kinds that end in this one."""
    while isinstance(tensor._keras_history.operation, kinds):
        tensor = tensor._keras_history.operation.input
    return tensor


def _label(path: Path) -> str:
    """Return a short name: of the run, where the file is its best model."""
    resolved = path.resolve()
    parts = resolved.parts
    in_run = resolved.name == "model.keras" and resolved.parent.name == "best"
    text = parts[-3] if in_run and len(parts) > 3 else resolved.stem
    return re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "trunk"
