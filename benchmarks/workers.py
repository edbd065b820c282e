"""Trials finished in a minute by two workers of one thread, against one of two.

Both search through the command with the same seed, strategy, trials and epochs, one
after the other, in turns; the ratio of their trials a minute is the figure. Both use
all cores that the command may use, so it wants a machine with nothing else to do.

    python benchmarks/workers.py --trials 24 --rounds 3
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.datasets import load_digits


def spans(run: Path) -> tuple[float, float]:
    """Return when the first trial began and the last ended, in seconds of the run.

    Later stretches of a trial are those of the shortlist, which is trained out.
    """
    records = [json.loads(f.read_text()) for f in run.glob("trials/*/trial.json")]
    search = [record["spans"][0] for record in records]
    return min(s[1] for s in search), max(s[2] for s in search)


def trials_per_minute(folder: Path, workers: int, options: argparse.Namespace) -> float:
    """Search, and return how many trials were finished in a minute of the search."""
    run = folder / f"{workers}-{len(list(folder.iterdir()))}"
    subprocess.run(
        [
            sys.executable, "-m", "automl", "search", "--quiet",
            "--data", str(folder / "digits.npz"), "--out", str(run),
            "--trials", str(options.trials), "--epochs", str(options.epochs),
            "--strategy", "random", "--workers", str(workers), "--max-macs", "2000000",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    with (run / "leaderboard.csv").open(newline="") as lines:
        done = [r for r in csv.DictReader(lines) if r["status"] == "completed"]
    begin, end = spans(run)
    return 60 * len(done) / (end - begin)


def main() -> None:
    """Measure in turns, and print the figures and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    figures: dict[int, list[float]] = {1: [], 2: []}
    with TemporaryDirectory(prefix="workers-") as name:
        folder = Path(name)
        digits = load_digits()
        images = digits.images.astype(np.uint8)[..., None]
        np.savez(folder / "digits.npz", x=images, y=digits.target)
        for number in range(options.rounds):
            for workers in (1, 2) if number % 2 else (2, 1):
                found = trials_per_minute(folder, workers, options)
                figures[workers].append(found)
                sys.stdout.write(f"{workers} workers: {found:.1f} trials a minute\n")
                sys.stdout.flush()
    ratio = statistics.median(figures[2]) / statistics.median(figures[1])
    sys.stdout.write(f"two workers against one: {ratio:.2f} times the trials\n")


if __name__ == "__main__":
    main()
