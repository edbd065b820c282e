"""Killed at any moment, a run goes on with nothing lost and nothing counted twice."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.end_to_end.waiting import wait_for

pytestmark = pytest.mark.slow

TRIALS = 3
EPOCHS = 9

#: Its first training step takes ten minutes, in which it hears nobody.
DEAF_SPACE = """
import time
from pathlib import Path

import keras
import tensorflow as tf


def sleep_once():
    asleep = Path({asleep!r})
    if not asleep.exists():
        asleep.touch()
        time.sleep(600)


class Deaf(keras.Model):
    def train_step(self, data):
        tf.py_function(sleep_once, [], [])
        return super().train_step(data)


def build(hp):
    inputs = keras.Input((8, 8, 1))
    outputs = keras.layers.Dense(10, activation="softmax")(
        keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    )
    model = Deaf(inputs, outputs)
    optimizer = keras.optimizers.SGD(hp.Float("rate", 0.01, 0.1))
    loss = "sparse_categorical_crossentropy"
    model.compile(optimizer, loss, jit_compile=False)
    return model
"""


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "automl", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def search(digits: Path, run: Path, *further: object) -> subprocess.Popen[str]:
    return start(
        "search", "--data", digits, "--out", run, "--trials", TRIALS, "--epochs",
        EPOCHS, "--quiet", *further,
    )  # fmt: skip


def finished_rungs(run: Path) -> dict[str, tuple[int, float]]:
    """Return epochs and score of each trial's search training that is on record."""
    rungs = {}
    for file in run.glob("trials/*/trial.json"):
        record = json.loads(file.read_text())
        training = record["trainings"][0]
        if record["status"] in ("completed", "stopped") and training["val_score"]:
            rungs[record["trial"]] = (training["epochs"], training["val_score"])
    return rungs


def killed_a_worker(command: int) -> bool:
    """Kill a process that the fork server of a command began, if there is one."""
    for child in psutil.Process(command).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it ended in between, and is replaced
            if child.ppid() != command:
                child.kill()
                return True
    return False


def resumed(run: Path) -> dict[str, Any]:
    process = start("resume", run, "--json")
    stdout, stderr = process.communicate(timeout=600)
    assert process.returncode == 0, stderr
    result: dict[str, Any] = json.loads(stdout)
    return result


def check_whole(run: Path, before: dict[str, tuple[int, float]]) -> None:
    values = json.loads((run / "run.json").read_text())
    assert values["state"] == "finished"
    after = finished_rungs(run)
    assert len(after) == TRIALS
    for trial, (epochs, score) in before.items():
        assert after[trial][0] >= epochs
        assert after[trial][1] >= score
    rungs: list[str] = []
    for file in run.glob("trials/*/trial.json"):
        record = json.loads(file.read_text())
        rungs += record["rungs"]
        history = (file.parent / "history.csv").read_text().splitlines()[1:]
        numbers = [int(float(line.split(",")[0])) for line in history]
        assert numbers == list(range(1, len(numbers) + 1))
    assert len(rungs) == len(set(rungs))


@pytest.mark.parametrize(
    "begun",
    [f"trials/{TRIALS:04d}", "trials/*/seed-1", "best"],
    ids=["while it searches", "while it trains out", "while it exports"],
)
def test_the_command_and_its_workers_killed(
    begun: str, digits: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    process = search(digits, run)
    wait_for(lambda: finished_rungs(run) and list(run.glob(begun)), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    before = finished_rungs(run)
    assert before
    resumed(run)
    check_whole(run, before)


def test_a_worker_killed(digits: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = search(digits, run)
    wait_for(lambda: finished_rungs(run), process)
    wait_for(lambda: killed_a_worker(process.pid), process)
    _, stderr = process.communicate(timeout=600)
    assert process.returncode == 0, stderr
    records = [json.loads(f.read_text()) for f in run.glob("trials/*/trial.json")]
    assert not any(r["status"] == "failed" for r in records)
    assert json.loads((run / "run.json").read_text())["state"] == "finished"


def test_ctrl_c_once_ends_in_order_and_says_how_to_go_on(
    digits: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    process = search(digits, run)
    wait_for(lambda: finished_rungs(run), process)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"automl resume {run}" in stderr.splitlines()[-1]
    assert json.loads((run / "run.json").read_text())["state"] == "interrupted"
    assert (run / "leaderboard.html").exists()
    before = finished_rungs(run)
    resumed(run)
    check_whole(run, before)


def test_ctrl_c_twice_stops_at_once(digits: Path, tmp_path: Path) -> None:
    run, space, asleep = (tmp_path / name for name in ("run", "deaf.py", "asleep"))
    space.write_text(DEAF_SPACE.format(asleep=str(asleep)))
    further = ("--space", space, "--workers", 1, "--export", "keras")
    process = search(digits, run, *further)
    wait_for(asleep.exists, process)
    process.send_signal(signal.SIGINT)
    time.sleep(1)  # or the two would be one; a worker has ten seconds to stop
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    record = json.loads((run / "run.json").read_text())
    assert record["state"] == "interrupted"
    assert "stop_reason" not in record  # which is told once the workers have stopped
    resumed(run)
    check_whole(run, {})
