"""Transfer beside training from scratch, with the real command and few samples.

    python benchmarks/transfer.py                          # three drawings of samples
    python benchmarks/transfer.py --per-class 10 --budget 90s --seeds 1

A network is searched for on the MNIST digits 0 to 4. Then the digits 5 to 9, a few of
each, are searched twice within the same time: from scratch, and with `--pretrained`
from that network. Prints the test accuracy of both on all test samples of 5 to 9.
The data is found through AUTOML_TEST_DATA (default ../shared/data).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.every_kind import DATA
from benchmarks.printing import say

NUM_SOURCE_SAMPLES = 4000
Arrays = dict[str, Any]  # of NumPy


def digits(low: int, high: int) -> Arrays:
    """Return the samples of the digits from `low` up to `high`."""
    arrays: Arrays = {}
    with np.load(DATA / "2d/mnist/mnist.npz") as held:
        for split in ("train", "test"):
            x, y = held[f"x_{split}"], held[f"y_{split}"]
            chosen = (low <= y) & (y < high)
            arrays[f"x_{split}"], arrays[f"y_{split}"] = x[chosen], y[chosen]
    return arrays


def few(arrays: Arrays, per_class: int, seed: int) -> Arrays:
    """Return the same with so many training samples of each class."""
    generator = np.random.default_rng(seed)
    labels = arrays["y_train"]
    picked = np.concatenate(
        [
            generator.permutation(np.flatnonzero(labels == label))[:per_class]
            for label in np.unique(labels)
        ]
    )
    return {
        **arrays,
        "x_train": arrays["x_train"][picked],
        "y_train": labels[picked],
    }


def search(arrays: Arrays, folder: Path, options: list[str]) -> tuple[Path, float]:
    """Search the samples; return the run and its test accuracy."""
    folder.mkdir(parents=True)
    np.savez(folder / "samples.npz", **arrays)
    run = folder / "run"
    command = [sys.executable, "-m", "automl", "search", "--quiet", "--json"]
    command += ["--data", str(folder / "samples.npz"), "--out", str(run), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return run, json.loads(done.stdout)["best"]["test_score"]


def benchmark(options: argparse.Namespace, folder: Path) -> None:
    """Search the source, then every target twice."""
    budget = ["--budget", options.budget]
    run, score = search(
        few(digits(0, 5), NUM_SOURCE_SAMPLES // 5, 0), folder / "source", budget
    )
    say(f"source, digits 0 to 4: test accuracy {score:.4f}")
    pretrained = ["--pretrained", str(run / "best" / "model.keras")]
    scratch: list[float] = []
    transferred: list[float] = []
    for seed in range(options.seeds):
        target = few(digits(5, 10), options.per_class, seed)
        name = f"target-{seed}"
        scratch.append(search(target, folder / name, budget)[1])
        found = search(target, folder / f"{name}-pretrained", [*budget, *pretrained])
        transferred.append(found[1])
        say(
            f"target {seed}, {options.per_class} samples a class: from scratch "
            f"{scratch[-1]:.4f}, pretrained {transferred[-1]:.4f}"
        )
    say(
        f"median: from scratch {statistics.median(scratch):.4f}, "
        f"pretrained {statistics.median(transferred):.4f}"
    )


def main() -> None:
    """Read the options; search in a scratch folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--per-class", type=int, default=20)
    parser.add_argument("--budget", default="90s", help="of each search")
    parser.add_argument("--seeds", type=int, default=3)
    with tempfile.TemporaryDirectory() as folder:
        benchmark(parser.parse_args(), Path(folder))


if __name__ == "__main__":
    main()
