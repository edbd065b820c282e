"""Losses, weighted against imbalance, and of targets in any unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import keras

from automl_datasets.spec import DataSpec
from automl_search_spaces.augmentations.mixing import Mixing, mixing_of
from automl_search_spaces.dimensions.catalog import Values
from automl_search_spaces.imbalance import class_weights


def loss_of(spec: DataSpec, values: Values) -> Any:
    """Return the loss of the task for a trial's values."""
    if spec.task == "regression":
        return ScaledSquaredError(spec.target_std)
    weights = class_weights(spec) if values.get("class_weights") == "balanced" else None
    if spec.task == "multilabel":
        return WeightedBinaryCrossentropy(weights or (1.0,) * spec.num_classes)
    mixing = mixing_of(spec, values)
    smoothing = values.get("label_smoothing", 0.0)
    if weights is None and mixing is None and smoothing == 0.0:
        return keras.losses.SparseCategoricalCrossentropy()
    weights = weights or (1.0,) * spec.num_classes
    if mixing is None:
        return WeightedCrossentropy(weights, label_smoothing=smoothing)
    return MixedCrossentropy(weights, label_smoothing=smoothing, mixing=mixing)


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
    """Cross-entropy of classes, each sample weighted by its class.

    Targets are class indices, `(batch,)` or `(batch, 1)`, or shares of the classes,
    `(batch, classes)`. With smoothing a share of each target is spread evenly over
    all classes.

    Source: Szegedy et al. (2016), arXiv:1512.00567, for label smoothing.
    """

    def __init__(
        self, weights: Sequence[float], *, label_smoothing: float = 0.0, **options: Any
    ) -> None:
        """Keep one weight a class, and the share of the target that is spread."""
        super().__init__(**options)
        self.weights = [float(weight) for weight in weights]
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample, `y_pred` being `(batch, classes)`."""
        number = len(self.weights)
        if len(y_true.shape) == 1 or y_true.shape[-1] == 1:
            indices = keras.ops.reshape(keras.ops.cast(y_true, "int32"), (-1,))
            y_true = keras.ops.one_hot(indices, number)
        shares = keras.ops.cast(y_true, y_pred.dtype)
        weights = keras.ops.convert_to_tensor(self.weights, y_pred.dtype)
        kept = 1.0 - self.label_smoothing
        smooth = kept * shares + self.label_smoothing / number
        loss = keras.ops.categorical_crossentropy(smooth, y_pred)
        return keras.ops.sum(weights * shares, axis=-1) * loss

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal loss."""
        own = {"weights": self.weights, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("automl_search_spaces")
class MixedCrossentropy(WeightedCrossentropy):
    """Cross-entropy of batches that are mixed, see `augmentations.mixing`.

    A model compiled with it asks for such batches: it is what says how they are mixed.
    """

    def __init__(
        self,
        weights: Sequence[float],
        *,
        mixing: Mixing | dict[str, Any],
        **options: Any,
    ) -> None:
        """Keep the weights, and how batches are mixed."""
        super().__init__(weights, **options)
        self.mixing = mixing if isinstance(mixing, Mixing) else Mixing(**mixing)

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal loss."""
        return {**super().get_config(), "mixing": asdict(self.mixing)}


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
