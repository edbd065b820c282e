"""Batch normalisation of a training step by one kernel.

Keras composes it of some ten operations, which take about twice as long as TensorFlow's
one, and on a CPU as long as the convolution before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


def fused_normalizations(model: keras.Model) -> list[tuple[Any, str, Any]]:
    """Return what is to replace the calls of a model's batch normalisations.

    Args:
        model: A built model.

    Returns:
        For `automl.training.numbers.replaced`. What a call returns, and what it leaves
        in the moving averages, is the same but for rounding.
    """
    layers = model._flatten_layers(include_self=False)
    return [(layer, "call", _fused(layer)) for layer in layers if _is_plain(layer)]


def _is_plain(layer: Any) -> bool:
    return (
        type(layer) is keras.layers.BatchNormalization
        and layer.axis in (-1, layer.input_spec.ndim - 1)
        and layer.compute_dtype == "float32"
        and not (layer.renorm or layer.synchronized)
    )


def _fused(layer: Any) -> Callable[..., Any]:
    composed = layer.call

    def call(inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if not training or not layer.trainable or mask is not None:
            return composed(inputs, training=training, mask=mask)
        return _normalize(layer, inputs)

    return call


def _normalize(layer: Any, inputs: Any) -> Any:
    """Normalise by the batch, and move the averages, as the layer would."""
    channels = inputs.shape[-1]
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=tf.reshape(inputs, (-1, 1, 1, channels)),
        scale=layer.gamma if layer.scale else tf.ones(channels),
        offset=layer.beta if layer.center else tf.zeros(channels),
        mean=(),
        variance=(),
        epsilon=layer.epsilon,
        is_training=True,
    )
    count = tf.cast(tf.size(inputs) / channels, tf.float32)
    for moving, batch in (
        (layer.moving_mean, mean),
        # The kernel estimates the variance of what the batch was drawn from.
        (layer.moving_variance, variance * (count - 1.0) / count),
    ):
        moving.assign(moving * layer.momentum + batch * (1.0 - layer.momentum))
    return tf.reshape(outputs, tf.shape(inputs))
