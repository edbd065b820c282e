"""Losses, weighted against imbalance, and of targets in any unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.imbalance import class_weights


def loss_of(spec: DataSpec, values: Values) -> Any:
    """Return the loss of the task for a trial's values."""
    if spec.task == "regression":
        return ScaledSquaredError(spec.target_std)
    weights = class_weights(spec) if values.get("class_weights") == "balanced" else None
    if spec.task == "multilabel":
        return WeightedBinaryCrossentropy(weights or (1.0,) * spec.num_classes)
    if weights is None:
        return keras.losses.SparseCategoricalCrossentropy()
    return WeightedCrossentropy(weights)


@keras.saving.register_keras_serializable("automl_search_spaces")
class ScaledSquaredError(keras.losses.Loss):
    """Mean squared error after each target is divided by its standard deviation."""

    def __init__(self, deviations: Sequence[float], **options: Any) -> None:
        """Keep the standard deviations, in raw units."""
        super().__init__(**options)
        self.deviations = [float(deviation) for deviation in deviations]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample of `(batch, targets)`."""
        deviations = keras.ops.convert_to_tensor(self.deviations, y_pred.dtype)
        error = (keras.ops.cast(y_true, y_pred.dtype) - y_pred) / deviations
        return keras.ops.mean(keras.ops.square(error), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal loss."""
        return {**super().get_config(), "deviations": self.deviations}


@keras.saving.register_keras_serializable("automl_search_spaces")
class WeightedCrossentropy(keras.losses.Loss):
    """Cross-entropy of class indices, each sample weighted by its class."""

    def __init__(self, weights: Sequence[float], **options: Any) -> None:
        """Keep one weight a class."""
        super().__init__(**options)
        self.weights = [float(weight) for weight in weights]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample: `(batch,)` and `(batch, classes)`."""
        classes = keras.ops.reshape(keras.ops.cast(y_true, "int32"), (-1,))
        weights = keras.ops.convert_to_tensor(self.weights, y_pred.dtype)
        loss = keras.losses.sparse_categorical_crossentropy(classes, y_pred)
        return keras.ops.take(weights, classes) * loss

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal loss."""
        return {**super().get_config(), "weights": self.weights}


@keras.saving.register_keras_serializable("automl_search_spaces")
class WeightedBinaryCrossentropy(keras.losses.Loss):
    """Binary cross-entropy, averaged over labels, positives weighted by label."""

    def __init__(self, weights: Sequence[float], **options: Any) -> None:
        """Keep one weight a label, for samples that have it."""
        super().__init__(**options)
        self.weights = [float(weight) for weight in weights]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample of `(batch, labels)`."""
        y_true = keras.ops.cast(y_true, y_pred.dtype)
        weights = keras.ops.convert_to_tensor(self.weights, y_pred.dtype)
        loss = keras.ops.binary_crossentropy(y_true, y_pred)
        return keras.ops.mean((1.0 + (weights - 1.0) * y_true) * loss, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal loss."""
        return {**super().get_config(), "weights": self.weights}
