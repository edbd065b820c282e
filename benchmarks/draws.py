"""Draws from a search space, as the search makes them: do all build, does any repeat?

    python benchmarks/draws.py --space auto --rank 2 --draws 10000 --build-every 20
    python benchmarks/draws.py --space cnn tiny --rank 1 2 3 --draws 500 --distinct

The draws are spread over inputs of 8 to 224 positions a side. Networks are built
without their weights, so that memory stays flat. With --distinct nothing is augmented
and the graphs of different values are compared: equal ones are named. Building takes
most of the time: with --build-every only some of the draws are built.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner
import psutil

from automl.oracles.registry import make_oracle
from automl.training.spaces import discover_hyperparameters
from automl_datasets.spec import DataSpec
from automl_search_spaces.cost import count_macs, count_parameters
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.overview import example_data
from automl_search_spaces.registry import SPACES, create_space
from benchmarks.printing import say

_SIDES = (8, 11, 16, 28, 32, 50, 64, 96, 128, 224)
_BUILT_BETWEEN_CLEARINGS = 25


@dataclass
class Tally:
    """What was seen so far; times in seconds."""

    drawn: int = 0
    built: int = 0
    repeats: int = 0
    breaks: int = 0
    drawing: float = 0.0
    building: float = 0.0
    failures: list[str] = field(default_factory=list)
    twins: list[dict[str, Any]] = field(default_factory=list)


def spec_of(rank: int, side: int) -> DataSpec:
    """Return data of that side in ten classes."""
    channels = 3 if rank == 2 else 1
    return example_data(((side,) * rank) + (channels,), num_train=5_000)


def draws(space: Any, number: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield what a random search would try."""
    oracle = make_oracle(
        "random",
        discover_hyperparameters(space),
        keras_tuner.Objective("val_accuracy", "max"),
        max_epochs=1,
        seed=seed,
        landmarks=[],
        fits=space.fits,
    )
    for index in range(number):
        trial = oracle.create_trial(f"worker {index}")
        if trial.status != "RUNNING":  # the space is used up
            return
        yield {k: v for k, v in trial.hyperparameters.values.items() if "/" not in k}
        oracle.skip_trial(trial.trial_id)


def measure(
    space: Any, values: dict[str, Any], limits: dict[str, int], tally: Tally
) -> str | None:
    """Build a network, count what it breaks, and return what it is."""
    start = time.perf_counter()
    try:
        network = space.network(values)
    except Exception as error:
        tally.failures.append(f"{type(error).__name__}: {error} for {values}"[:600])
        return None
    finally:
        tally.building += time.perf_counter() - start
    tally.built += 1
    macs, params = count_macs(network).total, count_parameters(network)
    tally.breaks += macs > limits.get("max_macs", macs)
    tally.breaks += params > limits.get("max_params", params)
    return architecture_identity(network)


def explore(
    name: str,
    spec: DataSpec,
    number: int,
    tally: Tally,
    arguments: argparse.Namespace,
) -> None:
    """Draw from a space for some data."""
    limits = {
        limit: value
        for limit in ("max_macs", "max_params")
        if (value := getattr(arguments, limit)) is not None
    }
    narrowing = {"augmentation": ("none",)} if arguments.distinct else None
    space = create_space(name, spec, narrowing=narrowing, max_epochs=10, **limits)
    limits = {**SPACES[name].limits, **limits}
    network_names = {h.name for h in space.architecture().space}
    seen: set[str] = set()
    networks: dict[str, dict[str, Any]] = {}
    start = time.perf_counter()
    for values in draws(space, number, seed=spec.shape[0]):
        tally.drawing += time.perf_counter() - start
        tally.drawn += 1
        key = json.dumps(values, sort_keys=True)
        tally.repeats += key in seen
        seen.add(key)
        if tally.drawn % arguments.build_every:
            start = time.perf_counter()
            continue
        identity = measure(space, values, limits, tally)
        if arguments.distinct and identity is not None:
            own = {k: v for k, v in values.items() if k in network_names}
            other = networks.setdefault(identity, own)
            if other != own:
                tally.twins.append({"one": other, "other": own, "side": spec.shape[0]})
        if tally.built % _BUILT_BETWEEN_CLEARINGS == 0:
            keras.backend.clear_session()
            gc.collect()
        start = time.perf_counter()


def report(name: str, rank: int, tally: Tally) -> None:
    """Print what was seen."""
    memory = psutil.Process().memory_info().rss / 1e6
    drawn = max(1, tally.drawn)
    tried = tally.built + len(tally.failures)
    say(
        f"{name} rank {rank}: {tally.drawn} draws, {tally.built} of {tried} built, "
        f"{tally.repeats} repeats, {len(tally.twins)} twins, {tally.breaks} limit "
        f"breaks; {1e3 * tally.drawing / drawn:.1f} ms to draw, "
        f"{1e3 * tally.building / max(1, tried):.1f} ms to build; {memory:.0f} MB"
    )
    for failure in tally.failures[:5]:
        say("  failed:", failure)
    for twins in tally.twins[:5]:
        one, other = twins["one"], twins["other"]
        differ = {k for k in one | other if one.get(k) != other.get(k)}
        shown = {k: (one.get(k), other.get(k)) for k in sorted(differ)}
        say(f"  equal at side {twins['side']}: {shown} of {one}")


def main() -> None:
    """Draw, build, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200, help="of each space and rank")
    parser.add_argument("--space", default=["auto"], nargs="+", choices=SPACES.names)
    parser.add_argument("--rank", type=int, default=[1, 2, 3], nargs="+")
    parser.add_argument("--max-macs", type=int)
    parser.add_argument("--max-params", type=int)
    parser.add_argument("--build-every", type=int, default=1, metavar="N")
    parser.add_argument("--distinct", action="store_true")
    arguments = parser.parse_args()
    share = -(-arguments.draws // len(_SIDES))
    for name in arguments.space:
        for rank in arguments.rank:
            tally = Tally()
            for side in _SIDES:
                explore(name, spec_of(rank, side), share, tally, arguments)
            report(name, rank, tally)


if __name__ == "__main__":
    main()
