"""Trials that fail, a disk that is full, a kill in the middle of a cross-validation.

More of the same, at random moments: `benchmarks/faults.py`.
"""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.waiting import wait_for

pytestmark = pytest.mark.slow

FAULTY_SPACE = """
import os, signal
from math import nan
import keras
import tensorflow as tf

class Segfault(keras.Model):
    def train_step(self, data):
        tf.py_function(lambda: os.kill(os.getpid(), signal.SIGSEGV), [], [])
        return super().train_step(data)

def build(hp):
    fault = hp.Choice("fault", ["none", "nan", "error", "segfault"])
    if fault == "error":
        raise ValueError("this network can't be built")
    inputs = keras.Input((8, 8, 1))
    outputs = keras.layers.Dense(10, activation="softmax")(
        keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    )
    kind = Segfault if fault == "segfault" else keras.Model
    model = kind(inputs, outputs, name=fault)
    loss = "sparse_categorical_crossentropy"
    if fault == "nan":
        loss = lambda targets, predictions: nan * predictions
    rates = {"none": 0.1, "nan": 0.2, "segfault": 0.3}  # none repeats another
    model.compile(keras.optimizers.SGD(rates[fault]), loss=loss)
    return model
"""


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "automl", *map(str, arguments), "--quiet"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def search(data: Path, run: Path, *arguments: object) -> subprocess.Popen[str]:
    return start(
        "search", "--data", data, "--out", run, "--export", "keras", "--epochs", 1,
        "--workers", 2, *arguments,
    )  # fmt: skip


def finished(process: subprocess.Popen[str], run: Path) -> None:
    _, stderr = process.communicate(timeout=600)
    assert process.returncode == 0, stderr
    assert json.loads((run / "run.json").read_text())["state"] == "finished"


def record(run: Path, trial: str = "0001") -> dict[str, Any]:
    file = run / "trials" / trial / "trial.json"
    values: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return values


def test_every_failure_is_a_row_with_its_reason(digits: Path, tmp_path: Path) -> None:
    run, space = tmp_path / "run", tmp_path / "faulty.py"
    space.write_text(FAULTY_SPACE)
    limits = ("--space", space, "--strategy", "grid", "--trials", 4)
    finished(search(digits, run, *limits), run)
    with (run / "leaderboard.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    failures = [row["reason"] for row in rows if row["status"] == "failed"]
    assert sorted(row["status"] for row in rows) == ["completed", *3 * ["failed"]]
    for part in ("the loss became nan", "this network can't be built", "signal 11"):
        assert sum(part in reason for reason in failures) == 1, failures


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, 40 MB large."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("mounting a small file system takes root")
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(file: Path) -> None:
    """Write until nothing more can be written, whatever others write meanwhile."""
    with file.open("wb", buffering=0) as target, suppress(OSError):
        while True:
            target.write(b"\0" * 4096)


def test_a_full_disk_loses_nothing(digits: Path, small_disk: Path) -> None:
    run, filling = small_disk / "run", small_disk / "filling"
    process = search(digits, run, "--trials", 2)
    wait_for(lambda: record(run).get("status") in ("completed", "stopped"), process)
    before = record(run)["trainings"][0]
    fill(filling)
    _, stderr = process.communicate(timeout=600)  # it gives up at its next write
    assert process.returncode == 2
    assert "the disk is full" in stderr
    filling.unlink()
    finished(start("resume", run), run)
    assert record(run)["trainings"][0] == before


def test_a_kill_within_a_cross_validation(digits: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = search(digits, run, "--trials", 1, "--folds", 3)
    wait_for(lambda: record(run).get("folds"), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    before = record(run)["folds"]
    assert before
    finished(start("resume", run), run)
    after = record(run)["folds"]
    assert sorted(fold["name"] for fold in after) == ["fold-0", "fold-1", "fold-2"]
    assert after[: len(before)] == before
