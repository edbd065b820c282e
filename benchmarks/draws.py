"""Draws from a search space, as the search makes them: do all build, does any repeat?

    python benchmarks/draws.py --space auto --rank 2 --draws 10000 --build-every 20
    python benchmarks/draws.py --space cnn tiny --rank 1 2 3 --draws 500 --distinct

The draws are spread over inputs of 8 to 224 positions a side. Networks are built
without their weights, so that memory stays flat; draws that differ in their training
alone share one. With --distinct nothing is augmented and the graphs of different values
are compared: equal ones are named. Building takes most of the time: with --build-every
only some of the draws are built, and with --out the figures of each side are kept in a
file of JSON lines as soon as they are known, from which the same command goes on.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner
import psutil

from automl.oracles.mended import forget
from automl.oracles.registry import make_oracle
from automl.training.spaces import discover_hyperparameters
from automl_datasets.spec import DataSpec
from automl_search_spaces.cost import count_macs, count_parameters
from automl_search_spaces.identity import architecture_identity
from automl_search_spaces.overview import example_data
from automl_search_spaces.registry import SPACES, create_space
from benchmarks.json_lines import keep_row, read_rows
from benchmarks.printing import say

_SIDES = (8, 11, 16, 28, 32, 50, 64, 96, 128, 224)
_BUILT_BETWEEN_CLEARINGS = 25
#: Dimensions of the training that put layers into the network.
_AUGMENTING = frozenset({"augmentation", "flip", "mixing"})


@dataclass
class Tally:
    """What was seen so far; times in seconds.

    `shared` counts the draws whose network an earlier one had built.
    """

    drawn: int = 0
    built: int = 0
    shared: int = 0
    repeats: int = 0
    breaks: int = 0
    drawing: float = 0.0
    building: float = 0.0
    failures: list[str] = field(default_factory=list)
    twins: list[dict[str, Any]] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        """Return what was seen in both."""
        mine, others = vars(self), vars(other)
        return Tally(**{name: mine[name] + others[name] for name in mine})


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
            break
        yield {k: v for k, v in trial.hyperparameters.values.items() if "/" not in k}
        oracle.skip_trial(trial.trial_id)
    forget(oracle)


def measure(
    space: Any, values: dict[str, Any], limits: dict[str, int], tally: Tally
) -> keras.Model | None:
    """Build a network, count what it breaks, and return it."""
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
    if tally.built % _BUILT_BETWEEN_CLEARINGS == 0:
        keras.backend.clear_session()
        gc.collect()
    return network


def explore(
    name: str, spec: DataSpec, number: int, arguments: argparse.Namespace
) -> Tally:
    """Draw from a space for some data."""
    limits = {
        limit: value
        for limit in ("max_macs", "max_params")
        if (value := getattr(arguments, limit)) is not None
    }
    narrowing = {"augmentation": ("none",)} if arguments.distinct else None
    space = create_space(name, spec, narrowing=narrowing, max_epochs=10, **limits)
    limits = {**SPACES[name].limits, **limits}
    architecture = {h.name for h in space.architecture().space}
    tally = Tally()
    seen: set[str] = set()
    built: set[str] = set()
    networks: dict[str, dict[str, Any]] = {}
    start = time.perf_counter()
    for values in draws(space, number, seed=spec.shape[0]):
        tally.drawing += time.perf_counter() - start
        tally.drawn += 1
        tally.repeats += _is_known(values, seen)
        if tally.drawn % arguments.build_every == 0:
            if _is_known(_part(values, architecture | _AUGMENTING), built):
                tally.shared += 1
            else:
                network = measure(space, values, limits, tally)
                if arguments.distinct and network is not None:
                    identity = architecture_identity(network)
                    compare(networks, identity, _part(values, architecture), tally)
        start = time.perf_counter()
    return tally


def compare(
    networks: dict[str, dict[str, Any]],
    identity: str,
    values: dict[str, Any],
    tally: Tally,
) -> None:
    """Note it where other values made the same network."""
    other = networks.setdefault(identity, values)
    if other != values:
        tally.twins.append({"one": other, "other": values})


def _part(values: dict[str, Any], names: AbstractSet[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def _is_known(values: dict[str, Any], known: set[str]) -> bool:
    """Whether the values were there before; from now on they are."""
    key = json.dumps(values, sort_keys=True)
    if key in known:
        return True
    known.add(key)
    return False


def report(name: str, rank: int, tally: Tally) -> None:
    """Print what was seen."""
    memory = psutil.Process().memory_info().rss / 1e6
    drawn = max(1, tally.drawn)
    tried = tally.built + len(tally.failures)
    say(
        f"{name} rank {rank}: {tally.drawn} draws, {tally.built} of {tried} networks "
        f"built, {tally.repeats} repeats, {len(tally.twins)} twins, "
        f"{tally.breaks} limit breaks; {1e3 * tally.drawing / drawn:.1f} ms to draw, "
        f"{1e3 * tally.building / max(1, tried):.1f} ms to build; {memory:.0f} MB"
    )
    for failure in tally.failures[:5]:
        say("  failed:", failure)
    for twins in tally.twins[:5]:
        one, other = twins["one"], twins["other"]
        differ = {k for k in one | other if one.get(k) != other.get(k)}
        shown = {k: (one.get(k), other.get(k)) for k in sorted(differ)}
        say(f"  equal: {shown} of {one}")


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
    parser.add_argument("--out", type=Path, help="file of JSON lines to go on with")
    arguments = parser.parse_args()
    known = {row["of"]: Tally(**row["tally"]) for row in read_rows(arguments.out)}
    share = -(-arguments.draws // len(_SIDES))
    how = f"every {arguments.build_every}, limits {arguments.max_macs} "
    how += f"{arguments.max_params}" + ", distinct" * arguments.distinct
    for name in arguments.space:
        for rank in arguments.rank:
            total = Tally()
            for side in _SIDES:
                key = f"{share} of {name}, rank {rank}, side {side}, {how}"
                if key not in known:
                    known[key] = explore(name, spec_of(rank, side), share, arguments)
                    row = {"of": key, "tally": asdict(known[key])}
                    keep_row(arguments.out, row)
                total += known[key]
            report(name, rank, total)


if __name__ == "__main__":
    # A third of the time of a build went into looking through TensorFlow for garbage.
    gc.freeze()
    main()
