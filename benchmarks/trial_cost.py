"""What a trial of one epoch costs beside its training steps.

    python benchmarks/trial_cost.py                       # some minutes
    python benchmarks/trial_cost.py --network resnet-small --repeats 7

The same network on the same 1 000 images of 28x28 (noise: no score is looked at) is
trained for one epoch and validated: by a trial of ours whose architecture is new to the
worker, by one whose structure it knows (other learning rate, weight decay and seed), by
one that the same worker takes up again for another epoch, by Keras's `fit`, and by
KerasTuner's `Tuner.search`, one after the other in one process of one thread. Ours come
first: `fit` begins with Keras's `clear_session`, as `Tuner.search` does, and that
throws away what a worker of ours keeps between trials. The cost is the CPU time of the
trial, less that of an epoch and its validation when nothing is new: half of what two
further epochs add. Prints medians, and where ours goes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import keras_tuner
import numpy as np
import tensorflow as tf

from automl.training import traced, trial
from automl.training.assignment import Assignment, SpaceRequest
from automl.training.best import Best
from automl.training.spaces import build_model, load_space
from automl.training.stepping import Stepping
from automl.training.validation import Validation
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from benchmarks.printing import say

COUNT, SHAPE, CLASSES = 1000, (28, 28), 10
BATCH_SIZE, FULL_TRAINING = 64, 10

#: Where the time of a trial is spent: by phase, whose methods are timed.
PHASES: dict[str, list[tuple[Any, str]]] = {
    "build": [(trial, "build_model")],
    "structure": [(traced, "structure_of")],
    "facts and limits": [
        *((trial, "model_cost"), (trial, "check_training"), (trial, "model_facts")),
    ],
    "latency": [(traced.Candidate, "latency")],
    "variables": [(traced.Candidate, "trainer")],
    "training": [(Stepping, "train")],
    "validation": [(Validation, "scores")],
    "checkpoint": [(trial, "save_checkpoint"), (Best, "save")],
}


class Silence:
    """A channel that accepts everything."""

    def send(self, message: object) -> None:
        """Tell nobody."""

    def ask(self, message: object) -> str:
        """Accept."""
        return ""

    def stop_requested(self) -> bool:
        """Never stop."""
        return False


class Trials:
    """The same network, trained in all the ways that are compared."""

    def __init__(self, folder: Path, network: str) -> None:
        """Prepare the data and find the network."""
        self.folder = folder
        self.data = prepared_noise(folder)
        self.request = SpaceRequest("auto", max_epochs=FULL_TRAINING)
        self.space = load_space(self.request, self.data.spec)
        landmarks = {mark.name: mark.values for mark in self.space.landmarks()}
        self.values = {**landmarks[network], "batch_size": BATCH_SIZE}
        self.known, self.trained = traced.TracedModels(4), traced.TracedModels(4)
        for kept in (self.known, self.trained):
            self.assign(1, kept)

    def assign(
        self, epochs: int, kept: traced.TracedModels, **changes: Any
    ) -> Assignment:
        """Run a trial of ours, and return its assignment."""
        assignment = Assignment(
            trial="1",
            training="search",
            folder=self.folder / "trial",
            data=self.data.directory,
            space=self.request,
            hyperparameters=self.values,
            seed=1,
            initial_epoch=0,
            epochs=epochs,
            objective="val_accuracy",
            direction="max",
        )
        assignment = replace(assignment, **changes)
        trial.run_assignment(assignment, Silence(), kept)
        return assignment

    def new(self, epochs: int) -> None:
        """Train a network that the worker does not know."""
        self.assign(epochs, traced.TracedModels(4))

    def same_structure(self, epochs: int) -> None:
        """Train one of a structure that it knows."""
        other = {name: 0.5 * self.values[name] for name in rates(self.values)}
        values = {**self.values, **other}
        self.assign(epochs, self.known, hyperparameters=values, seed=2)

    def taken_up(self, epochs: int) -> None:
        """Go on with a training after its first epoch."""
        self.assign(epochs + 1, self.trained, initial_epoch=1)

    def fit(self, epochs: int) -> None:
        """Train by Keras's `fit`."""
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        model = build_model(self.space, self.values)
        model.fit(**self.arrays(), epochs=epochs)

    def tuner(self, epochs: int) -> None:
        """Train by KerasTuner."""
        hyperparameters = keras_tuner.HyperParameters()
        hyperparameters.values = dict(self.values)
        tuner = keras_tuner.RandomSearch(
            lambda _: build_model(self.space, self.values),
            objective="val_accuracy",
            max_trials=1,
            hyperparameters=hyperparameters,
            overwrite=True,
            directory=self.folder / "tuner",
        )
        # TensorFlow brings no TensorBoard any more, without which it fails.
        with mock.patch.object(tuner, "_configure_tensorboard_dir"):
            tuner.search(**self.arrays(), epochs=epochs)

    def arrays(self) -> dict[str, Any]:
        """Return what `fit` takes: whole batches, as a partial one is traced again."""
        train, val = self.data.split("train"), self.data.split("val")
        whole = COUNT // BATCH_SIZE * BATCH_SIZE
        return {
            "x": np.asarray(train.inputs[:whole]),
            "y": train.targets[:whole],
            "validation_data": (np.asarray(val.inputs), val.targets),
            "validation_batch_size": len(val.targets),
            "batch_size": BATCH_SIZE,
            "verbose": 0,
        }


def rates(values: dict[str, Any]) -> list[str]:
    """Return the names of learning rate and weight decay."""
    return [n for n in values if n.startswith(("learning_rate", "weight_decay"))]


def prepared_noise(folder: Path) -> PreparedData:
    """Return noise as a prepared data set."""
    numbers = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for split, count in (("train", COUNT), ("val", COUNT // 5), ("test", COUNT // 5)):
        pixels = numbers.integers(0, 256, (count, *SHAPE), dtype=np.uint8)
        arrays[f"x_{split}"] = pixels
        arrays[f"y_{split}"] = np.arange(count) % CLASSES
    np.savez(folder / "noise.npz", **arrays)
    return prepare(DataOptions(str(folder / "noise.npz")), folder / "prepared")


def seconds(train: Callable[[int], None], epochs: int) -> float:
    """Return the CPU time of a training of some epochs."""
    start = time.process_time()
    train(epochs)
    return time.process_time() - start


def cost_and_epoch(train: Callable[[int], None], repeats: int) -> tuple[float, float]:
    """Return the median CPU seconds of a one-epoch trial's cost, and of an epoch."""
    costs, epochs = [], []
    for _ in range(repeats):
        one, three = seconds(train, 1), seconds(train, 3)
        epochs.append((three - one) / 2)
        costs.append(one - epochs[-1])
    return statistics.median(costs), statistics.median(epochs)


@contextmanager
def phases_timed(spent: dict[str, float]) -> Iterator[None]:
    """Add up the CPU time of each phase; phases do not overlap."""
    patches = [
        mock.patch.object(owner, name, timed(getattr(owner, name), phase, spent))
        for phase, places in PHASES.items()
        for owner, name in places
    ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


def timed(function: Any, phase: str, spent: dict[str, float]) -> Any:
    """Return a function that does the same and notes its time."""

    def call(*args: Any, **options: Any) -> Any:
        start = time.process_time()
        try:
            return function(*args, **options)
        finally:
            spent[phase] += time.process_time() - start

    return call


def show_phases(train: Callable[[int], None], epoch: float, repeats: int) -> None:
    """Print where the time of a trial goes, an epoch's steps apart."""
    rows: dict[str, list[float]] = defaultdict(list)
    for _ in range(repeats):
        spent: dict[str, float] = defaultdict(float)
        with phases_timed(spent):
            total = seconds(train, 1)
        for phase in PHASES:
            rows[phase].append(spent[phase])
        rows["rest"].append(total - sum(spent.values()))
    for phase, values in rows.items():
        say(f"    {phase:18} {statistics.median(values):6.3f}")
    say(f"    (of training and validation, {epoch:.3f} are steps)")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="vgg-small", help="a landmark")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(Path(folder), options.network)
        ways: dict[str, Callable[[int], None]] = {
            "ours, new": trials.new,
            "ours, same structure": trials.same_structure,
            "ours, taken up": trials.taken_up,
            "Keras fit": trials.fit,
            "KerasTuner": trials.tuner,
        }
        measured: dict[str, tuple[float, float]] = {}
        for name, train in ways.items():
            measured[name] = cost_and_epoch(train, options.repeats)
            if name.startswith("ours"):
                say(f"{name}, by phase:")
                show_phases(train, measured[name][1], options.repeats)
        base, _ = measured["Keras fit"]
        say("CPU seconds            cost    of fit's   an epoch")
        for name, (cost, epoch) in measured.items():
            say(f"{name:20} {cost:6.3f} {cost / base:10.0%} {epoch:10.3f}")


if __name__ == "__main__":
    main()
