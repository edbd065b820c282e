"""Batches from memory-mapped arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from automl.training.samples import Samples

EVALUATION_BATCH_SIZE = 256


def training_batches(
    samples: Samples, *, batch_size: int, seed: int, epochs: Iterable[int]
) -> tf.data.Dataset:
    """Return some epochs of shuffled batches, the same whenever they are asked for.

    Args:
        samples: The training samples.
        batch_size: Samples a batch; the last, partial batch of an epoch is left out,
            so that one traced function serves all (its samples come in other epochs).
        seed: Seed of the training.
        epochs: Numbers of the epochs, from 0.

    Returns:
        Pairs of inputs `(batch, *shape)` in the data's own dtype and targets, int64
        `(batch,)` or float32 `(batch, columns)`.
    """
    count = len(samples.targets)
    batch_size = min(batch_size, count)
    used = count // batch_size * batch_size
    orders = [np.random.default_rng([seed, e]).permutation(count) for e in epochs]
    rows = np.concatenate([order[:used] for order in orders])
    dataset = tf.data.Dataset.from_tensor_slices(rows.reshape(-1, batch_size))
    return _gathered(dataset, samples, batch_size)


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

    options = tf.data.Options()
    options.deterministic = True
    options.threading.private_threadpool_size = 1
    return rows.map(gather).prefetch(2).with_options(options)
