"""What the first convolutions of a network make of one sample."""

from __future__ import annotations

import keras
import numpy as np

from automl.explanations.pictures import encoded, grey
from automl_reports.explanation import FeatureMaps, Panel

MOST_LAYERS = 2
MOST_CHANNELS = 16
_COLUMNS = 8
_TILE_PIXELS = 48
_STRIP_PIXELS = 256
_GAP = 1


def feature_maps(network: keras.Model, sample: np.ndarray) -> tuple[FeatureMaps, ...]:
    """Return the channels of the first convolutions that differ most over positions.

    Args:
        network: A flat functional network.
        sample: One sample, of the shape that the network takes.
    """
    layers = first_convolutions(network)
    if not layers:
        return ()
    # By name: of a list with one output Keras returns the output alone.
    outputs = {layer.name: layer.output for layer in layers}
    inner = keras.Model(network.input, outputs)
    found = inner(np.asarray(sample)[None], training=False)
    return tuple(_maps(name, np.asarray(found[name])[0]) for name in outputs)


def first_convolutions(network: keras.Model) -> list[keras.layers.Layer]:
    """Return the first layers that convolve more than one position."""
    return [
        layer
        for layer in network.layers
        if "Conv" in type(layer).__name__
        and max(layer.kernel_size) > 1
        and len(layer._inbound_nodes) == 1
    ][:MOST_LAYERS]


def _maps(name: str, features: np.ndarray) -> FeatureMaps:
    """Return the panel of features `(*positions, channels)`."""
    flat = features.reshape(-1, features.shape[-1])
    order = np.argsort(-flat.std(axis=0), kind="stable")[:MOST_CHANNELS]
    channels = np.moveaxis(features, -1, 0)[order]
    if channels.ndim == 2:
        pixels, most = np.stack([grey(line) for line in channels]), _STRIP_PIXELS
    else:
        while channels.ndim > 3:  # the middle of the first axes
            channels = channels[:, channels.shape[1] // 2]
        pixels = _tiled(channels)
        most = max(pixels.shape)
    picture, width, height = encoded(pixels, most=most)
    panel = Panel(picture, width, height)
    return FeatureMaps(name, features.shape, panel, len(order))


def _tiled(channels: np.ndarray) -> np.ndarray:
    """Return maps side by side, each from its own least to its own largest value."""
    step = max(1, -(-max(channels.shape[1:]) // _TILE_PIXELS))
    tiles = [grey(channel[::step, ::step]) for channel in channels]
    height, width = (side + _GAP for side in tiles[0].shape)
    columns = min(_COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = np.zeros((rows * height - _GAP, columns * width - _GAP), np.uint8)
    for place, tile in enumerate(tiles):
        top, left = place // columns * height, place % columns * width
        sheet[top : top + height - _GAP, left : left + width - _GAP] = tile
    return sheet
