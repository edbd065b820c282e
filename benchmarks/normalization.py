"""A training step whose batch normalisations are one kernel each, beside Keras's own.

    python benchmarks/normalization.py
    python benchmarks/normalization.py --shape 28x28x1 --steps 5

The landmarks of the space `auto` take the same steps on noise, both ways in turns, in
one process of one thread. Prints the CPU time of a step and of tracing, the best of the
turns.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner
import numpy as np
import tensorflow as tf

from automl.training import stepping
from automl_search_spaces.overview import example_data
from automl_search_spaces.registry import create_space
from benchmarks.printing import say

_SHAPES = ("28x28x1", "32x32x3", "128x1", "16x16x16x1")
_CLASSES = 10
_TURNS = 2


def measure(space: Any, values: dict[str, Any], steps: int) -> tuple[float, float]:
    """Return the seconds that tracing and a step take."""
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    trainer = stepping.Stepping(space.build(hp))
    size = space.batch_size(values)
    generator = np.random.default_rng(0)
    x = generator.integers(0, 255, (size, *space.spec.shape)).astype(space.spec.dtype)
    batch = (tf.constant(x), tf.constant(np.arange(size) % _CLASSES))
    start = time.process_time()
    trainer.train([batch], 1, lambda step, loss: None)
    traced = time.process_time()
    trainer.train([batch] * steps, steps, lambda step, loss: None)
    return traced - start, (time.process_time() - traced) / steps


def compare(space: Any, values: dict[str, Any], steps: int) -> str:
    """Return what both ways take, in words."""
    ours, theirs = [], []
    for _ in range(_TURNS):
        ours.append(measure(space, values, steps))
        with mock.patch.object(stepping, "fused_normalizations", return_value=[]):
            theirs.append(measure(space, values, steps))
        keras.backend.clear_session()
    trace, step = (min(column) for column in zip(*ours, strict=True))
    their_trace, their_step = (min(column) for column in zip(*theirs, strict=True))
    return (
        f"a step {1e3 * step:.1f} ms beside {1e3 * their_step:.1f} "
        f"({their_step / step:.2f}x), tracing {trace:.2f} s beside {their_trace:.2f}"
    )


def main() -> None:
    """Measure the landmarks of every shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", nargs="+", default=_SHAPES)
    parser.add_argument("--steps", type=int, default=15)
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for text in arguments.shape:
        shape = tuple(int(side) for side in text.split("x"))
        space = create_space("auto", example_data(shape, num_train=5000), max_epochs=10)
        for landmark in space.landmarks():
            if landmark.values.get("normalization") == "batch":
                told = compare(space, landmark.values, arguments.steps)
                say(f"{text} {landmark.name}: {told}")


if __name__ == "__main__":
    main()
