"""How much memory a network takes, told from its graph.

Training holds, in float32, for each sample of a batch

* what the gradients need of the forward pass: the input of every layer with weights,
  of every product and of every largest value; the output of activations, whose slope
  is a function of it; and what normalisation and activations compute on the way;
* the gradients of the input and the output of one call, where their sum is largest;

and for each weight its value, its gradient, two numbers of the optimizer and an
average, and copies of these: those that a step works on, the state before a validation,
and the best weights. A tensor that several layers need is held once, and layers that
only give a tensor another shape hold nothing.

Kernels' own scratch space is not in it: measured peaks are within a factor of two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from automl_search_spaces.cost import LayerCost

_BYTES = 4

#: Measured with AdamW and 24 million weights: 16.3 beside the process, and 20.4 with an
#: average of the weights.
_NUMBERS_PER_WEIGHT = 20

_VIEWS = frozenset({"Reshape", "Flatten", "Squeeze", "ExpandDims", "Identity"})

#: Their gradients need nothing of the forward pass but shapes.
_NEEDS_NOTHING = (
    *("Add", "Average", "AveragePooling", "Concatenate", "Cropping", "GetItem"),
    *("GlobalAveragePooling", "InputLayer", "Mean", "Negative", "Pad", "Permute"),
    *("Random", "Rescaling", "Split", "Subtract", "Sum", "Transpose", "UpSampling"),
    "ZeroPadding",
)

#: Activations whose slope is a function of their own value.
_NEEDS_OUTPUT = frozenset({"elu", "relu", "relu6", "sigmoid", "softmax", "tanh"})

#: Further numbers that are held, in outputs of the layer.
_WITHIN: Mapping[str, int] = {
    "Dropout": 1,
    "Gelu": 4,
    "GroupNormalization": 2,
    "LayerNormalization": 2,
}


def training_bytes(rows: Sequence[LayerCost], batch_size: int) -> int:
    """Return the memory of one training step, beside that of the process.

    Args:
        rows: What `layer_costs` says of the network.
        batch_size: Samples a step.
    """
    numbers = held_for_gradients(rows) + _largest_call(rows)
    params = sum(row.params for row in rows)
    return _BYTES * (batch_size * numbers + _NUMBERS_PER_WEIGHT * params)


def held_for_gradients(rows: Sequence[LayerCost]) -> int:
    """Return how many numbers of a sample the backward pass needs."""
    sizes, origins = _sizes(rows), _origins(rows)
    held: set[str] = set()
    within = 0
    for row in rows:
        if row.kind in _VIEWS or row.kind.startswith(_NEEDS_NOTHING):
            continue
        if row.activation not in _NEEDS_OUTPUT or row.params:
            held.update(origins[name] for name in row.inputs)
        if row.activation in _NEEDS_OUTPUT or row.kind.startswith("MaxPooling"):
            held.add(origins[row.name])
        within += _WITHIN.get(row.kind, 0) * sizes[row.name]
    return within + sum(sizes[name] for name in held)


def _largest_call(rows: Sequence[LayerCost]) -> int:
    """Return the most numbers of a sample that go into and come out of one call."""
    sizes = _sizes(rows)
    return max(
        sizes[row.name] + sum(sizes[name] for name in row.inputs) for row in rows
    )


def _sizes(rows: Sequence[LayerCost]) -> dict[str, int]:
    """Return the numbers of each output of a sample."""
    return {row.name: math.prod(n or 1 for n in row.output_shape) for row in rows}


def _origins(rows: Sequence[LayerCost]) -> dict[str, str]:
    """Return by name which layer computed the numbers that a layer gives out."""
    origins: dict[str, str] = {}
    for row in rows:
        view = row.kind in _VIEWS and row.inputs
        origins[row.name] = origins[row.inputs[0]] if view else row.name
    return origins
