"""Putting copies of a trained network's layers behind other layers."""

from __future__ import annotations

import re
from typing import Any

import keras


def graft(trunk: keras.Model, x: Any, *, share: float, outline: bool = False) -> Any:
    """Return what copies of a trunk's layers make of `x`.

    The last layers are trained on; the others keep their weights, and those that
    normalise batches their statistics. Models within the trunk are unfolded.

    Args:
        trunk: A functional model of one input and one output.
        x: Keras tensor of a shape that it takes.
        share: Share of the layers with weights that are trained on, in [0, 1].
        outline: Whether weights are left out, for a model that is never run.
    """
    copies: list[tuple[Any, Any]] = []
    features = _run(trunk, x, copies)
    weighted = [pair for pair in copies if _has_weights(pair[0])]
    first = len(weighted) - num_trained(trunk, share)
    for place, (original, copy) in enumerate(weighted):
        if not outline:
            copy.set_weights(original.get_weights())
        copy.trainable = place >= first
    return features


def num_trained(trunk: keras.Model, share: float) -> int:
    """Return how many layers that share of a trunk is."""
    return round(share * sum(map(_has_weights, layers_of(trunk))))


def layers_of(model: keras.Model) -> list[Any]:
    """Return the layers of a model and of those nested in it, in order."""
    found = []
    for layer in model.layers:
        nested = isinstance(layer, keras.Model)
        found += layers_of(layer) if nested else [layer]
    return found


def _has_weights(layer: Any) -> bool:
    """Whether a layer, which may be a mere operation, has weights."""
    return bool(getattr(layer, "weights", ()))


def _run(model: keras.Model, x: Any, copies: list[tuple[Any, Any]]) -> Any:
    """Run `x` through copies of a model's layers, and note each with its original."""
    if isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs[0], model.outputs[0])

    def copied(layer: Any) -> Any:
        if isinstance(layer, keras.Model):
            return lambda inner, **_: _run(layer, inner, copies)
        if isinstance(layer, keras.layers.Resizing):
            return lambda images, **_: resize(images, layer)
        known = next((copy for original, copy in copies if original is layer), None)
        if known is None:
            known = _copy(layer, len(copies))
            copies.append((layer, known))
        return known

    # What `keras.models.clone_model` does, which can't go on from other layers.
    return model._run_through_graph(x, operation_fn=copied)


def resize(x: Any, layer: keras.layers.Resizing) -> Any:
    """Resize as a layer does, by an operation.

    The layer has all that comes after it train, wherever a model is called without
    `training`.
    """
    size = (layer.height, layer.width)
    if tuple(x.shape[1:-1]) == size:
        return x
    return keras.ops.image.resize(
        x, size, interpolation=layer.interpolation, antialias=layer.antialias
    )


def _copy(layer: Any, place: int) -> Any:
    """Return a layer or operation of the same settings and another name."""
    config = layer.get_config()
    if "name" in config:
        name = re.sub(r"^trunk_\d+_", "", config["name"])
        config["name"] = f"trunk_{place}_{name}"
    return layer.__class__.from_config(config)
