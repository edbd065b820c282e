"""What strategies cost, beside KerasTuner's own on the same space.

    python benchmarks/oracles.py
    python benchmarks/oracles.py --strategies random --marks 10 1000 10000 --state 10000

First the processor time of one proposal after so many trials, the mean of the last
forty, and how many of the proposals repeat an earlier one. Then what it takes to write
down the state of a search, all of it again after each thing that happens and only what
is new: processor time and bytes for each event after so many trials.

KerasTuner's Bayesian oracle takes seconds for each proposal and is asked for fewer; see
`--slowest`. Scores are random.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_tuner
import numpy as np

from automl.oracles.record import Recorder, snapshot
from automl.oracles.registry import ORACLES, make_oracle
from automl.training.spaces import discover_hyperparameters
from automl_search_spaces.overview import example_data
from automl_search_spaces.registry import create_space

_SCORE = keras_tuner.Objective("val_accuracy", "max")
_COST = keras_tuner.Objective("params", "min")
_MAX_EPOCHS = 27
_WINDOW = 40
_THEIR_MOST = 1000  # each trial writes all that is known of the others
_THEIRS: dict[str, tuple[str, dict[str, Any]]] = {
    "random": ("RandomSearchOracle", {}),
    "bayesian": ("BayesianOptimizationOracle", {}),
    "hyperband": (
        "HyperbandOracle",
        {"max_epochs": _MAX_EPOCHS, "hyperband_iterations": 1000},
    ),
}


def space() -> keras_tuner.HyperParameters:
    """Return the default space for small colour images."""
    spec = example_data((32, 32, 3), num_train=5_000)
    return discover_hyperparameters(create_space("auto", spec, max_epochs=_MAX_EPOCHS))


def ours(strategy: str, objectives: list[Any], seed: int = 0) -> Any:
    """Return a strategy of ours."""
    return make_oracle(strategy, space(), objectives, max_epochs=_MAX_EPOCHS, seed=seed)


def theirs(strategy: str, folder: str) -> Any:
    """Return KerasTuner's."""
    name, options = _THEIRS[strategy]
    if "max_epochs" not in options:
        options = {**options, "max_trials": 10**6}
    oracle = getattr(keras_tuner.oracles, name)(
        objective=_SCORE, hyperparameters=space(), seed=1, **options
    )
    oracle._set_project_dir(folder, "project")
    oracle.verbose = 0
    return oracle


def tell_ours(oracle: Any, trial: Any, score: float) -> None:
    """Complete a trial."""
    costs = {"params": 1e6 * (1.01 - score)} if oracle.costs else None
    oracle.complete_trial(trial.trial_id, score, epochs=_MAX_EPOCHS, costs=costs)


def tell_theirs(oracle: Any, trial: Any, score: float) -> None:
    """Complete a trial."""
    oracle.update_trial(trial.trial_id, {_SCORE.name: score})
    trial.status = "COMPLETED"
    oracle.end_trial(trial)


def measure(
    oracle: Any, tell: Callable[[Any, Any, float], None], marks: list[int]
) -> tuple[list[float], int]:
    """Return the milliseconds of a proposal at each mark, and the repeats in all."""
    generator = np.random.default_rng(0)
    seconds: list[float] = []
    seen: set[str] = set()
    repeats = 0
    for _ in range(marks[-1]):
        begin = time.process_time()
        trial = oracle.create_trial("worker")
        seconds.append(time.process_time() - begin)
        if trial.status != "RUNNING":
            break
        values = trial.hyperparameters.values
        if "tuner/trial_id" not in values:
            key = json.dumps({k: v for k, v in values.items() if "/" not in k})
            repeats += key in seen
            seen.add(key)
        tell(oracle, trial, float(generator.random()))
    windows = [seconds[max(0, mark - _WINDOW) : mark] for mark in marks]
    return [1e3 * statistics.mean(w) if w else float("nan") for w in windows], repeats


def state_costs(number: int) -> list[str]:
    """Return what writing the state costs after a number of trials, whole and new."""
    oracle = ours("random", [_SCORE])
    recorder = Recorder()
    for _ in range(number):
        tell_ours(oracle, oracle.create_trial("worker"), 0.5)
    recorder.changes(oracle)
    cells = []
    for change in (snapshot, recorder.changes):
        trial = oracle.create_trial("worker")
        begin = time.process_time()
        size = len(json.dumps(change(oracle)))
        cells.append(f"{1e3 * (time.process_time() - begin):.1f} ms {size} B")
        tell_ours(oracle, trial, 0.5)
    return cells


def say(*words: object) -> None:
    """Print at once."""
    print(*words, sep=" | ", flush=True)  # noqa: T201


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strategies", nargs="+", default=list(ORACLES))
    parser.add_argument("--marks", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--state", type=int, nargs="*", default=[1000, 10000])
    parser.add_argument(
        "--slowest", type=int, default=100, help="KerasTuner's Bayesian"
    )
    arguments = parser.parse_args()
    marks = sorted(arguments.marks)
    say("ms of processor time a proposal", *marks, "repeats")
    for strategy in arguments.strategies:
        single, repeats = measure(ours(strategy, [_SCORE]), tell_ours, marks)
        say(f"{strategy:22}", *(f"{value:7.1f}" for value in single), repeats)
        if strategy != "hyperband":
            several, repeats = measure(
                ours(strategy, [_SCORE, _COST]), tell_ours, marks
            )
            label = f"{strategy}, score and cost"
            say(f"{label:22}", *(f"{value:7.1f}" for value in several), repeats)
        if strategy in _THEIRS:
            most = arguments.slowest if strategy == "bayesian" else _THEIR_MOST
            reached = [mark for mark in marks if mark <= most] or [most]
            with tempfile.TemporaryDirectory() as folder:
                known, repeats = measure(theirs(strategy, folder), tell_theirs, reached)
            label = f"KerasTuner's {strategy}"
            say(f"{label:22}", *(f"{value:7.1f}" for value in known), repeats)
    say("state after trials", "whole", "what is new")
    for number in arguments.state:
        say(number, *state_costs(number))


if __name__ == "__main__":
    main()
