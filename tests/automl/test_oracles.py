"""Conformance: what every strategy does, whatever happens to its trials."""

import json
import math
import statistics
import subprocess
import sys
from typing import Any

import keras_tuner
import pytest

import automl.oracles
from automl.oracles.record import restore, snapshot
from automl.oracles.registry import ORACLES, make_oracle
from automl.oracles.rungs import rung_budgets
from automl.run.objectives import STRATEGIES
from automl.seeds import derive_seed
from tests.automl.asking import (
    LANDMARKS,
    MAX_EPOCHS,
    OBJECTIVE,
    layers,
    oracle_of,
    run,
    searched,
    small_space,
    space,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore:currentThread:DeprecationWarning", "ignore:getName:DeprecationWarning"
)


strategies = pytest.mark.parametrize("strategy", list(ORACLES))
with_chance = pytest.mark.parametrize("strategy", sorted(set(ORACLES) - {"grid"}))


@strategies
def test_landmarks_come_first(strategy: str) -> None:
    seen = [searched(values) for values in run(oracle_of(strategy), 2)]
    assert seen == LANDMARKS


@strategies
def test_the_same_seed_proposes_the_same(strategy: str) -> None:
    assert run(oracle_of(strategy, 3), 12) == run(oracle_of(strategy, 3), 12)


@strategies
def test_many_failures_do_not_end_it(strategy: str) -> None:
    oracle = oracle_of(strategy)
    run(oracle, 12, lambda values: None)
    assert len(run(oracle, 12)) == 12


def test_an_unfinished_landmark_is_completed_with_defaults() -> None:
    oracle = oracle_of("auto", landmarks=[{"kind": "c"}])
    assert searched(run(oracle, 1)[0]) == {"kind": "c", "rate": 1e-4}


@strategies
def test_it_goes_on_from_a_snapshot_as_if_nothing_had_happened(strategy: str) -> None:
    straight = oracle_of(strategy)
    run(straight, 20)
    first = oracle_of(strategy)
    run(first, 9)
    second = oracle_of(strategy)
    restore(second, [json.loads(json.dumps(snapshot(first), allow_nan=False))])
    run(second, 11)
    values = [
        {name: trial.hyperparameters.values for name, trial in oracle.trials.items()}
        for oracle in (straight, second)
    ]
    assert values[0] == values[1]


def test_hyperband_promotes_the_best_in_spite_of_failures() -> None:
    count = iter(range(1000))
    seen = run(
        oracle_of("hyperband"),
        40,
        lambda values: None if next(count) % 3 == 2 else values["rate"],
    )
    assert any(v["tuner/epochs"] == MAX_EPOCHS for v in seen)
    promoted = [v["rate"] for v in seen if v["tuner/initial_epoch"] > 0]
    short = [v["rate"] for v in seen if v["tuner/initial_epoch"] == 0]
    assert statistics.median(promoted) > 2 * statistics.median(short)


def test_only_the_best_third_of_a_rung_is_promoted_in_spite_of_failures() -> None:
    oracle = oracle_of("auto")
    ended: dict[int, list[float]] = {}
    for number in range(60):
        trial = oracle.create_trial("worker")
        values = trial.hyperparameters.values
        if "tuner/trial_id" in values:
            below = sorted(ended[values["tuner/round"] - 1], reverse=True)
            assert values["rate"] >= below[len(below) // 3 - 1]
        on_rung = ended.setdefault(values["tuner/round"], [])
        if number % 3 == 2:
            on_rung.append(0.0)
            oracle.fail_trial(trial.trial_id, "it broke")
        else:
            on_rung.append(values["rate"])
            oracle.complete_trial(trial.trial_id, values["rate"], epochs=1)
    assert len(ended[2]) >= 3


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


@pytest.mark.parametrize("strategy", ["auto", "random", "grid", "evolution"])
def test_a_space_that_is_used_up_ends_the_search(strategy: str) -> None:
    oracle = oracle_of(strategy, 3, space=small_space(), landmarks=[])
    fresh = 0
    while (trial := oracle.create_trial("worker")).status == "RUNNING":
        values = trial.hyperparameters.values
        fresh += "tuner/trial_id" not in values
        oracle.complete_trial(trial.trial_id, float(values["layer0"]), epochs=1)
    assert trial.status == "STOPPED"
    assert fresh == 27


@with_chance
def test_what_does_not_fit_is_not_proposed(strategy: str) -> None:
    oracle = oracle_of(strategy, fits=lambda values: values["rate"] < 0.015)
    seen = run(oracle, 25)
    assert {v["rate"] for v in seen} >= {LANDMARKS[0]["rate"]}
    assert max(v["rate"] for v in seen) < 0.015


@with_chance
def test_where_nothing_fits_it_proposes_all_the_same(strategy: str) -> None:
    assert len(run(oracle_of(strategy, fits=lambda values: False), 25)) == 25


@strategies
def test_infinite_scores_are_failures(strategy: str) -> None:
    oracle = oracle_of(strategy)
    for score in (float("nan"), float("inf"), -float("inf")):
        trial = oracle.create_trial("worker")
        oracle.complete_trial(trial.trial_id, score, epochs=1)
        assert str(score) in oracle.trials[trial.trial_id].message
    json.dumps(snapshot(oracle), allow_nan=False)
    assert len(run(oracle, 12)) == 12


def test_model_beats_chance() -> None:
    """Of 30 full trainings, the model's best is nearer the optimum than chance's."""

    def score(values: dict[str, Any]) -> float:
        distance = math.log10(values["rate"]) + 2.5
        return float(-(distance**2) - 0.2 * (values["kind"] != "b"))

    def median_best(strategy: str) -> float:
        return statistics.median(
            max(map(score, run(oracle, 30, score)))
            for seed in range(5)
            for oracle in [
                make_oracle(strategy, space(), OBJECTIVE, max_epochs=1, seed=seed)
            ]
        )

    assert median_best("auto") > 0.1 * median_best("random")


def test_workers_at_once_get_different_work() -> None:
    oracle = oracle_of("auto", landmarks=[])
    run(oracle, 12)
    values = [
        oracle.create_trial(f"worker-{index}").hyperparameters.values
        for index in range(8)
    ]
    assert len({(v["rate"], v["kind"]) for v in values}) == 8


def test_evolution_mutates_one_thing_of_a_member_of_the_population() -> None:
    oracle = oracle_of("evolution", space=small_space(), landmarks=[])
    seen = [layers(v) for v in run(oracle, 21, lambda v: float(v["layer0"]))]
    distances = [
        sum(a != b for a, b in zip(seen[20], parent, strict=True))
        for parent in seen[:20]
        if parent[0] == "2"
    ]
    assert min(distances) == 1


def test_grid_leaves_out_what_does_not_fit() -> None:
    oracle = oracle_of(
        "grid", space=small_space(), landmarks=[], fits=lambda v: v["layer2"] == "1"
    )
    seen = ["".join(layers(v)) for v in run(oracle, 9, lambda values: 0.5)]
    assert seen == [f"{a}{b}1" for a in "012" for b in "012"]
    assert oracle.create_trial("worker").status == "STOPPED"


def test_grid_goes_on_after_a_landmark() -> None:
    landmark = {"layer0": "0", "layer1": "0", "layer2": "1"}
    oracle = oracle_of("grid", space=small_space(), landmarks=[landmark])
    seen = ["".join(layers(v)) for v in run(oracle, 5, lambda values: 0.5)]
    assert seen == ["001", "000", "002", "010", "011"]


@pytest.mark.parametrize("landmarks", [None, LANDMARKS])
def test_the_package_makes_the_default(landmarks: list[dict[str, Any]] | None) -> None:
    oracle = automl.oracles.make_oracle(space(), OBJECTIVE, 27, 0, landmarks)
    first = oracle.create_trial("worker").hyperparameters.values
    assert first["tuner/epochs"] == (3 if landmarks else 1)


def test_the_package_is_light() -> None:
    code = "import automl.oracles, sys; print('keras_tuner' in sys.modules)"
    run_code = [sys.executable, "-c", code]
    assert subprocess.check_output(run_code, text=True).strip() == "False"


@pytest.mark.parametrize(
    ("epochs", "rungs"), [(1, (1,)), (2, (1, 2)), (3, (1, 3)), (27, (3, 9, 27))]
)
def test_rungs(epochs: int, rungs: tuple[int, ...]) -> None:
    assert rung_budgets(epochs) == rungs


def test_derived_seeds_differ() -> None:
    assert len({derive_seed(i, j) for i in range(30) for j in range(30)}) == 900


def test_the_request_knows_every_strategy() -> None:
    assert list(ORACLES) == list(STRATEGIES)
