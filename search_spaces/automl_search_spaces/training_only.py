"""The mark of layers that act in training only, and are left out of exports."""

from __future__ import annotations

from typing import Any

import keras


class TrainingOnly(keras.layers.Layer):
    """A layer that changes samples in training and passes them on otherwise.

    `inference_model` leaves it out, so that the exported model has stock layers only.
    A subclass overrides `change`.
    """

    def __init__(self, **options: Any) -> None:
        """Make the layer with a random state of its own.

        It computes in float32, as its draws are, whatever the policy: half precision
        would also round samples that are not standardised yet.
        """
        super().__init__(**{"dtype": "float32", **options})
        self.seed_generator = keras.random.SeedGenerator()

    def change(self, x: Any) -> Any:
        """Return changed samples of the same shape."""
        raise NotImplementedError

    def call(self, x: Any, training: bool = False) -> Any:
        """Return the samples, changed in training."""
        return self.change(x) if training else x

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the same shape."""
        return input_shape
