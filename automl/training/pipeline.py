"""Batches from memory-mapped arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from automl.training.mixing import mix
from automl.training.samples import Samples
from automl_search_spaces.augmentations.mixing import Mixing

EVALUATION_BATCH_SIZE = 256


def training_batches(
    samples: Samples,
    *,
    batch_size: int,
    seed: int,
    epochs: Iterable[int],
    mixing: Mixing | None = None,
) -> tf.data.Dataset:
    """Return some epochs of shuffled batches, the same whenever they are asked for.

    Args:
        samples: The training samples.
        batch_size: Samples a batch; the last, partial batch of an epoch is left out,
            so that one traced function serves all (its samples come in other epochs).
        seed: Seed of the training.
        epochs: Numbers of the epochs, from 0.
        mixing: How the samples of a batch are mixed; `None` for not at all.

    Returns:
        Pairs of inputs `(batch, *shape)` in the data's own dtype and targets, int64
        `(batch,)` or float32 `(batch, columns)`; mixed, both are float32, and targets
        are shares of the classes, `(batch, classes)`.
    """
    count = len(samples.targets)
    batch_size = min(batch_size, count)
    steps = count // batch_size
    numbers = list(epochs)
    orders = [np.random.default_rng([seed, e]).permutation(count) for e in numbers]
    rows = np.concatenate([order[: steps * batch_size] for order in orders])
    rows = rows.reshape(-1, batch_size)
    if mixing is None:
        return _gathered(tf.data.Dataset.from_tensor_slices(rows), samples, batch_size)
    keys = [(seed, epoch, step) for epoch in numbers for step in range(steps)]
    dataset = tf.data.Dataset.from_tensor_slices((rows, np.array(keys)))
    return _mixed(dataset, samples, mixing)


def evaluation_batches(samples: Samples) -> tf.data.Dataset:
    """Return every sample once, in order, as pairs of inputs and targets."""
    count = len(samples.targets)
    dataset = tf.data.Dataset.range(count).batch(EVALUATION_BATCH_SIZE)
    return _gathered(dataset, samples, None)


def evaluation_inputs(samples: Samples) -> tf.data.Dataset:
    """Return the inputs of every sample once, in order."""
    return evaluation_batches(samples).map(lambda inputs, _: inputs)


def _gathered(
    rows: tf.data.Dataset, samples: Samples, batch_size: int | None
) -> tf.data.Dataset:
    inputs, targets = samples.inputs, samples.targets

    def read(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(inputs[row]), targets[row]

    def gather(row: Any) -> tuple[Any, Any]:
        x, y = tf.numpy_function(read, [row], [inputs.dtype, targets.dtype])
        x.set_shape((batch_size, *inputs.shape[1:]))
        y.set_shape((batch_size, *targets.shape[1:]))
        return x, y

    return _ahead(rows.map(gather))


def _mixed(
    rows_and_keys: tf.data.Dataset, samples: Samples, mixing: Mixing
) -> tf.data.Dataset:
    """Return mixed batches; a key is what the draws of a batch hang on."""
    inputs, targets = samples.inputs, samples.targets

    def read(row: np.ndarray, key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        generator = np.random.default_rng(key)
        return mix(np.asarray(inputs[row]), targets[row], mixing, generator)

    def gather(row: Any, key: Any) -> tuple[Any, Any]:
        x, y = tf.numpy_function(read, [row, key], [tf.float32, tf.float32])
        x.set_shape((row.shape[0], *inputs.shape[1:]))
        y.set_shape((row.shape[0], mixing.num_classes))
        return x, y

    return _ahead(rows_and_keys.map(gather))


def _ahead(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Return the batches in order, read one or two ahead by a thread of their own."""
    options = tf.data.Options()
    options.deterministic = True
    options.threading.private_threadpool_size = 1
    return batches.prefetch(2).with_options(options)
