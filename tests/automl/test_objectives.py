"""Several objectives: the front, and the strategies that look for it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
import pytest

import automl.oracles
from automl.engine.ledger import Ledger
from automl.errors import RequestError
from automl.oracles.hypervolume import expected_hypervolume_improvement
from automl.oracles.pareto import cost_merits, pareto_front, pareto_order
from automl.oracles.record import restore, snapshot
from automl.oracles.registry import make_oracle
from automl.run.directory import RunDirectory
from automl.run.objectives import STRATEGIES
from automl.run.request import SearchRequest
from automl.run.trial import COMPLETED, REFIT, Training
from automl.selection.front import front_of

OBJECTIVES = [
    keras_tuner.Objective("val_accuracy", "max"),
    keras_tuner.Objective("params", "min"),
]
MULTI = [name for name in STRATEGIES if name != "hyperband"]


def space() -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    hp.Float("width", 1.0, 1000.0, sampling="log")
    hp.Float("rate", 0.0, 1.0)
    hp.Float("noise", 0.0, 1.0)
    return hp


def judged(values: dict[str, Any]) -> tuple[float, float]:
    """A network is as good as it is wide, if its rate is right."""
    good = np.log10(values["width"]) / 3
    return float(good - 2 * (values["rate"] - 0.6) ** 2), values["width"]


def tell(oracle: Any, number: int, *, max_epochs: int = 9) -> list[dict[str, Any]]:
    seen = []
    for _ in range(number):
        trial = oracle.create_trial("worker")
        values = dict(trial.hyperparameters.values)
        score, cost = judged(values)
        epochs = values.get("tuner/epochs", max_epochs)
        oracle.complete_trial(
            trial.trial_id, score, epochs=epochs, costs={"params": cost}
        )
        seen.append(values)
    return seen


def test_the_front_is_what_nothing_beats() -> None:
    points = np.random.default_rng(0).integers(0, 6, (60, 3)).astype(float)
    beaten = [
        any((other >= point).all() and (other > point).any() for other in points)
        for point in points
    ]
    assert pareto_front(points).tolist() == [not value for value in beaten]


def test_the_order_peels_fronts_and_leads_with_the_best_score() -> None:
    points = np.random.default_rng(1).random((40, 2))
    order = pareto_order(points)
    assert sorted(order) == list(range(40))
    left = points.copy()
    first = pareto_front(points)
    assert set(order[: first.sum()]) == set(np.flatnonzero(first))
    assert order[0] == np.argmax(points[:, 0])
    left[first] = -1.0
    second = pareto_front(left) & ~first
    following = order[first.sum() : first.sum() + second.sum()]
    assert set(following) == set(np.flatnonzero(second))


def test_the_order_spreads_over_a_front() -> None:
    places = np.array([0.0, 0.01, 0.02, 0.5, 0.98, 1.0])
    order = pareto_order(np.column_stack([places, 1 - places]))
    assert order[:3] == [5, 0, 3]


def test_equal_points_share_a_front_and_are_all_kept() -> None:
    points = np.ones((3, 2))
    assert pareto_front(points).all()
    assert sorted(pareto_order(points)) == [0, 1, 2]


def test_ratios_of_costs_count() -> None:
    merits = cost_merits(np.array([[10.0], [100.0], [1000.0]]), ["min"])
    assert np.allclose(np.diff(merits[:, 0]), -np.log(10))
    assert cost_merits(np.array([[0.0], [2.0]]), ["min"]).tolist() == [[0.0], [-2.0]]
    assert cost_merits(np.array([[1.0], [2.0]]), ["max"]).tolist() == [[1.0], [2.0]]


def test_the_expected_improvement_is_that_of_the_hypervolume() -> None:
    front = np.array([[0.2, 0.8], [0.6, 0.5]])
    candidates = np.array([[0.7, 0.7], [0.9, 0.1], [0.1, 0.1], [0.3, 0.9]])
    gains = [
        area(np.vstack([front, candidate])) - area(front) for candidate in candidates
    ]
    found = np.mean(
        [
            expected_hypervolume_improvement(
                candidates,
                np.full_like(candidates, 1e-9),
                front=front,
                reference=np.zeros(2),
                generator=np.random.default_rng(seed),
            )
            for seed in range(60)
        ],
        axis=0,
    )
    assert found[2] == 0.0
    assert np.allclose(found / found[0], np.array(gains) / gains[0], atol=0.06)


def area(points: np.ndarray) -> float:
    """Return what is covered of a fine grid."""
    axis = (np.arange(400) + 0.5) / 400
    x, y = np.meshgrid(axis, axis)
    return float(
        np.mean([(x < a) & (y < b) for a, b in points], axis=0).astype(bool).mean()
    )


@pytest.mark.parametrize("strategy", MULTI)
def test_a_strategy_goes_on_from_a_snapshot(strategy: str) -> None:
    def make() -> Any:
        return make_oracle(strategy, space(), OBJECTIVES, max_epochs=9, seed=2)

    straight, first, second = make(), make(), make()
    expected = tell(straight, 26)
    begun = tell(first, 13)
    restore(second, [json.loads(json.dumps(snapshot(first), allow_nan=False))])
    assert begun + tell(second, 13) == expected


@pytest.mark.parametrize("strategy", ["auto", "bayesian"])
def test_networks_of_every_size_get_the_right_rate(strategy: str) -> None:
    oracle = make_oracle(strategy, space(), OBJECTIVES, max_epochs=9, seed=0)
    late = [v for v in tell(oracle, 60)[30:] if "tuner/trial_id" not in v]
    assert np.median([abs(v["rate"] - 0.6) for v in late]) < 0.15
    widths = np.log10([v["width"] for v in late])
    assert np.ptp(np.percentile(widths, [10, 90])) > 0.7  # a sum would take one end


def test_the_front_is_promoted_but_nothing_below_the_median() -> None:
    oracle: Any = make_oracle("auto", space(), OBJECTIVES, max_epochs=9, seed=1)
    merits = [(0.9, 100), (0.8, 10), (0.7, 90), (0.6, 95), (0.1, 1), (0.5, 99)]
    for index in range(len(merits)):
        trial = oracle.create_trial(f"worker-{index}")
        assert trial.hyperparameters.values["tuner/round"] == 0
    for (score, cost), name in zip(merits, list(oracle.trials), strict=True):
        oracle.complete_trial(name, score, epochs=1, costs={"params": cost})
    promoted = [
        oracle.create_trial(f"w{i}").hyperparameters.values["tuner/trial_id"]
        for i in range(2)
    ]
    assert promoted == list(oracle.trials)[:2]


def test_kerastuners_container_of_objectives_is_taken_apart() -> None:
    several = keras_tuner.oracles.RandomSearchOracle(objective=OBJECTIVES).objective
    oracle = automl.oracles.make_oracle(space(), several, 9, 0)
    assert tell(oracle, 12)[0]["tuner/epochs"] == 1


def test_a_cost_that_is_not_told_or_not_finite_is_noticed() -> None:
    oracle: Any = make_oracle("random", space(), OBJECTIVES, max_epochs=1, seed=0)
    trial = oracle.create_trial("worker")
    with pytest.raises(ValueError, match="no params"):
        oracle.complete_trial(trial.trial_id, 0.5, epochs=1)
    trial = oracle.create_trial("other")
    oracle.complete_trial(trial.trial_id, 0.5, epochs=1, costs={"params": np.inf})
    assert oracle.trials[trial.trial_id].message == "its params is inf"


def test_the_request_takes_objectives_apart() -> None:
    request = SearchRequest("data", objective="val_f1, latency_ms,params")
    assert (request.objective, request.costs) == ("val_f1", ("latency_ms", "params"))
    assert SearchRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"objective": "latency_ms"}, "val_accuracy,latency_ms"),
        ({"objective": "latency_ms,val_accuracy"}, "val_accuracy,latency_ms"),
        ({"objective": "val_accuracy,val_loss"}, "'val_loss' can't stand after"),
        ({"objective": "val_accuracy,params,params"}, "val_accuracy,params,params"),
        ({"objective": "val_f1,params,macs,size_mb"}, "up to 2 different costs"),
        (
            {"objective": "val_f1,params", "strategy": "hyperband"},
            "'hyperband' knows one objective only; leave out params",
        ),
    ],
)
def test_refusals_say_what_to_do(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError) as caught:
        SearchRequest("data", **fields)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_hyperband_has_one_objective() -> None:
    with pytest.raises(ValueError, match="one objective"):
        make_oracle("hyperband", space(), OBJECTIVES, max_epochs=9, seed=0)


def ledger_of(folder: Path, *networks: tuple[float, int]) -> Ledger:
    ledger = Ledger(RunDirectory(folder), "max")
    for score, params in networks:
        record = ledger.open({}, origin="auto", landmark=False)
        record.status, record.params = COMPLETED, params
        record.trainings.append(Training("search", 1, 9, val_score=score))
    return ledger


def test_the_shortlist_is_of_the_front(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path, (0.9, 1000), (0.89, 2000), (0.8, 100), (0.85, 500), (0.1, 5), (0.2, 9)
    )
    names = [record.trial for record in ledger.shortlist(3, ("params",))]
    assert names == ["0001", "0004"]  # the tiny ones are of no use
    assert [record.trial for record in ledger.shortlist(2, ())] == ["0001", "0002"]
    front = {r.trial for r in front_of(ledger.records.values(), "max", ["params"])}
    assert front == {"0001", "0003", "0004", "0005", "0006"}


def test_trials_without_a_score_or_a_cost_are_on_no_front(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, (0.9, 1000), (0.8, 100))
    ledger.records["0001"].params = None
    ledger.open({}, origin="auto", landmark=False)
    front = front_of(ledger.records.values(), "max", ["params"])
    assert [record.trial for record in front] == ["0002"]
    assert front_of([], "max", ["params"]) == []


def test_a_refit_s_score_is_not_compared_with_those_on_the_split(
    tmp_path: Path,
) -> None:
    """It is that of the folds where there were some."""
    ledger = ledger_of(tmp_path, (0.7, 1000), (0.8, 900))
    refit = Training(REFIT, 1, 9, val_score=0.9)
    ledger.records["0001"].trainings.append(refit)
    front = front_of(ledger.records.values(), "max", ["params"])
    assert [record.trial for record in front] == ["0002"]


@pytest.mark.slow
def test_a_search_shows_its_front(digits: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [sys.executable, "-m", "automl", "search", "--data", digits]
    command += ["--objective", "val_accuracy,params", "--trials", "5", "--epochs", "2"]
    command += ["--workers", "1", "--export", "keras", "--json", "--quiet"]
    answer = subprocess.run(
        [*map(str, command), "--out", str(run)], capture_output=True, check=True
    )
    assert json.loads(answer.stdout)["objective"] == "val_accuracy,params"
    rows = json.loads((run / "leaderboard.json").read_text())["leaderboard"]
    scored = [row for row in rows if row["rank"]]
    merits = np.array([[row["val_score"], -row["params"]] for row in scored])
    assert [row["pareto"] for row in scored] == pareto_front(merits).tolist()
    tested = [row["pareto"] for row in rows if row["test_score"] is not None]
    assert any(tested)
