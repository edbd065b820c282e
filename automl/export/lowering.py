"""Layers that a format lacks, put in terms of layers that it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from automl.export.spectra import mel_spectrogram

#: `(layer, input) -> output`; `None` where the layer's settings are not covered.
Rule = Callable[[Any, Any], Any]


def lowered(network: keras.Model, rules: Mapping[str, Rule]) -> keras.Model:
    """Return the network with other layers in place of those that have a rule.

    Its weights are those of `network`, shared or copied, and its outputs the same but
    for rounding.

    Args:
        network: A functional model.
        rules: By class of layer.
    """

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        rule = rules.get(type(layer).__name__)
        replaced = rule(layer, args[0]) if rule is not None else None
        return layer(*args, **kwargs) if replaced is None else replaced

    return keras.models.clone_model(
        network, call_function=call, clone_function=lambda layer: layer
    )


def _pool_by_planes(pooling: type[keras.layers.Layer]) -> Rule:
    """Return a rule that pools height and width first, and then depth.

    Exact for a maximum of maxima; and for an average of averages, as padding does not
    count, so that all of one line across the planes are of equally many values.
    """

    def apply(layer: Any, x: Any) -> Any:
        if layer.data_format != "channels_last":
            return None
        (rows, *window), (down, *across) = layer.pool_size, layer.strides
        depth, channels = x.shape[1], x.shape[-1]
        planes = keras.ops.reshape(x, (-1, *x.shape[2:]))
        planes = pooling(tuple(window), tuple(across), layer.padding)(planes)
        height, width = planes.shape[1:3]
        columns = keras.ops.reshape(planes, (-1, depth, height * width, channels))
        columns = pooling((rows, 1), (down, 1), layer.padding)(columns)
        shape = (-1, columns.shape[1], height, width, channels)
        return keras.ops.reshape(columns, shape)

    return apply


def _scale_channels(layer: Any, x: Any) -> Any:
    """Multiply each channel by its weight, where a dense layer does no more."""
    inputs, weights, outputs = re.split(",|->", layer.equation)
    if outputs != inputs or weights != inputs[-1] or layer.bias is not None:
        return None
    scale = keras.ops.convert_to_numpy(layer.kernel).tolist()
    return layer.activation(keras.layers.Rescaling(scale)(x))


def _convolve_by_groups(layer: Any, x: Any) -> Any:
    """Convolve each group of channels by itself, and put the answers together."""
    groups = layer.groups
    if groups == 1:
        return None
    weights = [np.split(weight, groups, axis=-1) for weight in layer.get_weights()]
    parts = keras.ops.split(x, groups, axis=-1)
    answers = []
    for part, *group_weights in zip(parts, *weights, strict=True):
        alone = {"groups": 1, "filters": layer.filters // groups, "activation": None}
        config = layer.get_config() | alone | {"name": None}
        convolution = type(layer).from_config(config)
        answers.append(convolution(part))
        convolution.set_weights(group_weights)
    return layer.activation(keras.ops.concatenate(answers, axis=-1))


#: LiteRT has no pooling and no groups in three dimensions. Of a dense layer that scales
#: channels it makes a product of matrices, which its delegate can't always lay out.
LITERT_RULES: Mapping[str, Rule] = {
    "Conv3D": _convolve_by_groups,
    "EinsumDense": _scale_channels,
    "MaxPooling3D": _pool_by_planes(keras.layers.MaxPooling2D),
    "AveragePooling3D": _pool_by_planes(keras.layers.AveragePooling2D),
}

#: tf2onnx converts no complex numbers, in which TensorFlow transforms sound, and takes
#: the groups of a convolution for one.
ONNX_RULES: Mapping[str, Rule] = {
    "MelSpectrogram": mel_spectrogram,
    **{f"Conv{rank}D": _convolve_by_groups for rank in (1, 2, 3)},
}
