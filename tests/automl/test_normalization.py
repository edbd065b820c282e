"""Batch normalisation by one kernel is that of Keras."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from automl.training.normalization import fused_normalizations
from automl.training.numbers import replaced


def network(shape: tuple[int, ...], **options: Any) -> keras.Model:
    inputs = keras.Input(shape)
    layer = keras.layers.BatchNormalization(momentum=0.7, **options)
    model = keras.Model(inputs, layer(inputs))
    generator = np.random.default_rng(1)
    for weight in layer.weights:
        weight.assign(generator.uniform(0.5, 2.0, weight.shape))
    return model


def step(model: keras.Model, x: Any, fused: bool) -> list[Any]:
    """Return outputs, gradients and all weights after one pass of training."""
    before = [np.array(weight) for weight in model.weights]
    with ExitStack() as stack:
        if fused:
            calls = fused_normalizations(model)
            assert len(calls) == 1
            stack.enter_context(replaced(calls))
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = model(x, training=True)
            loss = tf.reduce_sum(y**3)
        gradients = tape.gradient(loss, [x, *model.trainable_variables])
    after = [np.array(weight) for weight in model.weights]
    for weight, value in zip(model.weights, before, strict=True):
        weight.assign(value)
    return [np.array(value) for value in (y, *gradients)] + after


@pytest.mark.parametrize("shape", [(5,), (7, 3), (6, 5, 4), (3, 4, 5, 2)])
@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False}])
def test_one_kernel_does_what_the_layer_does(
    shape: tuple[int, ...], options: dict[str, Any]
) -> None:
    model = network(shape, **options)
    x = tf.constant(np.random.default_rng(2).normal(3, 2, (9, *shape)), "float32")
    ours, theirs = step(model, x, fused=True), step(model, x, fused=False)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-4)


def test_a_batch_of_any_size_is_normalized() -> None:
    model = network((4, 3))

    def call(x: Any) -> Any:
        with replaced(fused_normalizations(model)):
            return model(x, training=True)

    train = tf.function(call, input_signature=[tf.TensorSpec((None, 4, 3))])
    for size in (1, 2, 8):
        x = tf.constant(
            np.random.default_rng(size).normal(size=(size, 4, 3)), "float32"
        )
        np.testing.assert_allclose(train(x), model(x, training=True), atol=1e-4)


def test_what_the_kernel_can_not_do_is_left_to_the_layer() -> None:
    inputs = keras.Input((6, 3))
    masked = keras.layers.Masking()(inputs)
    model = keras.Model(inputs, keras.layers.BatchNormalization(momentum=0.5)(masked))
    x = np.ones((4, 6, 3), "float32")
    x[:, 3:] = 0.0
    with replaced(fused_normalizations(model)):
        model(x, training=True)
        np.testing.assert_allclose(model.layers[-1].moving_mean, [0.5] * 3)
        frozen = model.layers[-1]
        frozen.trainable = False
        model(x, training=True)
    np.testing.assert_allclose(frozen.moving_mean, [0.5] * 3)
    other_axis = keras.Sequential([keras.Input((4, 3))])
    other_axis.add(keras.layers.BatchNormalization(axis=1))
    assert fused_normalizations(other_axis) == []
