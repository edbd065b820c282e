"""What a built model is: a name for it that equal models share."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import keras

#: What differs between two builds of the same model.
_ACCIDENTAL = frozenset({"name", "seed", "shared_object_id", "build_config"})

#: Where a configuration says which tensors go in and out of layers.
_CONNECTIONS = frozenset({"keras_history", "input_layers", "output_layers"})


def architecture_identity(model: keras.Model) -> str:
    """Return a hash of what `model` computes and how it is trained.

    Layers with their settings and connections, augmentation, optimizer, schedule and
    loss count; names, seeds and weights do not. Two sets of hyperparameters with the
    same identity would repeat each other.

    Args:
        model: A functional or sequential model, compiled or not.

    Returns:
        64 hexadecimal digits.
    """
    described = [_graph(model), _training(model)]
    text = json.dumps(described, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _graph(model: keras.Model) -> Any:
    """Return layers, settings and connections, without accidental names."""
    return _canonical(model.get_config(), {})


def _training(model: keras.Model) -> Any:
    """Return optimizer and loss, or nothing for a model that is not compiled."""
    if not model.compiled:
        return None
    settings = model.get_compile_config()
    return _canonical({key: settings[key] for key in ("optimizer", "loss")}, {})


def _canonical(value: Any, places: dict[str, int]) -> Any:
    """Return a configuration in which layers are called by their place."""
    if isinstance(value, dict):
        if isinstance(value.get("layers"), list):
            names = [layer["config"].get("name") for layer in value["layers"]]
            places = {name: place for place, name in enumerate(names)}
        return {
            key: _connections(item, places)
            if key in _CONNECTIONS
            else _canonical(item, places)
            for key, item in value.items()
            if key not in _ACCIDENTAL
        }
    if isinstance(value, list | tuple):
        return [_canonical(item, places) for item in value]
    return value


def _connections(value: Any, places: dict[str, int]) -> Any:
    """Return tensor addresses `[layer, node, output]` with places for names."""
    if isinstance(value, str):
        return places[value]
    if isinstance(value, dict):
        return {key: _connections(item, places) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_connections(item, places) for item in value]
    return value
