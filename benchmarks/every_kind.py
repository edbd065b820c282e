"""One search on each kind of data, with the real command, beside what is expected.

    python benchmarks/every_kind.py                      # all, five minutes each
    python benchmarks/every_kind.py --sets fsdd,trec --budget 2m

The data is found through AUTOML_TEST_DATA (default ../shared/data). Each search is
scored on the set's own test split; a Markdown table is printed as it grows. Run it on a
machine that does nothing else.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.printing import say

DATA = Path(os.environ.get("AUTOML_TEST_DATA", "../shared/data")).absolute()


@dataclass(frozen=True)
class Benchmark:
    """One set.

    Attributes:
        name: What the table calls it.
        path: From a scratch folder to the path that is searched.
        metric: Key of the test metrics that is compared.
        expected: The least (for errors: the most) it should reach.
        options: Further options of the command.
    """

    name: str
    path: Callable[[Path], Path]
    metric: str
    expected: float
    options: tuple[str, ...] = ()


def at(name: str) -> Callable[[Path], Path]:
    """Return the path of data that is searched as it lies there."""
    return lambda scratch: DATA / name


def unpacked(archive: str, folder: Path) -> Path:
    """Unpack an archive of one folder, once, and return the folder."""
    if not folder.exists():
        with tarfile.open(DATA / archive) as packed:
            packed.extractall(folder.parent, filter="data")
    return folder


def spoken_digits(scratch: Path) -> Path:
    """Unpack the wav files."""
    return unpacked("1d/fsdd/fsdd.tar.gz", scratch / "fsdd")


def movie_reviews(scratch: Path) -> Path:
    """Name the first of the ten folds the test split."""
    path = scratch / "mr.csv"
    with (
        (DATA / "1d/text_mr/mr.csv").open(encoding="utf-8", newline="") as source,
        path.open("w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target)
        writer.writerow(["text", "label", "split"])
        for row in csv.DictReader(source):
            split = "test" if row["fold"] == "0" else "train"
            writer.writerow([row["text"], row["label"], split])
    return path


def demand_forecast(scratch: Path) -> Path:
    """Regression: the demand of the last hour of a day, from the first twenty."""
    days = np.concatenate([_italian_days("TRAIN"), _italian_days("TEST")])
    days = days[np.random.default_rng(0).permutation(len(days))]
    inputs, answers = days[:, :20, None], days[:, 23:]
    path = scratch / "demand.npz"
    np.savez(
        path,
        x_train=inputs[:800],
        y_train=answers[:800],
        x_test=inputs[800:],
        y_test=answers[800:],
    )
    return path


def _italian_days(split: str) -> np.ndarray:
    """Return the hourly demand, shape `(days, 24)`."""
    file = DATA / f"1d/ucr_uea/ItalyPowerDemand_{split}.ts"
    lines = file.read_text("utf-8").splitlines()
    rows = [line for line in lines if line and line[0] not in "#@"]
    return np.array([row.split(":")[0].split(",") for row in rows], np.float32)


def digit_pairs(scratch: Path) -> Path:
    """Multi-label: which digits are on a picture of two."""
    mnist = np.load(DATA / "2d/mnist/mnist.npz")
    generator = np.random.default_rng(0)
    arrays: dict[str, Any] = {"classes": np.array([str(digit) for digit in range(10)])}
    for split, count in (("train", 6000), ("test", 2000)):
        pairs = generator.integers(len(mnist[f"x_{split}"]), size=(count, 2))
        images, digits = mnist[f"x_{split}"][pairs], mnist[f"y_{split}"][pairs]
        labels = np.zeros((count, 10), np.uint8)
        labels[np.arange(count)[:, None], digits] = 1
        arrays[f"x_{split}"] = np.concatenate([images[:, 0], images[:, 1]], axis=2)
        arrays[f"y_{split}"] = labels
    path = scratch / "pairs.npz"
    np.savez(path, **arrays)
    return path


SETS = {
    "mnist1d": Benchmark("MNIST-1D", at("1d/mnist1d/mnist1d.npz"), "accuracy", 0.94),
    "fsdd": Benchmark("Free Spoken Digit", spoken_digits, "accuracy", 0.97),
    "leaf": Benchmark(
        "SwedishLeaf", at("1d/ucr_uea/SwedishLeaf_TRAIN.tsv"), "accuracy", 0.95
    ),
    "ecg": Benchmark("ECG200", at("1d/ucr_uea/ECG200_TRAIN.tsv"), "accuracy", 0.88),
    "italy": Benchmark(
        "ItalyPowerDemand", at("1d/ucr_uea/ItalyPowerDemand_TRAIN.ts"), "accuracy", 0.96
    ),
    "motions": Benchmark(
        "BasicMotions", at("1d/ucr_uea/BasicMotions_TRAIN.ts"), "accuracy", 0.97
    ),
    "vowels": Benchmark(
        "JapaneseVowels", at("1d/ucr_uea/JapaneseVowels_TRAIN.ts"), "accuracy", 0.98
    ),
    "trec": Benchmark("TREC", at("1d/text_trec"), "accuracy", 0.88),
    "mr": Benchmark("MR, fold 0", movie_reviews, "accuracy", 0.75),
    "adrenal": Benchmark(
        "AdrenalMNIST3D",
        at("3d/adrenalmnist3d/adrenalmnist3d.npz"),
        "auc",
        0.85,
        ("--objective", "val_auc"),
    ),
    "patches": Benchmark(
        "hippocampus patches",
        at("3d/hippocampus_patch/hippocampus_patch.npz"),
        "accuracy",
        0.94,
        ("--group", "scan"),
    ),
    "hippocampus": Benchmark(
        "hippocampus A/P", at("3d/hippocampus_ap"), "accuracy", 0.97
    ),
    "moving": Benchmark("moving MNIST", at("3d/moving_mnist_gif"), "accuracy", 0.95),
    "demand": Benchmark("demand (regression)", demand_forecast, "r2", 0.85),
    "pairs": Benchmark("digit pairs (multi-label)", digit_pairs, "auc", 0.95),
}


def scores(run: Path, metric: str) -> tuple[float, str]:
    """Return the score of what was handed over, and that of one network beside it."""
    chosen = json.loads((run / "run.json").read_text("utf-8"))["selection"]
    record = run / "trials" / chosen["recommended"] / "trial.json"
    alone: float = json.loads(record.read_text("utf-8"))["test_metrics"][metric]
    if not (chosen["ensemble"] or {}).get("pays"):
        return alone, ""
    return chosen["ensemble"]["test_metrics"][metric], f" (one network: {alone:.4f})"


def search(benchmark: Benchmark, folder: Path, options: list[str]) -> str:
    """Search one set, and return its row of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    run = folder / f"run-{time.time_ns()}"
    command = [sys.executable, "-m", "automl", "search", "--quiet", "--json"]
    command += ["--data", str(benchmark.path(folder)), "--out", str(run)]
    command += [*options, *benchmark.options]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    if done.returncode:
        return f"| {benchmark.name} | failed: {done.stderr.strip()[-200:]} | | | | |"
    result = json.loads(done.stdout)
    reached, beside = scores(run, benchmark.metric)
    return (
        f"| {benchmark.name} | {benchmark.metric} {reached:.4f}{beside} "
        f"| {benchmark.expected} | {'yes' if reached >= benchmark.expected else 'NO'} "
        f"| {seconds:.0f} s | {result['best']['architecture']} |"
    )


def main() -> None:
    """Search every set asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--budget", default="5m")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ensemble", type=int, help="see `automl search --help`")
    parser.add_argument("--workers", default="auto")
    parser.add_argument("--out", type=Path, default=Path("runs/every_kind"))
    arguments = parser.parse_args()
    options = ["--budget", arguments.budget, "--seed", str(arguments.seed)]
    options += ["--workers", arguments.workers]
    if arguments.ensemble:
        options += ["--ensemble", str(arguments.ensemble)]
    say("| set | test score | expected | reached | time | network |")
    say("|---|---|---|---|---|---|")
    for name in arguments.sets.split(","):
        folder = arguments.out.absolute() / name
        say(search(SETS[name], folder, options))


if __name__ == "__main__":
    main()
