"""Where a network looked: gradient-weighted class activation maps at any rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

_ENOUGH_POSITIONS = 16
_BATCH_SIZE = 4
_FOLLOWERS = (
    "Activation",
    "Add",
    "BatchNormalization",
    "Concatenate",
    "ELU",
    "LayerNormalization",
    "LeakyReLU",
    "PReLU",
    "ReLU",
)


@dataclass(frozen=True)
class Attention:
    """Where a network looked.

    Attributes:
        layer: Name of the layer whose positions were weighed.
        maps: Strengths in [0, 1], float32 `(n, *positions)`.
    """

    layer: str
    maps: np.ndarray


def attention(
    network: keras.Model, inputs: np.ndarray, outputs: np.ndarray, signs: np.ndarray
) -> Attention | None:
    """Return what spoke for one output of each sample, position by position.

    Channels of the last convolutional features are weighed by the mean gradient of
    the output before its softmax or sigmoid; what speaks against it is left out. Where
    the last features have hardly any positions, earlier ones are taken.

    Args:
        network: A flat functional network.
        inputs: Samples, shape `(n, *shape)`.
        outputs: Which output of each sample to explain, shape `(n,)`.
        signs: 1 to explain why it is as large as it is, -1 for as small, `(n,)`.

    Returns:
        The maps, or `None` for a network without convolutions.

    Source:
        Selvaraju et al. (2017), Grad-CAM, arXiv:1610.02391.
    """
    layer = watched_layer(network)
    if layer is None:
        return None
    tensor, finish = _before_activation(network)
    inner = keras.Model(network.input, [layer.output, tensor])
    maps = []
    for start in range(0, len(inputs), _BATCH_SIZE):
        rows = slice(start, start + _BATCH_SIZE)
        chosen = tf.constant(outputs[rows, None])
        with tf.GradientTape() as tape:
            features, last = inner(np.asarray(inputs[rows]), training=False)
            scores = tf.gather(finish(last), chosen, axis=1, batch_dims=1)
            total = tf.reduce_sum(scores[:, 0] * signs[rows])
        gradients = tape.gradient(total, features)
        maps.append(_weighed(features.numpy(), np.asarray(gradients)))
    return Attention(layer.name, np.concatenate(maps))


def watched_layer(network: keras.Model) -> Any:
    """Return the last convolutional layer, or what follows it, with some positions."""
    seen, found = False, None
    for operation in network.operations:
        kind = type(operation).__name__
        if not isinstance(operation, keras.layers.Layer):
            continue
        seen = seen or "Conv" in kind
        if not seen or not ("Conv" in kind or kind in _FOLLOWERS):
            continue
        positions = _positions(operation)
        if positions >= _ENOUGH_POSITIONS or (positions > 1 and found is None):
            found = operation
    return found


def _positions(layer: Any) -> int:
    """Return the positions of a layer's output; 0 where it has no such axes."""
    try:
        shape = layer.output.shape
    except AttributeError:  # a layer that is called more than once
        return 0
    if len(shape) < 3 or None in shape[1:]:
        return 0
    return int(np.prod(shape[1:-1]))


def _before_activation(network: keras.Model) -> tuple[Any, Any]:
    """Return a tensor, and what makes the outputs without their activation of it."""
    last = network.operations[-1]
    kind = type(last).__name__
    if kind in ("Activation", "Softmax"):
        return last.input, tf.identity
    if kind == "Dense":
        return (
            last.input,
            lambda x: (
                x @ tf.convert_to_tensor(last.kernel)
                + (0.0 if last.bias is None else tf.convert_to_tensor(last.bias))
            ),
        )
    return network.output, tf.identity


def _weighed(features: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Return what channels say together, the strongest position of a sample as 1."""
    space = tuple(range(1, features.ndim - 1))
    weights = gradients.mean(axis=space, keepdims=True)
    maps = np.maximum((weights * features).sum(axis=-1), 0)
    largest = maps.max(axis=space, keepdims=True)
    return np.asarray(maps / np.where(largest > 0, largest, 1), np.float32)
