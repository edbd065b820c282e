"""Batches from memory-mapped arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from automl.training.mixing import mix
from automl.training.samples import Samples
from automl_search_spaces.augmentations.mixing import Mixing

EVALUATION_BATCH_SIZE = 256

Array = NDArray[Any]


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
    rows, keys = _draws(samples, batch_size=batch_size, seed=seed, epochs=epochs)
    read, x_type, y_type = _reader(samples, mixing), samples.inputs, samples.targets
    types = [x_type.dtype, y_type.dtype] if mixing is None else [tf.float32] * 2
    y_shape = y_type.shape[1:] if mixing is None else (mixing.num_classes,)

    def gather(row: Any, key: Any) -> tuple[Any, Any]:
        x, y = tf.numpy_function(read, [row, key], types)
        x.set_shape((rows.shape[1], *x_type.shape[1:]))
        y.set_shape((rows.shape[1], *y_shape))
        return x, y

    return _ahead(tf.data.Dataset.from_tensor_slices((rows, keys)).map(gather))


def read_batches(
    samples: Samples,
    *,
    batch_size: int,
    seed: int,
    epochs: Iterable[int],
    mixing: Mixing | None = None,
) -> Iterator[tuple[Array, Array]]:
    """Yield the batches of `training_batches` as arrays, one read ahead.

    A `tf.data` graph takes longer to make than a short epoch takes to read.
    """
    rows, keys = _draws(samples, batch_size=batch_size, seed=seed, epochs=epochs)
    read = _reader(samples, mixing)
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(read, rows[0], keys[0])
        for row, key in zip(rows[1:], keys[1:], strict=True):
            batch, coming = coming.result(), thread.submit(read, row, key)
            yield batch
        yield coming.result()


def _draws(
    samples: Samples, *, batch_size: int, seed: int, epochs: Iterable[int]
) -> tuple[Array, Array]:
    """Return the samples of each batch, and what its further draws hang on."""
    count, numbers = len(samples.targets), list(epochs)
    steps = max(1, count // batch_size)
    size = min(batch_size, count)
    orders = [np.random.default_rng([seed, e]).permutation(count) for e in numbers]
    rows = np.concatenate([order[: steps * size] for order in orders])
    keys = [(seed, epoch, step) for epoch in numbers for step in range(steps)]
    return rows.reshape(-1, size), np.array(keys)


def _reader(samples: Samples, mixing: Mixing | None) -> Callable[..., Any]:
    """Return what reads a batch, mixed by draws that hang on its key alone."""
    inputs, targets = samples.inputs, samples.targets

    def read(row: Array, key: Array) -> tuple[Array, Array]:
        if mixing is None:
            return np.asarray(inputs[row]), targets[row]
        generator = np.random.default_rng(key)
        return mix(np.asarray(inputs[row]), targets[row], mixing, generator)

    return read


def evaluation_batches(samples: Samples) -> tf.data.Dataset:
    """Return every sample once, in order, as pairs of inputs and targets."""
    inputs, targets = samples.inputs, samples.targets

    def read(row: Array) -> tuple[Array, Array]:
        return np.asarray(inputs[row]), targets[row]

    def gather(row: Any) -> tuple[Any, Any]:
        x, y = tf.numpy_function(read, [row], [inputs.dtype, targets.dtype])
        x.set_shape((None, *inputs.shape[1:]))
        y.set_shape((None, *targets.shape[1:]))
        return x, y

    rows = tf.data.Dataset.range(len(targets)).batch(EVALUATION_BATCH_SIZE)
    return _ahead(rows.map(gather))


def evaluation_inputs(samples: Samples) -> tf.data.Dataset:
    """Return the inputs of every sample once, in order."""
    return evaluation_batches(samples).map(lambda inputs, _: inputs)


def _ahead(batches: tf.data.Dataset) -> tf.data.Dataset:
    """Return the batches in order, read one or two ahead by a thread of their own."""
    options = tf.data.Options()
    options.deterministic = True
    options.threading.private_threadpool_size = 1
    return batches.prefetch(2).with_options(options)
