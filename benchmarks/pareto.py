"""How fast strategies find the front of score and cost, on problems that cost nothing.

    python benchmarks/pareto.py
    python benchmarks/pareto.py --table macro.npz --trainings 20 50 100

The problem of our own imitates convolutional networks: capacity against parameters,
learning curves that depend on the learning rate, noise. A table is an `.npz` of trained
networks: `space` (JSON), `runs` (validation scores), `test`, `flops`.

Shown is the hypervolume of what was trained in full, without its noise, as a share of
that of the best front known; above the median score and below the highest cost of
random networks. Medians and quartiles over seeds, all with equal epochs of training.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_tuner
import numpy as np

from automl.oracles.encoding import Encoding
from automl.oracles.registry import make_oracle

STRATEGIES = ("random", "evolution", "bayesian", "auto")
_OBJECTIVES = [
    keras_tuner.Objective("val_accuracy", "max"),
    keras_tuner.Objective("params", "min"),
]
_REFERENCE_DRAWS = 4000


class Problem(Protocol):
    """Networks that need no training.

    Attributes:
        max_epochs: Epochs of a full training.
    """

    max_epochs: int

    def space(self) -> keras_tuner.HyperParameters:
        """Return the hyperparameters."""

    def truth(self, values: Mapping[str, Any]) -> tuple[float, float]:
        """Return the score after a full training, and the cost."""

    def seen(self, values: Mapping[str, Any], epochs: int, seed: int) -> float:
        """Return what one training shows after some epochs."""


class Imitation:
    """Networks of an imagined family."""

    max_epochs = 9

    def space(self) -> keras_tuner.HyperParameters:
        """See `Problem`."""
        hp = keras_tuner.HyperParameters()
        hp.Int("depth", 1, 8)
        hp.Choice("width", [8, 16, 24, 32, 48, 64, 96, 128], ordered=True)
        hp.Choice("kernel", [3, 5, 7], ordered=True)
        hp.Choice("block", ["plain", "residual", "separable"])
        hp.Choice("norm", ["none", "batch", "group"])
        hp.Float("rate", 1e-4, 1e-1, sampling="log")
        hp.Float("dropout", 0.0, 0.5)
        return hp

    def truth(self, values: Mapping[str, Any]) -> tuple[float, float]:
        """See `Problem`."""
        return self._score(values, self.max_epochs), self._params(values)

    def seen(self, values: Mapping[str, Any], epochs: int, seed: int) -> float:
        """See `Problem`."""
        noise = np.random.default_rng([seed, _digest(values)]).normal(scale=0.005)
        return self._score(values, epochs) + float(noise)

    def _params(self, values: Mapping[str, Any]) -> float:
        width, area = values["width"], values["kernel"] ** 2
        per_layer = width * (
            area + width if values["block"] == "separable" else area * width
        )
        return float(10 * width + values["depth"] * per_layer)

    def _score(self, values: Mapping[str, Any], epochs: int) -> float:
        deep = values["depth"]
        reach = math.log(1 + deep * values["kernel"])
        capacity = (
            math.log(values["width"])
            * reach
            * {"plain": 0.9 if deep > 4 else 1.0, "residual": 1.05, "separable": 0.95}[
                values["block"]
            ]
        )
        best_rate = -2.2 - 0.1 * deep + 0.6 * (values["norm"] != "none")
        off = (math.log10(values["rate"]) - best_rate) ** 2
        dropped = abs(values["dropout"] - 0.02 * capacity)
        final = 0.98 - 0.75 * math.exp(-capacity / 4) - 0.05 * off - 0.1 * dropped
        speed = 0.6 + 0.3 * (values["norm"] == "batch") - 0.03 * deep
        score: float = final * (1 - math.exp(-speed * epochs - 0.5))
        return max(0.1, score)


class Table:
    """Networks that somebody trained in full."""

    max_epochs = 1

    def __init__(self, path: Path) -> None:
        """Read a file."""
        content = np.load(path)
        self._space = json.loads(str(content["space"]))
        self._runs, self._test = content["runs"], content["test"]
        self._cost = content["flops"]

    def space(self) -> keras_tuner.HyperParameters:
        """See `Problem`."""
        hp = keras_tuner.HyperParameters()
        for parameter in self._space:
            hp.Choice(parameter["name"], parameter["choices"])
        return hp

    def truth(self, values: Mapping[str, Any]) -> tuple[float, float]:
        """See `Problem`."""
        row = self._row(values)
        return float(self._test[row]), float(self._cost[row])

    def seen(self, values: Mapping[str, Any], epochs: int, seed: int) -> float:
        """See `Problem`."""
        runs = self._runs[self._row(values)]
        generator = np.random.default_rng([seed, _digest(values)])
        return float(runs[generator.integers(len(runs))])

    def _row(self, values: Mapping[str, Any]) -> int:
        row = 0
        for parameter in self._space:
            choices = parameter["choices"]
            row = row * len(choices) + choices.index(values[parameter["name"]])
        return row


def hypervolume(points: np.ndarray, reference: np.ndarray) -> float:
    """Return the area that points cover above a reference, `(points, 2)`."""
    gains = np.maximum(points - reference, 0.0)
    area, height = 0.0, 0.0
    for right, top in gains[np.argsort(-gains[:, 0])]:
        area += right * max(0.0, top - height)
        height = max(height, top)
    return area


def search(
    problem: Problem, strategy: str, seed: int, budgets: list[float]
) -> list[list[tuple[float, float]]]:
    """Return the truth of what was trained in full within each number of epochs."""
    oracle = make_oracle(
        strategy, problem.space(), _OBJECTIVES, max_epochs=problem.max_epochs, seed=seed
    )
    found: list[tuple[float, float]] = []
    results = []
    spent = 0.0
    for budget in budgets:
        while spent < budget:
            trial = oracle.create_trial("worker")
            if trial.status != "RUNNING":
                break
            values = trial.hyperparameters.values
            epochs = values.get("tuner/epochs", problem.max_epochs)
            own = {k: v for k, v in values.items() if "/" not in k}
            truth = problem.truth(own)
            spent += epochs - values.get("tuner/initial_epoch", 0)
            oracle.complete_trial(
                trial.trial_id,
                problem.seen(own, epochs, seed),
                epochs=epochs,
                costs={"params": truth[1]},
            )
            if epochs == problem.max_epochs:
                found.append(truth)
        results.append(list(found))
    return results


def merits(found: list[tuple[float, float]]) -> np.ndarray:
    """Return score and the negative logarithm of the cost."""
    table = np.array(found, dtype=np.float64).reshape(-1, 2)
    return np.column_stack([table[:, 0], -np.log(table[:, 1])])


def _digest(values: Mapping[str, Any]) -> int:
    return int.from_bytes(repr(sorted(values.items())).encode(), "big") % 2**63


def main() -> None:
    """Search, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trainings", type=float, nargs="+", default=[10, 20, 40])
    parser.add_argument("--strategies", nargs="+", default=STRATEGIES)
    arguments = parser.parse_args()
    problem: Problem = Table(arguments.table) if arguments.table else Imitation()
    budgets = [problem.max_epochs * number for number in sorted(arguments.trainings)]
    runs = {
        strategy: [
            [merits(found) for found in search(problem, strategy, seed, budgets)]
            for seed in range(arguments.seeds)
        ]
        for strategy in arguments.strategies
    }
    encoding, generator = Encoding(problem.space()), np.random.default_rng(0)
    draws = merits(
        [problem.truth(encoding.random(generator)) for _ in range(_REFERENCE_DRAWS)]
    )
    reference = np.array([np.median(draws[:, 0]), draws[:, 1].min()])
    everything = [draws, *(seed[-1] for seeds in runs.values() for seed in seeds)]
    whole = hypervolume(np.concatenate(everything), reference)
    print("share of the best hypervolume after", *sorted(arguments.trainings))  # noqa: T201
    for strategy, seeds in runs.items():
        shares = np.array(
            [[hypervolume(m, reference) / whole for m in s] for s in seeds]
        )
        low, middle, high = np.percentile(shares, [25, 50, 75], axis=0)
        cells = (
            f"{b:.3f} [{a:.3f}, {c:.3f}]"
            for a, b, c in zip(low, middle, high, strict=True)
        )
        print(f"{strategy:10}", *cells)  # noqa: T201


if __name__ == "__main__":
    main()
