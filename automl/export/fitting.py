"""Samples of any size, brought inside TensorFlow graphs to the one a model takes."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from automl.export.images import resize
from automl_datasets.spec import DataSpec

_MISSING = float("nan")


def fit_images(inputs: Any, spec: DataSpec) -> Any:
    """Resize images `(batch, any, any, channels)`."""
    height, width, _ = spec.shape
    return resize(inputs, height, width, whole=spec.holds_whole_numbers)


def fit_series(inputs: Any, spec: DataSpec) -> Any:
    """Crop series `(batch, any, channels)` at the end, or pad them with NaN there.

    A model that never saw missing values is given the channel's mean in their place.
    """
    length = spec.shape[0]
    series = _pad_end(tf.cast(inputs, tf.float32)[:, :length], spec, _MISSING)
    if spec.missing:
        return series
    return tf.where(tf.math.is_nan(series), tf.constant(spec.mean, tf.float32), series)


def fit_audio(inputs: Any, spec: DataSpec) -> Any:
    """Cut the middle out of waveforms `(batch, any, 1)`, or pad with silence."""
    samples = spec.shape[0]
    waves = tf.cast(inputs, tf.float32)
    start = tf.maximum(tf.shape(waves)[1] - samples, 0) // 2
    return _pad_end(waves[:, start : start + samples], spec, 0.0)


def fit_volumes(inputs: Any, spec: DataSpec) -> Any:
    """Crop volumes `(batch, any, any, any, channels)` around their centre, or pad.

    What is added has the lowest value of the volume.
    """
    volumes = tf.cast(inputs, tf.float32)
    wanted = tf.constant(spec.shape[:3])
    size = tf.shape(volumes)[1:4]
    first = tf.maximum(size - wanted, 0) // 2
    last = first + tf.minimum(size, wanted)
    cropped = volumes[:, first[0] : last[0], first[1] : last[1], first[2] : last[2]]
    before = tf.maximum(wanted - size, 0) // 2
    after = tf.maximum(wanted - size, 0) - before
    paddings = tf.pad(tf.stack([before, after], axis=1), [[1, 1], [0, 0]])
    lowest = tf.reduce_min(volumes, axis=(1, 2, 3, 4), keepdims=True)
    measured = tf.pad(tf.ones_like(cropped, tf.bool), paddings)
    fitted = tf.where(measured, tf.pad(cropped, paddings), lowest)
    return tf.ensure_shape(fitted, (None, *spec.shape))


def fit_videos(inputs: Any, spec: DataSpec) -> Any:
    """Take evenly spaced frames of videos and resize them.

    Args:
        inputs: Intensities `(batch, any frames, any height, any width, channels)`.
        spec: The data.
    """
    frames, height, width, channels = spec.shape
    last = tf.cast(tf.shape(inputs)[1] - 1, tf.float64)
    steps = tf.range(frames, dtype=tf.float64) * last / max(frames - 1, 1)
    videos = tf.gather(inputs, tf.cast(tf.round(steps), tf.int32), axis=1)
    size = tf.shape(videos)
    pictures = tf.reshape(videos, (size[0] * frames, size[2], size[3], channels))
    resized = resize(pictures, height, width, whole=spec.holds_whole_numbers)
    return tf.reshape(resized, (size[0], *spec.shape))


def _pad_end(inputs: Any, spec: DataSpec, value: float) -> Any:
    short = spec.shape[0] - tf.shape(inputs)[1]
    padded = tf.pad(inputs, [[0, 0], [0, short], [0, 0]], constant_values=value)
    return tf.ensure_shape(padded, (None, *spec.shape))
