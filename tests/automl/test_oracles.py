"""Conformance: what every strategy does, whatever happens to its trials."""

import json
import statistics
import threading
from collections.abc import Callable
from typing import Any

import keras_tuner
import pytest

from automl.oracles._mended import MendedOracle, derive_seed, restore, snapshot
from automl.oracles.registry import ORACLES, make_oracle
from automl.oracles.successive_halving import rung_budgets
from automl.run.request import STRATEGIES

OBJECTIVE = keras_tuner.Objective("val_accuracy", "max")
LANDMARKS = [{"rate": 0.01, "kind": "a"}, {"rate": 0.02, "kind": "b"}]
MAX_EPOCHS = 9

pytestmark = pytest.mark.filterwarnings(
    "ignore:currentThread:DeprecationWarning", "ignore:getName:DeprecationWarning"
)


def space() -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hp.Choice("kind", ["a", "b", "c"])
    return hp


def oracle_of(strategy: str, seed: int = 0, **options: Any) -> MendedOracle:
    return make_oracle(
        strategy,
        space(),
        OBJECTIVE,
        max_epochs=MAX_EPOCHS,
        seed=seed,
        landmarks=options.pop("landmarks", LANDMARKS),
    )


def run(
    oracle: MendedOracle,
    number: int,
    score: Callable[[dict[str, Any]], float | None] = lambda values: values["rate"],
) -> list[dict[str, Any]]:
    """Ask and tell; a score of None is a failure."""
    seen = []
    for _ in range(number):
        trial = oracle.create_trial("worker")
        assert trial.status == "RUNNING"
        values = trial.hyperparameters.values
        seen.append(dict(values))
        result = score(values)
        if result is None:
            oracle.fail_trial(trial.trial_id, "it broke")
        else:
            epochs = values.get("tuner/epochs", MAX_EPOCHS)
            oracle.complete_trial(trial.trial_id, result, epochs=epochs)
    return seen


def searched(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if not k.startswith("tuner/")}


strategies = pytest.mark.parametrize("strategy", list(ORACLES))


@strategies
def test_landmarks_come_first(strategy: str) -> None:
    seen = [searched(values) for values in run(oracle_of(strategy), 2)]
    assert seen == LANDMARKS


@strategies
def test_the_same_seed_proposes_the_same(strategy: str) -> None:
    assert run(oracle_of(strategy, 3), 12) == run(oracle_of(strategy, 3), 12)


@strategies
def test_neighbouring_seeds_share_nothing(strategy: str) -> None:
    rates = [
        {v["rate"] for v in run(oracle_of(strategy, seed, landmarks=[]), 8)}
        for seed in (0, 1, 2)
    ]
    assert rates[0].isdisjoint(rates[1] | rates[2])
    assert rates[1].isdisjoint(rates[2])


@strategies
def test_many_failures_do_not_end_it(strategy: str) -> None:
    oracle = oracle_of(strategy)
    run(oracle, 12, lambda values: None)
    assert len(run(oracle, 12)) == 12


@strategies
def test_it_goes_on_from_a_snapshot_as_if_nothing_had_happened(strategy: str) -> None:
    straight = oracle_of(strategy)
    run(straight, 20)
    first = oracle_of(strategy)
    run(first, 9)
    second = oracle_of(strategy)
    restore(second, json.loads(json.dumps(snapshot(first), allow_nan=False)))
    run(second, 11)
    values = [
        {name: trial.hyperparameters.values for name, trial in oracle.trials.items()}
        for oracle in (straight, second)
    ]
    assert values[0] == values[1]


@strategies
def test_an_error_does_not_keep_the_lock(strategy: str) -> None:
    oracle = oracle_of(strategy)
    trial = oracle.create_trial("worker")
    with pytest.raises(ValueError, match="Objective value missing"):
        oracle.update_trial(trial.trial_id, {"wrong": 1.0})
    answers: list[str] = []
    thread = threading.Thread(
        target=lambda: answers.append(oracle.create_trial("other").trial_id),
        daemon=True,
    )
    thread.start()
    thread.join(30)
    assert len(answers) == 1


@pytest.mark.parametrize("strategy", ["auto", "hyperband"])
def test_promotions_go_to_the_best_in_spite_of_failures(strategy: str) -> None:
    count = iter(range(1000))
    seen = run(
        oracle_of(strategy),
        40,
        lambda values: None if next(count) % 3 == 2 else values["rate"],
    )
    full = [v for v in seen if v["tuner/epochs"] == MAX_EPOCHS]
    short = [v for v in seen if v["tuner/initial_epoch"] == 0]
    assert full
    promoted = [v for v in seen if v["tuner/initial_epoch"] > 0]
    medians = [statistics.median(v["rate"] for v in vs) for vs in (promoted, short)]
    assert medians[0] > 2 * medians[1]


def test_a_trial_is_promoted_once_and_goes_on_where_it_stopped() -> None:
    seen = run(oracle_of("auto"), 60)
    parents = [v["tuner/trial_id"] for v in seen if "tuner/trial_id" in v]
    assert len(parents) == len(set(parents))
    rungs = rung_budgets(MAX_EPOCHS)
    spans = {(v["tuner/initial_epoch"], v["tuner/epochs"]) for v in seen}
    assert spans == set(zip((0, *rungs), rungs, strict=False))


def test_skipped_trials_promote_nobody() -> None:
    oracle = oracle_of("auto")
    for _ in range(9):
        oracle.skip_trial(oracle.create_trial("worker").trial_id)
    assert run(oracle, 1)[0]["tuner/initial_epoch"] == 0


@pytest.mark.parametrize("direction", ["min", "max"])
def test_direction(direction: str) -> None:
    oracle = make_oracle(
        "auto",
        space(),
        keras_tuner.Objective("val_loss", direction),
        max_epochs=MAX_EPOCHS,
        seed=1,
    )
    first = run(oracle, 3)
    promoted = run(oracle, 1)[0]
    best = (min if direction == "min" else max)(v["rate"] for v in first)
    assert promoted["rate"] == best


def test_bayesian_proposes_nothing_twice_on_a_small_space() -> None:
    hp = keras_tuner.HyperParameters()
    for index in range(3):
        hp.Choice(f"layer{index}", ["0", "1", "2"])
    oracle = make_oracle("bayesian", hp, OBJECTIVE, max_epochs=1, seed=3)
    seen = run(oracle, 20, lambda values: sum(map(int, values.values())) / 6)
    assert len({tuple(values.values()) for values in seen}) == 20


@pytest.mark.parametrize(
    ("epochs", "rungs"), [(1, (1,)), (2, (1, 2)), (3, (1, 3)), (27, (3, 9, 27))]
)
def test_rungs(epochs: int, rungs: tuple[int, ...]) -> None:
    assert rung_budgets(epochs) == rungs


def test_derived_seeds_differ() -> None:
    assert len({derive_seed(i, j) for i in range(30) for j in range(30)}) == 900


def test_the_request_knows_every_strategy() -> None:
    assert list(ORACLES) == list(STRATEGIES)
