"""A user's own strategy: found, made, mended, and refused in one sentence."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
import pytest

import automl
from automl.engine.opening import begin_run, check_files, refuse_changed_space
from automl.errors import RequestError
from automl.oracles.record import restore, snapshot
from automl.oracles.registry import make_oracle
from automl.run.objectives import check_strategy
from automl.run.request import SearchRequest

SCORE = keras_tuner.Objective("val_accuracy", "max")
COST = keras_tuner.Objective("params", "min")

WALK = """
import keras_tuner

class Walk(keras_tuner.Oracle):
    \"\"\"Each step is shown twice, and remembered by nobody.\"\"\"

    steps = 0

    def populate_space(self, trial_id):
        self.steps += 1
        return {"status": "RUNNING", "values": {"width": self.steps // 2}}

class Short(keras_tuner.Oracle):
    def populate_space(self, trial_id):
        first = len(self.trials) < 3
        values = {"width": len(self.trials) % 3, "tuner/epochs": 1 if first else 9}
        return {"status": "RUNNING", "values": values}

class Broken(keras_tuner.Oracle):
    def populate_space(self, trial_id):
        return {"status": "RUNNING", "values": {"width": 1 // len(self.trials)}}

class Random(keras_tuner.oracles.RandomSearchOracle):
    pass

class Front(Random):
    def score_trial(self, trial):
        metrics = trial.metrics
        wide = metrics.get_best_value("params")
        trial.score = metrics.get_best_value("val_accuracy") - wide / 1000

class Halving(keras_tuner.oracles.HyperbandOracle):
    def __init__(self, *, factor=3, **options):
        super().__init__(factor=factor, **options)

def by_function(hyperparameters, objective, max_epochs, seed, landmarks):
    assert landmarks == [{"width": 5}]
    assert seed
    return Walk(objective=objective, hyperparameters=hyperparameters, seed=seed)

def nothing(hyperparameters, objective):
    return None

def stubborn(hyperparameters):
    return Random(objective="val_loss", hyperparameters=hyperparameters)

def failing():
    raise KeyError("width")

number = 7
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(WALK)
    return path


def space() -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    hp.Int("width", 0, 1000)
    return hp


def strategy(file: Path, name: str, objective: Any = SCORE) -> Any:
    return make_oracle(
        f"{file}:{name}",
        space(),
        objective,
        max_epochs=9,
        seed=0,
        landmarks=[{"width": 5}],
    )


def ask(oracle: Any, number: int, *, tell: bool = True) -> list[dict[str, Any]]:
    seen = []
    for index in range(number):
        trial = oracle.create_trial("worker" if tell else f"worker-{index}")
        assert trial.status == "RUNNING"
        values = dict(trial.hyperparameters.values)
        seen.append(values)
        if tell:
            epochs = values.get("tuner/epochs", 9)
            oracle.complete_trial(trial.trial_id, values["width"] / 9, epochs=epochs)
    return seen


@pytest.mark.parametrize("name", ["Walk", "by_function"])
def test_repeats_are_answered_by_what_is_known(file: Path, name: str) -> None:
    oracle = strategy(file, name)
    assert [v["width"] for v in ask(oracle, 4)] == [0, 1, 2, 3]
    scores = [trial.score for trial in oracle.trials.values()]
    assert scores == [w / 9 for w in (0, 1, 1, 2, 2, 3)]
    assert {trial.status for trial in oracle.trials.values()} == {"COMPLETED"}


def test_a_repeat_of_what_runs_is_passed_over(file: Path) -> None:
    seen = ask(strategy(file, "Walk"), 3, tell=False)
    assert [values["width"] for values in seen] == [0, 1, 2]


def test_more_epochs_go_on_where_the_first_ended(file: Path) -> None:
    seen = ask(strategy(file, "Short"), 6)
    assert [v["tuner/epochs"] for v in seen] == [1, 1, 1, 9, 9, 9]
    assert [v.get("tuner/initial_epoch") for v in seen[3:]] == [1, 1, 1]
    assert [v["tuner/trial_id"] for v in seen[3:]] == ["0000", "0001", "0002"]


def test_what_only_repeats_itself_ends(file: Path) -> None:
    oracle = strategy(file, "Short")
    ask(oracle, 6)
    assert oracle.create_trial("worker").status == "STOPPED"


def test_failures_do_not_end_it_and_nothing_is_written(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    oracle = strategy(file, "Random")
    for index in range(8):
        trial = oracle.create_trial("worker")
        if index % 2:
            oracle.fail_trial(trial.trial_id, "it broke")
        else:
            oracle.complete_trial(trial.trial_id, float("nan"), epochs=9)
    assert len(ask(oracle, 5)) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]


def test_the_default_limit_of_ten_trials_is_lifted(file: Path) -> None:
    assert len(ask(strategy(file, "Random"), 15)) == 15


def test_it_goes_on_after_a_crash(file: Path) -> None:
    first = strategy(file, "Walk")
    ask(first, 3)
    running = first.create_trial("worker")
    second = strategy(file, "Walk")
    saved = json.loads(json.dumps(snapshot(first), allow_nan=False))
    restore(second, [saved])
    assert list(second.ongoing_trials) == ["worker"]
    assert second.create_trial("worker").trial_id == running.trial_id
    second.complete_trial(running.trial_id, 0.5, epochs=9)
    # Its own counter is lost, and begins anew: what is known is not run again.
    assert [values["width"] for values in ask(second, 2)] == [4, 5]


def test_hyperband_promotes_in_spite_of_failures(file: Path) -> None:
    oracle = strategy(file, "Halving")
    for index in range(9):
        trial = oracle.create_trial("worker")
        if index % 3 == 2:
            oracle.fail_trial(trial.trial_id, "it broke")
        else:
            oracle.complete_trial(trial.trial_id, index / 9, epochs=1)
    assert [values["tuner/round"] for values in ask(oracle, 3)] == [1, 1, 1]
    json.dumps(snapshot(oracle), allow_nan=False)


def test_its_errors_name_the_line_and_leave_the_lock(file: Path) -> None:
    oracle = strategy(file, "Broken")
    raised: list[BaseException] = []
    for _ in range(2):
        thread = threading.Thread(
            target=lambda: raised.append(error_of(oracle)), daemon=True
        )
        thread.start()
        thread.join(30)
    line = 1 + next(i for i, text in enumerate(WALK.splitlines()) if "1 //" in text)
    assert len(raised) == 2
    for error in raised:
        assert f"mine.py, line {line}: ZeroDivisionError" in str(error)


def error_of(oracle: Any) -> BaseException:
    with pytest.raises(RequestError) as caught:
        oracle.create_trial("worker")
    return caught.value


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Missing", "no keras_tuner.Oracle and no function called 'Missing'"),
        ("number", "no keras_tuner.Oracle and no function called 'number'"),
        ("nothing", "must return a keras_tuner.Oracle, but returned None"),
        ("stubborn", "must hand on the objective it is given, which is val_accuracy"),
        ("failing", "KeyError: 'width'"),
    ],
)
def test_what_is_no_strategy_is_refused(file: Path, name: str, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        strategy(file, name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_fails_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text("import keras_tuner\nclass A(:\n")
    with pytest.raises(RequestError, match=r"bad\.py, line 2: SyntaxError"):
        strategy(path, "A")
    with pytest.raises(RequestError, match=r"no strategy file .*gone\.py"):
        strategy(tmp_path / "gone.py", "A")


def test_several_objectives_are_not_added_up(file: Path) -> None:
    with pytest.raises(RequestError, match="add up several objectives"):
        strategy(file, "Random", [SCORE, COST])
    oracle = strategy(file, "Front", [SCORE, COST])
    trial = oracle.create_trial("worker")
    oracle.complete_trial(trial.trial_id, 0.9, epochs=9, costs={"params": 100})
    assert oracle.trials[trial.trial_id].score == pytest.approx(0.8)


@pytest.mark.parametrize("text", ["mine.py", "mine.py:", "mine.txt:A", "mine:A"])
def test_half_a_name_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match=r"py:"):
        check_strategy(text)


def test_a_run_goes_on_with_the_same_file_only(file: Path, tmp_path: Path) -> None:
    request = SearchRequest("data", strategy=f"{file}:Walk")
    run = begin_run(request, tmp_path / "run", "")
    refuse_changed_space(run, request)
    file.write_text(WALK + "\n")
    with pytest.raises(RequestError, match=r"mine\.py:Walk has changed"):
        refuse_changed_space(run, request)
    file.unlink()
    with pytest.raises(RequestError, match="can't be read"):
        refuse_changed_space(run, request)


def test_files_are_found_again_from_any_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text('space = "auto"\n')
    monkeypatch.chdir(file.parent)
    relative = os.path.relpath(tmp_path / "mine.toml")
    request = SearchRequest("data", strategy=f"{file.name}:Walk", space=relative)
    run = begin_run(request, tmp_path / "run", "")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    refuse_changed_space(run, run.request())
    assert Path(run.request().space).is_absolute()


def test_a_bad_strategy_leaves_no_run_behind(file: Path, tmp_path: Path) -> None:
    strategy, folder = f"{file}:Missing", tmp_path / "runs" / "run"
    with pytest.raises(RequestError, match="Missing"):
        check_files(SearchRequest("data", strategy=strategy))
    np.savez(tmp_path / "data.npz", x=np.zeros((20, 8, 8)), y=np.arange(20) % 2)
    with pytest.raises(RequestError, match="Missing"):
        automl.search(tmp_path / "data.npz", strategy=strategy, out=folder, quiet=True)
    assert not folder.parent.exists()
