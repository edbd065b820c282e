"""Strategies at the edges: used-up spaces, one rung, scores beyond all bounds."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import keras_tuner
import numpy as np
import pytest

from automl.oracles.registry import make_oracle
from tests.automl.asking import MAX_EPOCHS, oracle_of, run, space


def few(number: int) -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    hp.Choice("rate", [float(i) for i in range(number)])
    return hp


def exhaust(oracle: Any) -> list[dict[str, Any]]:
    """Ask until there is nothing left, and return what was trained."""
    seen = []
    while (trial := oracle.create_trial("worker")).status == "RUNNING":
        values = trial.hyperparameters.values
        seen.append(dict(values))
        epochs = values["tuner/epochs"]
        oracle.complete_trial(trial.trial_id, values["rate"], epochs=epochs)
        assert len(seen) < 200
    assert trial.status == "STOPPED"
    return seen


@pytest.mark.parametrize("strategy", ["auto", "hyperband"])
@pytest.mark.parametrize("number", [8, 20])
def test_the_best_of_a_used_up_space_are_trained_out(
    strategy: str, number: int
) -> None:
    seen = exhaust(oracle_of(strategy, space=few(number), landmarks=[]))
    trained = Counter(values["tuner/epochs"] for values in seen)
    assert trained[MAX_EPOCHS] == number
    by_length = [v["rate"] for v in seen if v["tuner/epochs"] == MAX_EPOCHS]
    assert max(by_length) == number - 1
    spans = {(v["rate"], v["tuner/epochs"]) for v in seen}
    assert len(spans) == len(seen)


@pytest.mark.parametrize("strategy", ["auto", "hyperband"])
def test_what_still_runs_is_waited_for(strategy: str) -> None:
    oracle = oracle_of(strategy, space=few(2), landmarks=[])
    first = oracle.create_trial("one")
    oracle.create_trial("two")
    assert oracle.create_trial("three").status == "IDLE"
    oracle.complete_trial(first.trial_id, 1.0, epochs=1)
    assert first.status == "COMPLETED"


def test_hyperband_promotes_no_failure_however_large_the_scores_are() -> None:
    oracle = make_oracle(
        "hyperband",
        space(),
        keras_tuner.Objective("val_rmse", "min"),
        max_epochs=MAX_EPOCHS,
        seed=0,
    )
    draws = iter(range(100))

    def score(values: dict[str, Any]) -> float | None:
        return None if next(draws) % 3 == 0 else 1e12 * (1 + values["rate"])

    seen = run(oracle, 30, score)
    failed = {t for t, trial in oracle.trials.items() if trial.message}
    assert failed
    assert not failed & {values.get("tuner/trial_id") for values in seen}


@pytest.mark.parametrize("strategy", ["bayesian", "auto"])
def test_a_model_of_one_rung_does_better_than_chance(strategy: str) -> None:
    def best(name: str, seed: int) -> float:
        hp = keras_tuner.HyperParameters()
        for index in range(4):
            hp.Float(f"x{index}", 0.0, 1.0)
        objective = keras_tuner.Objective("val_accuracy", "max")
        oracle = make_oracle(name, hp, objective, max_epochs=1, seed=seed)
        hidden = np.random.default_rng(seed).uniform(0.2, 0.8, 4)

        def score(values: dict[str, Any]) -> float:
            point = np.array([values[f"x{index}"] for index in range(4)])
            return -float(np.sqrt(np.mean((point - hidden) ** 2)))

        run(oracle, 40, score)
        return float(max(trial.score for trial in oracle.trials.values()))

    ours = np.median([best(strategy, seed) for seed in range(5)])
    chance = np.median([best("random", seed) for seed in range(5)])
    assert ours > 0.6 * chance  # both are below zero


@pytest.mark.filterwarnings("ignore:All-NaN")
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_score_that_is_no_number_is_a_failure_by_kerastuner_s_own_calls_too(
    value: float,
) -> None:
    oracle = oracle_of("auto")
    trial = oracle.create_trial("worker")
    oracle.update_trial(trial.trial_id, {"val_accuracy": value})
    trial.status = "COMPLETED"
    oracle.end_trial(trial)
    assert oracle.trials[trial.trial_id].status == "FAILED"


def test_every_seed_repeats() -> None:
    for seed in (-1, 0, 1):
        runs = [run(oracle_of("random", seed, landmarks=[]), 3) for _ in range(2)]
        assert runs[0] == runs[1]
