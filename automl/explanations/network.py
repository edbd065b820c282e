"""A network as one flat graph, and as plain rows."""

from __future__ import annotations

from typing import Any

import keras

from automl_reports.explanation import LayerRow
from automl_search_spaces.cost import LayerCost, layer_costs
from automl_search_spaces.graph import has_graph
from automl_search_spaces.inference import inference_model

_NO_ACTIVATION = "linear"
_CONVERSION = "ConvertToTensor"  # what a model does to its inputs when it is called


def flat_network(model: keras.Model) -> keras.Model:
    """Return the deployed network with the layers of nested models among its own.

    Args:
        model: A functional or built sequential model.

    Raises:
        SpaceError: If it has no graph of layers.
        ValueError: If nested models hold layers of one name.
    """
    network = inference_model(model)
    if not any(has_graph(layer) for layer in network.layers):
        return network
    while any(has_graph(layer) for layer in network.layers):
        network = keras.models.clone_model(
            network, clone_function=_same, call_function=_inlined
        )
    return inference_model(network)


def _same(layer: Any) -> Any:
    """Return a layer itself: the graph is new, its weights are not."""
    return layer


def _inlined(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """Call a layer, or the layers of a nested model one by one."""
    return layer.call(*args) if has_graph(layer) else layer(*args, **kwargs)


def layer_rows(network: keras.Model) -> tuple[LayerRow, ...]:
    """Return a row for every call of every layer of a flat network, in order."""
    operations = {operation.name: operation for operation in network.operations}
    return tuple(_row(cost, operations.get(cost.name)) for cost in layer_costs(network))


def _row(cost: LayerCost, operation: Any) -> LayerRow:
    return LayerRow(
        name=cost.name,
        kind=cost.kind,
        output_shape=cost.output_shape,
        params=cost.params,
        macs=0 if cost.kind == _CONVERSION else cost.macs,
        inputs=cost.inputs,
        kernel=_sizes(operation, "kernel_size") or _sizes(operation, "pool_size"),
        strides=_sizes(operation, "strides"),
        activation=_activation(operation),
    )


def _sizes(operation: Any, name: str) -> tuple[int, ...]:
    sizes = getattr(operation, name, ())
    return (sizes,) if isinstance(sizes, int) else tuple(int(n) for n in sizes)


def _activation(operation: Any) -> str:
    name = getattr(getattr(operation, "activation", None), "__name__", "")
    return "" if name == _NO_ACTIVATION else str(name)
