"""Layers that a format lacks, put in terms of layers that it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from automl.export.spectra import mel_spectrogram

#: `(layer, input) -> output`; `None` where the layer's settings are not covered.
Rule = Callable[[Any, Any], Any]


def lowered(network: keras.Model, rules: Mapping[str, Rule]) -> keras.Model:
    """Return the network with other layers in place of those that have a rule.

    Its weights are those of `network`, shared, and its outputs the same but for
    rounding.

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

    Exact for windows that do not overlap, as a maximum of maxima or an average of
    averages of equally many values.
    """

    def apply(layer: Any, x: Any) -> Any:
        plain = layer.padding == "valid" and layer.strides == layer.pool_size
        if not plain or layer.data_format != "channels_last":
            return None
        (rows, height, width), channels = layer.pool_size, x.shape[-1]
        depth = x.shape[1]
        planes = keras.ops.reshape(x, (-1, *x.shape[2:]))
        planes = pooling((height, width))(planes)
        side, other = planes.shape[1:3]
        columns = keras.ops.reshape(planes, (-1, depth, side * other, channels))
        columns = pooling((rows, 1))(columns)
        shape = (-1, depth // rows, side, other, channels)
        return keras.ops.reshape(columns, shape)

    return apply


#: LiteRT has no pooling of three dimensions.
LITERT_RULES: Mapping[str, Rule] = {
    "MaxPooling3D": _pool_by_planes(keras.layers.MaxPooling2D),
    "AveragePooling3D": _pool_by_planes(keras.layers.AveragePooling2D),
}

#: tf2onnx converts no complex numbers, in which TensorFlow transforms sound.
ONNX_RULES: Mapping[str, Rule] = {"MelSpectrogram": mel_spectrogram}
