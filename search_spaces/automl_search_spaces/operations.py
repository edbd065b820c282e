"""What one call of one kind of layer costs in multiply-accumulates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from automl_search_spaces.inference import is_augmentation

Shape = tuple[int | None, ...]
Counter = Callable[[Any, Shape, Shape], int | None]

#: Kinds without multiply-accumulates that are worth counting: they move, compare or
#: scale numbers, or act in training only.
_FREE = frozenset(
    {
        "Activation",
        "ActivityRegularization",
        "Add",
        "AlphaDropout",
        "Average",
        "BatchNormalization",
        "BroadcastTo",
        "Cast",
        "Clip",
        "CenterCrop",
        "Concatenate",
        "Divide",
        "Dropout",
        "ELU",
        "Elu",
        "Embedding",
        "Exp",
        "ExpandDims",
        "Flatten",
        "Flip",
        "GaussianDropout",
        "Gelu",
        "GetItem",
        "GroupNormalization",
        "Identity",
        "InputLayer",
        "Isnan",
        "LayerNormalization",
        "LeakyReLU",
        "LeakyRelu",
        "LogicalNot",
        "Masking",
        "Max",
        "Maximum",
        "Mean",
        "Minimum",
        "Multiply",
        "Negative",
        "Normalization",
        "NotEqual",
        "PReLU",
        "Pad",
        "Permute",
        "Power",
        "RMSNormalization",
        "ReLU",
        "Relu",
        "Relu6",
        "RepeatVector",
        "Rescaling",
        "Reshape",
        "Resize",
        "Sigmoid",
        "Silu",
        "Softmax",
        "Softplus",
        "Split",
        "Square",
        "Squeeze",
        "Subtract",
        "Sum",
        "Swish",
        "Tanh",
        "Transpose",
        "TrueDivide",
        "UnitNormalization",
        "Unstack",
        "Where",
    }
)
_FREE_PREFIXES = (
    "AveragePooling",
    "Cropping",
    "GlobalAveragePooling",
    "GlobalMaxPooling",
    "MaxPooling",
    "SpatialDropout",
    "UpSampling",
    "ZeroPadding",
)


def macs_of(operation: Any, input_shape: Shape, output_shape: Shape) -> int | None:
    """Return the multiply-accumulates of one call for one sample.

    Args:
        operation: Layer or operation.
        input_shape: Shape of its first input without the batch axis.
        output_shape: Shape of its first output without the batch axis.

    Returns:
        The number, or `None` if the kind or a shape is not known.
    """
    kind = type(operation).__name__
    if kind in _COUNTERS:
        known = None not in input_shape and None not in output_shape
        return _COUNTERS[kind](operation, input_shape, output_shape) if known else None
    free = (
        kind in _FREE or kind.startswith(_FREE_PREFIXES) or is_augmentation(operation)
    )
    return 0 if free else None


def _positions(layer: Any, shape: Shape) -> int:
    """Return the number of spatial positions of a shape."""
    last = layer.data_format == "channels_last"
    return math.prod(n or 0 for n in (shape[:-1] if last else shape[1:]))


def _channels(layer: Any, shape: Shape) -> int:
    """Return the number of channels of a shape."""
    return (shape[-1] if layer.data_format == "channels_last" else shape[0]) or 0


def _convolution(layer: Any, inputs: Shape, outputs: Shape) -> int:
    """Each output number takes one product a tap and channel of its group."""
    taps = math.prod(layer.kernel_size) * _channels(layer, inputs) // layer.groups
    return _positions(layer, outputs) * int(layer.filters) * int(taps)


def _transposed(layer: Any, inputs: Shape, outputs: Shape) -> int:
    """Each input number is spread over every tap and filter."""
    taps = math.prod(layer.kernel_size) * layer.filters
    return _positions(layer, inputs) * _channels(layer, inputs) * int(taps)


def _depthwise(layer: Any, inputs: Shape, outputs: Shape) -> int:
    """Each channel is convolved by itself, `depth_multiplier` times."""
    channels = _channels(layer, inputs) * int(layer.depth_multiplier)
    return _positions(layer, outputs) * channels * int(math.prod(layer.kernel_size))


def _separable(layer: Any, inputs: Shape, outputs: Shape) -> int:
    """A depthwise convolution, then one product a channel and filter."""
    channels = _channels(layer, inputs) * int(layer.depth_multiplier)
    pointwise = _positions(layer, outputs) * channels * int(layer.filters)
    return _depthwise(layer, inputs, outputs) + pointwise


def _dense(layer: Any, inputs: Shape, outputs: Shape) -> int:
    """Each output number takes one product a feature."""
    return math.prod(n or 0 for n in outputs) * (inputs[-1] or 0)


def _mel(layer: Any, inputs: Shape, outputs: Shape) -> int:
    """A Fourier transform a frame, at n log2(n) / 2 complex products; the bands."""
    bands, frames = outputs[-2] or 0, outputs[-1] or 0
    length = int(layer.fft_length)
    transform = 2 * length * round(math.log2(length))
    return frames * (transform + bands * (length // 2 + 1))


def _einsum(layer: Any, inputs: Shape, outputs: Shape) -> int:
    """Each output number takes one product a combination of contracted indices."""
    terms, result = layer.equation.split("->")
    letters, weights = terms.split(",")
    sizes = dict(zip(letters[1:], inputs, strict=True))
    sizes |= dict(zip(weights, layer.kernel.shape, strict=True))
    contracted = set(sizes) - set(result)
    products = math.prod(sizes[letter] or 0 for letter in contracted)
    # Without a contraction it only scales numbers, which does not count.
    return math.prod(n or 0 for n in outputs) * products if contracted else 0


_COUNTERS: Mapping[str, Counter] = {
    "Dense": _dense,
    "EinsumDense": _einsum,
    "MelSpectrogram": _mel,
    **{f"Conv{rank}D": _convolution for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": _transposed for rank in (1, 2, 3)},
    **{f"DepthwiseConv{rank}D": _depthwise for rank in (1, 2)},
    **{f"SeparableConv{rank}D": _separable for rank in (1, 2)},
}
