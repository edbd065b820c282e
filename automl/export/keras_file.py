"""A `.keras` file of stock layers, with resizing, scaling and class names inside."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras

from automl.export.companions import companion_files
from automl_datasets.spec import DataSpec


def export_keras(network: keras.Model, spec: DataSpec, path: Path) -> None:
    """Write a model that Keras loads without this package, in safe mode.

    The archive also holds `labels.txt`, the class names in order of index, and
    `data.json`, the data it was trained on.

    Args:
        network: Takes `(batch, *spec.shape)`, gives probabilities; no augmentation.
        spec: The data.
        path: A path ending in `.keras`.
    """
    _with_resizing(network, spec).save(path)
    with zipfile.ZipFile(path, "a") as archive:
        for name, text in companion_files(spec).items():
            archive.writestr(name, text)


def _with_resizing(network: keras.Model, spec: DataSpec) -> keras.Model:
    if spec.kind != "image":
        return network
    height, width, channels = spec.shape
    inputs = keras.Input((None, None, channels), dtype="float32", name="image")
    resized = keras.layers.Resizing(
        height, width, interpolation="bilinear", antialias=True, name="resizing"
    )(inputs)
    return keras.Model(inputs, network(resized), name=network.name)
