"""A network as one TensorFlow function, which converters start from."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from automl.errors import RequestError
from automl.export.names import INPUT


class UnsupportedLayerError(RequestError):
    """A layer that a format can't hold."""


def as_module(network: keras.Model, output: str) -> tf.Module:
    """Return a module whose `serve` goes from `inputs` to one float32 output."""
    tensor = network.inputs[0]
    signature = [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype, name=INPUT)]
    module = tf.Module()
    module.variables_of_network = [variable.value for variable in network.variables]
    module.serve = tf.function(
        lambda inputs: {output: tf.cast(network(inputs, training=False), tf.float32)},
        input_signature=signature,
    )
    return module


def convert_or_blame(
    network: keras.Model,
    convert: Callable[[keras.Model], bytes],
    format_name: str,
    *,
    alone: Callable[[keras.Model], bytes] | None = None,
) -> bytes:
    """Return what `convert` makes of a network; if it fails, say which layers fail.

    Args:
        network: The network.
        convert: From a network to the bytes of a file.
        format_name: What people call the format.
        alone: Converts a single layer, where `convert` can't.

    Raises:
        UnsupportedLayerError: If the network can't be converted.
    """
    with _silent_converters():
        try:
            return convert(network)
        except Exception as error:
            one = alone or convert
            guilty = [_named(x) for x in _layers_of(network) if _fails(x, one)]
            what = f"the layer {', '.join(guilty)}" if guilty else "this network"
            raise UnsupportedLayerError(
                f"The {format_name} format can't hold {what} ({_reason(error)}); "
                "choose another format, or another trial with --trial."
            ) from error


@contextmanager
def _silent_converters() -> Iterator[None]:
    """Keep what converters log and warn of away: an exception says what matters."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _layers_of(network: keras.Model) -> list[Any]:
    inputs = keras.layers.InputLayer
    return [x for x in network.operations if not isinstance(x, inputs)]


def _fails(layer: Any, convert: Callable[[keras.Model], bytes]) -> bool:
    """Whether a network of this layer alone, where it has one input, fails too."""
    node = layer._inbound_nodes[-1]
    if len(node.input_tensors) != 1:
        return False
    try:
        convert(keras.Model(node.input_tensors[0], node.outputs[0]))
    except Exception:
        return True
    return False


def _named(layer: Any) -> str:
    return f"{layer.name} ({type(layer).__name__})"


def _reason(error: Exception) -> str:
    """Return what a converter's message boils down to: its first line, or its end."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    marked = [line for line in lines if line.startswith(("TF Select ops:", "error:"))]
    text = (marked or lines or [type(error).__name__])[-1 if marked else 0]
    return text[:200].rstrip(".;:")
