"""Killed at any moment, a run goes on with nothing lost and nothing counted twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.slow

TRIALS = 3
EPOCHS = 9


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "automl", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def search(digits: Path, run: Path) -> subprocess.Popen[str]:
    return start(
        "search", "--data", digits, "--out", run, "--trials", TRIALS, "--epochs",
        EPOCHS, "--quiet",
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


def wait_for(condition: Any, process: subprocess.Popen[str]) -> None:
    while not condition() and process.poll() is None:
        time.sleep(0.05)


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


def test_the_command_and_its_workers_killed(digits: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = search(digits, run)
    wait_for(lambda: len(finished_rungs(run)) >= 1, process)
    time.sleep(random.Random(os.urandom(8)).uniform(0, 5))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    before = finished_rungs(run)
    assert before
    resumed(run)
    check_whole(run, before)


def test_a_worker_killed(digits: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = search(digits, run)
    wait_for(lambda: len(finished_rungs(run)) >= 1, process)
    workers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if child.memory_info().rss > 3e8 and child.ppid() != process.pid
    ]
    workers[0].kill()
    _, stderr = process.communicate(timeout=600)
    assert process.returncode == 0, stderr
    records = [json.loads(f.read_text()) for f in run.glob("trials/*/trial.json")]
    assert sum(r["status"] == "failed" for r in records) <= 1
    assert json.loads((run / "run.json").read_text())["state"] == "finished"


def test_ctrl_c_once_ends_in_order_and_says_how_to_go_on(
    digits: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    process = search(digits, run)
    wait_for(lambda: len(finished_rungs(run)) >= 1, process)
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
    run = tmp_path / "run"
    process = search(digits, run)
    wait_for((run / "trials").exists, process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    resumed(run)
    check_whole(run, {})
