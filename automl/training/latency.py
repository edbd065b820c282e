"""How long one prediction takes on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from automl.training.graphs import gradients_forgotten

_MAX_RUNS = 60
_MAX_SECONDS = 0.25
_WARM_UP_RUNS = 3


def time_calls(call: Callable[[], object]) -> tuple[float, float]:
    """Return the median and the 95th percentile of a call's time, in milliseconds."""
    for _ in range(_WARM_UP_RUNS):
        call()
    times: list[float] = []
    end = time.perf_counter() + _MAX_SECONDS
    while len(times) < _MAX_RUNS and (time.perf_counter() < end or len(times) < 3):
        start = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - start))
    return float(np.median(times)), float(np.percentile(times, 95))


def measure_latency(model: keras.Model) -> tuple[float, float]:
    """Return the median and 95th percentile latency of one sample, in milliseconds.

    Args:
        model: Takes `(batch, *shape)`; called as at inference time.
    """
    dtype = model.inputs[0].dtype
    return predictor_latency(predictor(model, model.input_shape[1:], dtype))


def predictor(model: keras.Model, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return a function that is traced once for any number of samples.

    It can't be differentiated.

    Args:
        model: Called as at inference time.
        shape: Of one sample.
        dtype: Of the samples.
    """

    def predict(inputs: Any) -> Any:
        with gradients_forgotten():
            return model(inputs, training=False)

    return tf.function(
        predict,
        input_signature=[tf.TensorSpec((None, *shape), dtype)],
        autograph=False,
    )


def predictor_latency(predict: Any) -> tuple[float, float]:
    """Return what `measure_latency` does, of what `predictor` returned."""
    (signature,) = predict.input_signature
    sample = tf.zeros((1, *signature.shape[1:]), signature.dtype)
    return time_calls(lambda: predict(sample).numpy())
