"""Batches from memory-mapped arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from automl_datasets.preparation import Split

EVALUATION_BATCH_SIZE = 256


def training_batches(
    split: Split, *, batch_size: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Return one epoch of shuffled batches, the same whenever it is asked for.

    Args:
        split: The training split.
        batch_size: Samples a batch; the last, partial batch is left out, so that one
            traced function serves all (its samples come in other epochs).
        seed: Seed of the training.
        epoch: Number of the epoch, from 0.

    Returns:
        Pairs of inputs `(batch, *shape)` in the data's own dtype and targets `(batch,)`
        in int64.
    """
    batch_size = min(batch_size, len(split.targets))
    order = np.random.default_rng([seed, epoch]).permutation(len(split.targets))
    num_batches = len(order) // batch_size
    rows = order[: num_batches * batch_size].reshape(num_batches, batch_size)
    dataset = tf.data.Dataset.from_tensor_slices(rows)
    return _gathered(dataset, split, batch_size)


def evaluation_batches(split: Split) -> tf.data.Dataset:
    """Return every sample once, in order, as pairs of inputs and targets."""
    dataset = tf.data.Dataset.range(len(split.targets)).batch(EVALUATION_BATCH_SIZE)
    return _gathered(dataset, split, None)


def _gathered(
    rows: tf.data.Dataset, split: Split, batch_size: int | None
) -> tf.data.Dataset:
    inputs, targets = split.inputs, split.targets

    def read(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(inputs[row]), targets[row]

    def gather(row: Any) -> tuple[Any, Any]:
        x, y = tf.numpy_function(read, [row], [inputs.dtype, tf.int64])
        x.set_shape((batch_size, *inputs.shape[1:]))
        y.set_shape((batch_size,))
        return x, y

    options = tf.data.Options()
    options.deterministic = True
    options.threading.private_threadpool_size = 1
    return rows.map(gather).prefetch(2).with_options(options)
