"""Predicted beside measured seconds per epoch of random candidates.

    python benchmarks/predicted_seconds.py --candidates 50
    python benchmarks/predicted_seconds.py --clock cpu      # on a busy machine

Images of 28x28x1, series of 128x2 and volumes of 12x12x12x1 take turns. As a search
does, it measures two landmarks of each first; then it draws candidates from the space,
predicts the time of an epoch, trains some steps and compares. Steps compute on one
thread, as in a worker of a machine that is full. Prints a row a candidate, and at the
end the rank correlation and the median relative error.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import keras_tuner
import numpy as np
import tensorflow as tf
from scipy.stats import spearmanr

from automl.training.calibration import step_seconds
from automl_search_spaces.cost import layer_costs
from automl_search_spaces.overview import draw, example_data
from automl_search_spaces.pace import Pace, paced, training_work
from automl_search_spaces.space import SearchSpace
from benchmarks.printing import say

NUM_TRAIN = 4000
SHAPES = {"image": (28, 28, 1), "series": (128, 2), "volume": (12, 12, 12, 1)}
CLOCKS: Mapping[str, Callable[[], float]] = {
    "wall": time.perf_counter,
    "cpu": time.process_time,
}


@dataclass(frozen=True)
class Example:
    """Random samples of one kind, and the space for them."""

    space: SearchSpace
    inputs: np.ndarray
    targets: np.ndarray


def make_example(kind: str, max_macs: int) -> Example:
    """Return samples that are noise: no score is looked at."""
    random_numbers = np.random.default_rng(0)
    shape = SHAPES[kind]
    spec = example_data(shape, num_train=NUM_TRAIN)
    inputs = random_numbers.normal(size=(NUM_TRAIN, *shape)).astype("float32")
    space = SearchSpace(spec, max_epochs=5, max_macs=max_macs)
    return Example(space, inputs, random_numbers.integers(0, 10, NUM_TRAIN))


def measure(
    example: Example, values: Mapping[str, Any], clock: Callable[[], float]
) -> tuple[Any, float, int]:
    """Return the work of a training step, its time, and the samples of it."""
    keras.backend.clear_session()
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = dict(values)
    model = example.space.build(hyperparameters)
    batch_size = example.space.batch_size(values)
    seconds = step_seconds(model, example, batch_size, seconds=0.5, clock=clock)
    return training_work(layer_costs(model), batch_size), seconds, batch_size


def calibrate(example: Example, clock: Callable[[], float]) -> Pace:
    """Return the pace of this machine, as a search measures it."""
    landmarks = example.space.landmarks()[:2]
    measured = (measure(example, landmark.values, clock) for landmark in landmarks)
    return paced([(work, seconds) for work, seconds, _ in measured])


def summarize(pairs: list[tuple[float, float]]) -> None:
    """Print how well predictions and measurements agree."""
    predicted, measured = np.array(pairs).T
    errors = np.abs(predicted / measured - 1)
    say(
        f"{len(pairs)} candidates: Spearman {spearmanr(predicted, measured)[0]:.3f}, "
        f"median error {np.median(errors):.0%}, 90 % below "
        f"{np.percentile(errors, 90):.0%}"
    )


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=50)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--max-macs", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(options.seed)
    tf.config.experimental.enable_op_determinism()
    clock, generator = CLOCKS[options.clock], random.Random(options.seed)
    examples = {kind: make_example(kind, options.max_macs) for kind in SHAPES}
    paces = {kind: calibrate(example, clock) for kind, example in examples.items()}
    for kind, pace in paces.items():
        say(f"{kind}: {pace}")
    pairs = []
    for number in range(options.candidates):
        kind = list(SHAPES)[number % len(SHAPES)]
        values = draw(examples[kind].space, generator)
        work, seconds, batch_size = measure(examples[kind], values, clock)
        steps = NUM_TRAIN // batch_size
        pairs.append((steps * paces[kind].step_seconds(work), steps * seconds))
        say(
            f"{kind:6} predicted {pairs[-1][0]:7.2f} s, measured {pairs[-1][1]:7.2f} s"
            f"  {examples[kind].space.notation(values)}, batch {batch_size}"
        )
    summarize(pairs)


if __name__ == "__main__":
    main()
