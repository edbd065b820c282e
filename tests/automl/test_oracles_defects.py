"""What KerasTuner's oracles get wrong, and ours must not, by number.

Found in KerasTuner 1.4.8:

1. An error leaves the lock taken, so that every other thread waits for ever.
2. Seed 0 means any seed, and neighbouring seeds share most of their draws.
3. The Bayesian oracle proposes the same values again and again.
4. After a restart it trains its model on a wrong score for every running trial.
5. It asks a model that was never fitted for the outlook of running trials.
6. Files are written in place: a kill leaves half of one.
7. Hyperband promotes nobody of a round in which a trial failed.
8. The random state of a search is lost in a restart; retries are last-in-first-out.
9. What a crashed run reported counts towards the score of its retry.
10. Every oracle is kept for ever, with its space and whatever that holds.
"""

import gc
import json
import os
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.engine.oracle_file import OracleFile
from automl.oracles.gaussian_process import GaussianProcess
from automl.oracles.mended import forget
from automl.oracles.random_search import RandomSearchOracle
from automl.oracles.record import restore, snapshot
from automl.oracles.registry import ORACLES
from automl.oracles.rungs import parent_of
from automl.run.directory import RunDirectory
from automl.run.lines import append_line, read_lines, write_lines
from tests.automl.asking import OBJECTIVE, layers, oracle_of, run, small_space, space

strategies = pytest.mark.parametrize("strategy", list(ORACLES))
with_chance = pytest.mark.parametrize("strategy", sorted(set(ORACLES) - {"grid"}))
modelled = pytest.mark.parametrize("strategy", ["auto", "bayesian"])


@strategies
def test_1_an_error_does_not_keep_the_lock(strategy: str) -> None:
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


def test_2_seed_zero_is_a_seed_like_any_other() -> None:
    assert run(oracle_of("random", 0), 5) == run(oracle_of("random", 0), 5)


@with_chance
def test_2_neighbouring_seeds_share_nothing(strategy: str) -> None:
    rates = [
        {v["rate"] for v in run(oracle_of(strategy, seed, landmarks=[]), 8)}
        for seed in (0, 1, 2)
    ]
    assert rates[0].isdisjoint(rates[1] | rates[2])
    assert rates[1].isdisjoint(rates[2])


@strategies
def test_3_nothing_is_proposed_twice_on_a_small_space(strategy: str) -> None:
    oracle = oracle_of(strategy, 3, space=small_space(), landmarks=[])
    seen = run(oracle, 20, lambda values: sum(map(int, layers(values))) / 6)
    fresh = [layers(v) for v in seen if "tuner/trial_id" not in v]
    assert len(set(fresh)) == len(fresh)


def believed(
    oracle: Any, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[list[float], list[float]]]:
    """Return what the model is told of running trials, and what it foresaw, raw."""
    told: list[tuple[list[float], list[float]]] = []
    believe = GaussianProcess.believe

    def spy(model: GaussianProcess, rows: np.ndarray, targets: np.ndarray) -> None:
        told.append((targets.tolist(), model.predict(rows)[0].tolist()))
        believe(model, rows, targets)

    with monkeypatch.context() as patch:
        patch.setattr(GaussianProcess, "believe", spy)
        patch.setattr("automl.oracles.multi_fidelity._RANDOM_SHARE", 0.0)
        oracle.create_trial("one more worker")
    return told


@modelled
def test_4_and_5_running_trials_count_as_poor_results_of_a_fitted_model(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = oracle_of(strategy, landmarks=[])
    run(first, 12)
    for index in range(2):
        first.create_trial(f"worker-{index}")
    second = oracle_of(strategy, landmarks=[])
    restore(second, [json.loads(json.dumps(snapshot(first)))])
    pending = [t for t in first.ongoing_trials.values() if parent_of(t) is None]
    told = [believed(oracle, monkeypatch) for oracle in (first, second)]
    assert told[0] == told[1]
    ((targets, foreseen),) = told[0]
    assert len(targets) == len(pending) > 0
    assert all(low < mean for low, mean in zip(targets, foreseen, strict=True))


def test_6_a_line_that_was_cut_short_was_never_written(tmp_path: Path) -> None:
    run_directory = RunDirectory(tmp_path)
    oracle = oracle_of("auto")
    file = OracleFile(run_directory, oracle, records=())
    for _ in range(12):
        run(oracle, 1)
        file.save()
    before = snapshot(oracle)
    trial = oracle.create_trial("worker")
    file.save()
    content = file.path.read_bytes()
    begin = content[:-1].rindex(b"\n") + 1
    for end in (begin, begin + 1, (begin + len(content)) // 2, len(content) - 1):
        file.path.write_bytes(content[:end])
        again = oracle_of("auto")
        OracleFile(run_directory, again, records=["0001"])
        assert snapshot(again) == before
    file.path.write_bytes(content)
    again = oracle_of("auto")
    OracleFile(run_directory, again, records=["0001"])
    assert again.ongoing_trials["worker"].trial_id == trial.trial_id


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_6_a_full_disk_leaves_the_file_as_it_was(
    share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file.jsonl"
    write_lines(file, [{"a": 1}])

    def full(descriptor: int) -> None:
        os.write(descriptor, b"x" * int(10 * share))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        append_line(file, {"a": 2})
    monkeypatch.undo()
    append_line(file, {"a": 3})
    assert list(read_lines(file)) == [{"a": 1}, {"a": 3}]


def test_7_hyperband_fills_its_rounds_in_spite_of_crashes() -> None:
    oracle = oracle_of("hyperband", landmarks=[])
    for number in range(9):
        trial = oracle.create_trial("worker")
        if number % 3 == 2:
            trial.status = "INVALID"
            oracle.end_trial(trial)
        else:
            rate = trial.hyperparameters.values["rate"]
            oracle.complete_trial(trial.trial_id, rate, epochs=1)
    promoted = run(oracle, 3)
    assert [v["tuner/round"] for v in promoted] == [1, 1, 1]


@strategies
def test_8_a_restart_after_every_trial_changes_nothing(strategy: str) -> None:
    straight = run(oracle_of(strategy, landmarks=[]), 14)
    seen = []
    oracle = oracle_of(strategy, landmarks=[])
    for _ in range(14):
        saved = json.loads(json.dumps(snapshot(oracle), allow_nan=False))
        oracle = oracle_of(strategy, landmarks=[])
        restore(oracle, [saved])
        seen += run(oracle, 1)
    assert seen == straight


def test_8_the_first_to_crash_is_the_first_to_be_tried_again() -> None:
    oracle = RandomSearchOracle(
        objective=OBJECTIVE, hyperparameters=space(), seed=0, max_retries_per_trial=1
    )
    crashed = [oracle.create_trial(f"worker-{index}") for index in range(2)]
    for trial in crashed:
        trial.status = "INVALID"
        oracle.end_trial(trial)
    again = [oracle.create_trial(f"worker-{index}").trial_id for index in range(2)]
    assert again == [trial.trial_id for trial in crashed]


def test_9_a_retry_forgets_the_scores_of_the_crash() -> None:
    oracle = RandomSearchOracle(
        objective=OBJECTIVE, hyperparameters=space(), seed=0, max_retries_per_trial=1
    )
    crashed = oracle.create_trial("worker")
    oracle.update_trial(crashed.trial_id, {"val_accuracy": 0.99})
    crashed.status = "INVALID"
    oracle.end_trial(crashed)
    again = oracle.create_trial("worker")
    assert again.trial_id == crashed.trial_id
    oracle.complete_trial(again.trial_id, 0.1, epochs=1)
    assert oracle.trials[again.trial_id].score == 0.1


@strategies
def test_10_an_oracle_that_is_done_with_is_let_go(strategy: str) -> None:
    oracle = oracle_of(strategy)
    run(oracle, 3)
    known = weakref.ref(oracle)
    forget(oracle)
    del oracle
    gc.collect()
    assert known() is None
