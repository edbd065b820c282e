"""Values of hyperparameters, and what a model must do with a few samples."""

from __future__ import annotations

import random
from typing import Any

import keras
import keras_tuner
import numpy as np
import tensorflow as tf

from automl_search_spaces.space import SearchSpace


def parameters(values: dict[str, Any]) -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return hp


def draw(space: SearchSpace, generator: random.Random) -> dict[str, Any]:
    """Return random values of the active hyperparameters, as the oracles draw them."""
    declared = keras_tuner.HyperParameters()
    space.declare_hyperparameters(declared)
    hp = keras_tuner.HyperParameters()
    for h in declared.space:
        hp.merge([h])
        if hp.is_active(h):
            hp.values[h.name] = h.random_sample(generator.getrandbits(30))
    return dict(hp.values)


def rate_at(optimizer: keras.optimizers.Optimizer, step: int) -> float:
    """Return the learning rate of a step of a training."""
    optimizer.iterations.assign(step)
    return float(optimizer.learning_rate)


def assert_trains(
    model: keras.Model, x: np.ndarray, y: np.ndarray, *, steps: int = 10
) -> None:
    """Check some steps on 32 samples, eagerly: tracing would take most of the time."""
    variables = [weight.value for weight in model.trainable_weights]
    losses = []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = model.compute_loss(y=y, y_pred=model(x, training=True))
        gradients = [
            tf.convert_to_tensor(gradient)
            for gradient in tape.gradient(loss, variables)
        ]
        assert all(np.isfinite(gradient.numpy()).all() for gradient in gradients)
        model.optimizer.apply(gradients, model.trainable_variables)
        losses.append(float(loss))
    assert losses[-1] < 0.9 * losses[0]
