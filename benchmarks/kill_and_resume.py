"""Kill searches with -9 at random moments, resume them, and check what is on record.

    python benchmarks/kill_and_resume.py --runs 20

Each search is killed whole (the command and every worker) once to three times at
random moments, then resumed to its end. Checked: it finishes; no finished rung of a
trial is lost; no rung is counted twice; every history has each epoch once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TRIALS = 4
EPOCHS = 9


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start `automl` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "automl", *map(str, arguments), "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def records(run: Path) -> list[dict[str, Any]]:
    """Return every trial's record."""
    files = sorted(run.glob("trials/*/trial.json"))
    return [json.loads(file.read_text()) for file in files]


def finished_trainings(run: Path) -> dict[tuple[str, str], tuple[int, float]]:
    """Return epochs and score of each training on record, folds included."""
    return {
        (record["trial"], training["name"]): (training["epochs"], training["val_score"])
        for record in records(run)
        for training in (*record["trainings"], *record["folds"])
        if training["val_score"] is not None
    }


def kill_and_resume(data: str, run: Path, chance: random.Random) -> dict[str, Any]:
    """Return what one search went through; raise if something was lost."""
    arguments = ("--trials", TRIALS, "--epochs", EPOCHS)
    process = start("search", "--data", data, "--out", run, *arguments)
    kills: list[float] = []
    kept: dict[tuple[str, str], tuple[int, float]] = {}
    for _ in range(chance.randint(1, 3)):
        moment = chance.uniform(1, 30)
        time.sleep(moment)
        if process.poll() is not None:
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        kills.append(round(moment, 1))
        if not (run / "run.json").exists():  # killed before the run was begun
            process = start("search", "--data", data, "--out", run, *arguments)
            continue
        kept |= finished_trainings(run)
        process = start("resume", run)
    _, stderr = process.communicate(timeout=900)
    if process.returncode:
        raise RuntimeError(f"killed at {kills}: {stderr.strip()}")
    check(run, kept)
    return {"killed after seconds": kills, "finished trainings kept": len(kept)}


def check(run: Path, kept: dict[tuple[str, str], tuple[int, float]]) -> None:
    """Raise if a training was lost or anything is counted twice."""
    check_record(run, kept)
    trained = [r for r in records(run) if r["status"] in ("completed", "stopped")]
    if len(trained) != TRIALS:
        raise RuntimeError(f"{len(trained)} trained")


def check_record(run: Path, kept: dict[tuple[str, str], tuple[int, float]]) -> None:
    """Raise if a run is not finished, lost a training, or has anything twice.

    Args:
        run: Folder of the run.
        kept: Trainings that were finished at some moment before.
    """
    state = json.loads((run / "run.json").read_text())["state"]
    if state != "finished":
        raise RuntimeError(f"the run is {state}")
    after = finished_trainings(run)
    for key, (epochs, score) in kept.items():
        if key not in after or after[key][0] < epochs or after[key][1] < score:
            raise RuntimeError(f"{key} was lost: {epochs}, {score} -> {after.get(key)}")
    names = [rung for record in records(run) for rung in record["rungs"]]
    for record in records(run):
        trainings = (*record["trainings"], *record["folds"])
        names += [f"{record['trial']} {training['name']}" for training in trainings]
    if len(names) != len(set(names)):
        raise RuntimeError(f"counted twice: {names}")
    for history in run.glob("trials/**/history.csv"):
        rows = history.read_text().splitlines()[1:]
        epochs_seen = [int(float(row.split(",")[0])) for row in rows]
        if epochs_seen != sorted(set(epochs_seen)):
            raise RuntimeError(f"{history}: {epochs_seen}")


def run_all(runs: int, one: Callable[[int], object]) -> None:
    """Make runs one after another, print a line each, and end the program.

    Args:
        runs: How many.
        one: Returns what the run of that number went through; raises `RuntimeError`
            if something is wrong.
    """
    failures = 0
    for index in range(runs):
        try:
            story = one(index)
        except RuntimeError as error:
            failures += 1
            story = f"FAILED {error}"
        sys.stdout.write(f"{index + 1:3} {story}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{runs - failures} of {runs} went well\n")
    sys.exit(bool(failures))


def main() -> None:
    """Run the searches one after another and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="demo-data/digits")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)

    def one(index: int) -> object:
        del index  # every run is like the others
        with tempfile.TemporaryDirectory() as folder:
            return kill_and_resume(options.data, Path(folder) / "run", chance)

    run_all(options.runs, one)


if __name__ == "__main__":
    main()
