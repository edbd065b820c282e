"""A search space of a user's whose trials fail in every way a trial can fail.

`benchmarks/faults.py` searches it, on grey images of 8 x 8 pixels in ten classes.
"""

import os
import signal
import time
from typing import Any

import keras
import keras_tuner
import tensorflow as tf

FAULTS = ("none", "nan", "error", "segfault", "leak", "hang")
_STEP_BYTES = 100_000_000
_MOST_BYTES = 6_000_000_000


def segfault() -> None:
    """Die as a fault of a library's dies."""
    os.kill(os.getpid(), signal.SIGSEGV)


def hang() -> None:
    """Never return."""
    while True:
        time.sleep(1)


def leak() -> None:
    """Take memory until somebody ends it."""
    hoard: list[bytes] = []
    while _STEP_BYTES * len(hoard) < _MOST_BYTES:
        hoard.append(os.urandom(1) * _STEP_BYTES)
        time.sleep(0.2)
    raise RuntimeError("nobody ended the leak")


def lost(targets: Any, predictions: Any) -> Any:
    """Return a loss that is no number."""
    del targets
    return float("nan") * predictions


class Faulty(keras.Model):
    """Fails in its first training step, in the way of `fault`."""

    fault = staticmethod(hang)

    def train_step(self, data: Any) -> Any:
        """Fail, then train."""
        tf.py_function(lambda: self.fault(), [], [])
        return super().train_step(data)


def build(hp: keras_tuner.HyperParameters) -> keras.Model:
    """Return a small network, which may fail."""
    fault = hp.Choice("fault", list(FAULTS))
    width = hp.Choice("width", [8, 16])
    if fault == "error":
        raise ValueError("this network can't be built")
    inputs = keras.Input((8, 8, 1))
    outputs = keras.layers.Rescaling(1 / 255)(inputs)
    filters = width + FAULTS.index(fault)  # or they would count as repeats
    outputs = keras.layers.Conv2D(filters, 3, activation="relu")(outputs)
    outputs = keras.layers.GlobalAveragePooling2D()(outputs)
    outputs = keras.layers.Dense(10, activation="softmax")(outputs)
    kind = Faulty if fault in ("segfault", "leak", "hang") else keras.Model
    model = kind(inputs, outputs)
    if kind is Faulty:
        model.fault = globals()[fault]
    loss = lost if fault == "nan" else "sparse_categorical_crossentropy"
    model.compile("adam", loss=loss)
    return model
