"""A `.keras` file of stock layers, with scaling and names inside."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras

from automl.export.companions import companion_files
from automl.export.texts import vectorizer
from automl_datasets.spec import DataSpec


def export_keras(network: keras.Model, spec: DataSpec, path: Path) -> None:
    """Write a model that Keras loads without this package, in safe mode.

    Images may have any size, and texts are strings. No stock layer crops or pads
    series, sound, volumes and videos by the rules of their preparation, so that these
    have to have the shape of `spec`. The archive also holds `labels.txt`, the names of
    the outputs in order, and `data.json`, the data it was trained on.

    Args:
        network: Takes `(batch, *spec.shape)`, gives `(batch, outputs)`; no
            augmentation.
        spec: The data.
        path: A path ending in `.keras`.
    """
    with_intake(network, spec).save(path)
    with zipfile.ZipFile(path, "a") as archive:
        for name, text in companion_files(spec).items():
            archive.writestr(name, text)


def with_intake(network: keras.Model, spec: DataSpec) -> keras.Model:
    """Return the network behind what brings raw images or texts to its shape."""
    if spec.kind == "image":
        return _with_resizing(network, spec)
    if spec.kind == "text":
        texts = keras.Input((), dtype="string", name="text")
        indices = keras.layers.Reshape(spec.shape)(vectorizer(spec)(texts))
        return keras.Model(texts, network(indices), name=network.name)
    return network


def _with_resizing(network: keras.Model, spec: DataSpec) -> keras.Model:
    height, width, channels = spec.shape
    inputs = keras.Input((None, None, channels), dtype="float32", name="image")
    # Not the layer `Resizing`: where nobody says whether it trains, as in `model(x)`,
    # it takes training for granted, for every layer behind it.
    resized = keras.ops.image.resize(
        inputs, (height, width), interpolation="bilinear", antialias=True
    )
    if spec.holds_whole_numbers:  # as the preparation rounds them
        resized = keras.ops.round(resized)
    return keras.Model(inputs, network(resized), name=network.name)
