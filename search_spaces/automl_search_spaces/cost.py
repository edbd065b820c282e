"""Parameters and multiply-accumulates of a model, counted layer by layer.

The counter walks the graph call by call, so that a shared layer or a nested model
counts as often as it is called. A layer it does not know is named, never counted as
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from automl_search_spaces.errors import SpaceError
from automl_search_spaces.graph import has_graph
from automl_search_spaces.operations import Shape, macs_of


@dataclass(frozen=True)
class MacCount:
    """Multiply-accumulates of one forward pass of one sample.

    Attributes:
        total: Their number, of the layers that are known.
        unknown_layers: Names of the layers that are not; with any of them `total`
            is a lower bound.
    """

    total: int
    unknown_layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerCost:
    """One call of one layer.

    Attributes:
        name: Name of the layer, after the names of the models it is nested in.
        kind: Its class, for example `Conv2D`.
        output_shape: Shape of its output for one sample.
        params: Weights it holds; 0 for every call after the first.
        macs: Multiply-accumulates of the call; `None` if the kind is unknown.
        inputs: Names of the layers whose outputs it takes.
        activation: Name of the function that it applies to each number; empty if
            there is none.
    """

    name: str
    kind: str
    output_shape: Shape
    params: int
    macs: int | None
    inputs: tuple[str, ...]
    activation: str = ""


def count_parameters(model: keras.Model) -> int:
    """Return the number of weights, trainable or not."""
    return int(model.count_params())


def count_macs(model: keras.Model) -> MacCount:
    """Return the multiply-accumulates of one forward pass of one sample.

    Convolutions and dense layers count; biases, normalisation, activations, pooling
    and augmentation do not. Positions of padding count, as is usual.

    Args:
        model: A functional or built sequential model of fixed spatial size.

    Raises:
        SpaceError: If `model` has no graph of layers.
    """
    rows = layer_costs(model)
    return MacCount(
        total=sum(row.macs or 0 for row in rows),
        unknown_layers=tuple(dict.fromkeys(r.name for r in rows if r.macs is None)),
    )


def layer_costs(model: keras.Model) -> tuple[LayerCost, ...]:
    """Return a row for every call of every layer, in the order of computation.

    Raises:
        SpaceError: If `model` has no graph of layers.
    """
    return tuple(_walk(model, prefix="", seen=set()))


def _walk(model: keras.Model, prefix: str, seen: set[int]) -> Iterator[LayerCost]:
    """Yield the rows of a model; `seen` holds the weights that were counted."""
    for node in _calls(model):
        operation = node.operation
        if isinstance(operation, keras.Model) and has_graph(operation):
            inner = _at_shape(operation, node)
            yield from _walk(inner, f"{prefix}{operation.name}/", seen)
        else:
            yield _row(node, prefix, seen)


def _calls(model: keras.Model) -> list[Any]:
    """Return the calls of a model's graph, first things first."""
    if not has_graph(model):
        raise SpaceError(
            f"{type(model).__name__} {model.name!r} has no graph of layers to count; "
            "build it with the functional API."
        )
    # Sequential keeps its graph to itself; the functional form of it is public.
    graph = keras.Model(model.inputs, model.outputs)
    by_depth = graph._nodes_by_depth
    return [
        node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]
    ]


def _at_shape(model: keras.Model, node: Any) -> keras.Model:
    """Return a nested model with the shapes that it is called with."""
    if all(_sample_shape(x).count(None) == 0 for x in model.inputs):
        return model
    inputs = [keras.Input(_sample_shape(x), dtype=x.dtype) for x in node.input_tensors]
    functional = keras.Model(model.inputs, model.outputs)
    return keras.models.clone_model(functional, input_tensors=inputs)


def _row(node: Any, prefix: str, seen: set[int]) -> LayerCost:
    """Return the row of one call."""
    operation = node.operation
    output_shape = _sample_shape(node.outputs[0])
    sources = node.input_tensors
    input_shape = _sample_shape(sources[0]) if sources else output_shape
    return LayerCost(
        name=prefix + operation.name,
        kind=type(operation).__name__,
        output_shape=output_shape,
        params=_new_weights(operation, seen),
        macs=macs_of(operation, input_shape, output_shape),
        inputs=tuple(_source(x, prefix) for x in sources),
        activation=_activation(operation),
    )


def _source(tensor: Any, prefix: str) -> str:
    """Return the name of the row that a tensor comes from, inside a nested model."""
    operation = tensor._keras_history.operation
    name = f"{prefix}{operation.name}"
    if isinstance(operation, keras.Model) and has_graph(operation):
        place = tensor._keras_history.tensor_index
        return _source(operation.outputs[place], f"{name}/")
    return name


def _activation(operation: Any) -> str:
    """Return the name of the function that an operation applies to each number."""
    function = getattr(operation, "activation", None)
    if function is None:
        kind = type(operation).__name__.lower()
        return kind if hasattr(keras.activations, kind) else ""
    name = getattr(function, "__name__", type(function).__name__).lower()
    return "" if name == "linear" else name


def _sample_shape(tensor: Any) -> Shape:
    """Return the shape of a tensor without its batch axis."""
    return tuple(tensor.shape[1:])


def _new_weights(operation: Any, seen: set[int]) -> int:
    """Return the number of weights of an operation that were not counted before."""
    new = [w for w in getattr(operation, "weights", ()) if id(w) not in seen]
    seen.update(id(w) for w in new)
    return sum(math.prod(w.shape) for w in new)
