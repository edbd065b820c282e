"""The search space that a KerasTuner user who knows convolutions would write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import keras_tuner
import numpy as np

from benchmarks.peer_data import Labelled


@dataclass(frozen=True)
class Shape:
    """What the networks are for.

    Attributes:
        sample: Shape of a sample, channels last.
        classes: Number of classes.
        mean: Mean of the training samples.
        deviation: Their standard deviation.
        photographs: Whether a mirrored and shifted sample is of the same class.
    """

    sample: tuple[int, ...]
    classes: int
    mean: float
    deviation: float
    photographs: bool

    @property
    def rank(self) -> int:
        """Number of spatial dimensions."""
        return len(self.sample) - 1


def shape_of(train: Labelled, kind: str) -> Shape:
    """Return what networks for some training samples have to know."""
    inputs = train.inputs
    return Shape(
        tuple(inputs.shape[1:]),
        int(train.targets.max()) + 1,
        float(np.mean(inputs)),
        float(np.std(inputs)) or 1.0,
        photographs=kind == "image" and inputs.shape[-1] == 3,
    )


class HandWritten(keras_tuner.HyperModel):
    """Stages of convolutions with batch normalisation, each half the size."""

    def __init__(self, shape: Shape) -> None:
        """Remember what the networks are for."""
        super().__init__(name="hand")
        self.shape = shape

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return a compiled network."""
        shape = self.shape
        inputs = keras.Input(shape.sample)
        x = keras.layers.Rescaling(
            1 / shape.deviation, offset=-shape.mean / shape.deviation
        )(inputs)
        if shape.photographs and hp.Boolean("augment", default=True):
            x = keras.layers.RandomFlip("horizontal")(x)
            x = keras.layers.RandomTranslation(0.1, 0.1, fill_mode="reflect")(x)
        width = hp.Choice("filters", [8, 16, 32], default=16)
        kernel = hp.Choice("kernel", [3, 5], default=3)
        repeats = hp.Int("repeats", 1, 2)
        for stage in range(hp.Int("stages", 2, 4, default=3)):
            for _ in range(repeats):
                x = _convolution(x, width * 2**stage, kernel, shape.rank)
            x = _halved(x, shape.rank)
        x = _layer("GlobalAveragePooling", shape.rank)()(x)
        x = keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1))(x)
        outputs = keras.layers.Dense(shape.classes, activation="softmax")(x)
        model = keras.Model(inputs, outputs)
        rate = hp.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=1e-3)
        model.compile(
            optimizer=keras.optimizers.Adam(rate),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        return model

    def fit(
        self, hp: keras_tuner.HyperParameters, model: keras.Model, **options: Any
    ) -> Any:
        """Train with a batch size that is searched as well."""
        batch_size = hp.Choice("batch_size", [32, 64, 128])
        return model.fit(batch_size=batch_size, **options)


def _layer(name: str, rank: int) -> Any:
    return getattr(keras.layers, f"{name}{rank}D")


def _convolution(x: Any, filters: int, kernel: int, rank: int) -> Any:
    convolution = _layer("Conv", rank)
    x = convolution(filters, kernel, padding="same", use_bias=False)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization()(x))


def _halved(x: Any, rank: int) -> Any:
    """Pool by two along every axis that is long enough."""
    sides = tuple(2 if side > 1 else 1 for side in x.shape[1:-1])
    return _layer("MaxPooling", rank)(sides)(x)
