"""What a search costs as the data, the images, the trials or the workers grow.

    python benchmarks/scaling.py                 # some minutes, on an idle machine
    python benchmarks/scaling.py --only samples,images
    python benchmarks/scaling.py --samples 1000,4000,16000,64000 --trials 10,40,160

Each point is a search by the real command on generated images (no score is looked at),
one after the other. The network is always the same one, but for its learning rate;
only the trials and workers are of networks drawn from the whole space, with few
multiply-accumulates. Costs are ratios to those of the smallest point.

A cost is called linear for as long as it lies within a quarter of the line through the
two smallest points: a fixed part, and so much for each sample, pixel or trial. Of
workers it is the trials a minute that would be proportional.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measured_process import Limits, run_measured
from benchmarks.printing import say
from benchmarks.workers import trials_per_minute

_TOLERANCE = 0.25
_LONGEST_SECONDS = 3600.0
_CLASSES = 10

#: One network and one way of training it, to be drawn again and again.
_ONE_NETWORK = """\
space = "auto"

[dimensions]
block = "plain"
resolution = "full"
stages = 3
repeats = 1
filters = 16
kernel_size = 3
padding = "same"
growth = 2.0
pooling = "max"
normalization = "batch"
activation = "relu"
head = "gap"
dropout = 0.0
optimizer = "adam"
schedule = "constant"
batch_size = 64
gradient_clipping = "none"
weight_averaging = false
augmentation = "none"
label_smoothing = 0.0
"""


@dataclass(frozen=True)
class Cost:
    """What a search took.

    Attributes:
        whole: Seconds from the command to its end.
        steps: Seconds in training and validation steps.
        memory: Most bytes of all its processes at once.
        disk: Most bytes in its folder at once.
        page: Bytes of the report.
    """

    whole: float
    steps: float
    memory: float
    disk: float
    page: float


def generate(folder: Path, samples: int, side: int) -> Path:
    """Write square images of noise, each class of its own brightness."""
    numbers = np.random.default_rng(0)
    labels = np.arange(samples) % _CLASSES
    noise = numbers.integers(0, 100, (samples, side, side), dtype=np.uint8)
    images = noise + (15 * labels).astype(np.uint8)[:, None, None]
    path = folder / f"{samples}-{side}.npz"
    np.savez(path, x=images, y=labels)
    return path


def measure(folder: Path, data: Path, options: Sequence[str]) -> Cost:
    """Search some data, and return what that took."""
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    log = folder / "log.txt"
    command = [sys.executable, "-m", "automl", "search", "--quiet"]
    command += ["--data", str(data), "--out", str(run), *options]
    limits = Limits(os.sched_getaffinity(0), _LONGEST_SECONDS)
    usage = run_measured(command, limits, folder=run, log=log)
    if usage.exit_code:
        raise RuntimeError(f"{' '.join(command)} failed: {log.read_text()[-500:]}")
    records = [json.loads(f.read_text()) for f in run.glob("trials/*/trial.json")]
    steps = sum(t["seconds"] for record in records for t in record["trainings"])
    page = (run / "leaderboard.html").stat().st_size
    return Cost(usage.seconds, steps, usage.memory, usage.disk, page)


def linear_until(sizes: Sequence[float], costs: Sequence[float]) -> float | None:
    """Return the first size whose cost is off the line, `None` where all are on it.

    Args:
        sizes: Rising.
        costs: One a size; the first two make the line.

    Example:
        >>> linear_until([1, 2, 4, 8], [10, 11, 13, 30])
        8
    """
    slope = (costs[1] - costs[0]) / (sizes[1] - sizes[0])
    for size, cost in zip(sizes[2:], costs[2:], strict=True):
        expected = costs[0] + slope * (size - sizes[0])
        if abs(cost - expected) > _TOLERANCE * abs(expected):
            return size
    return None


def show(name: str, sizes: Sequence[int], costs: Sequence[Cost]) -> None:
    """Print a table of ratios, and where each cost stops being linear."""
    say(f"\n| {name} | command | steps | memory | disk | report |")
    say("|---|---|---|---|---|---|")
    first = vars(costs[0])
    for size, cost in zip(sizes, costs, strict=True):
        cells = [
            f"{_unit(kind, value)} ({value / max(first[kind], 1e-9):.2f})"
            for kind, value in vars(cost).items()
        ]
        say(f"| {size:,} | " + " | ".join(cells) + " |")
    if len(sizes) < 3:
        return
    for kind in first:
        end = linear_until(sizes, [vars(cost)[kind] for cost in costs])
        where = f"off the line from {end:,}" if end else "linear throughout"
        say(f"* {kind}: {where}")


def _unit(kind: str, value: float) -> str:
    if kind in ("whole", "steps"):
        return f"{value:.1f} s"
    return f"{value / 1e6:.1f} MB"


def grow_samples(folder: Path, samples: Sequence[int]) -> None:
    """Measure one network on more and more images of 28x28."""
    options = _one_network(folder)
    costs = [measure(folder, generate(folder, n, 28), options) for n in samples]
    show("samples", samples, costs)


def grow_images(folder: Path, sides: Sequence[int]) -> None:
    """Measure one network on 1,000 larger and larger images."""
    options = _one_network(folder)
    costs = [measure(folder, generate(folder, 1000, side), options) for side in sides]
    show("pixels of an image", [side**2 for side in sides], costs)


def grow_trials(folder: Path, trials: Sequence[int]) -> None:
    """Measure more and more trials of an epoch at most on 500 images of 8x8."""
    data = generate(folder, 500, 8)
    costs = [
        measure(
            folder,
            data,
            ["--trials", str(n), "--epochs", "1", "--max-macs", "200000"],
        )
        for n in trials
    ]
    show("trials", trials, costs)


def grow_workers(folder: Path, workers: Sequence[int]) -> None:
    """Measure trials a minute of more and more workers, each of one core."""
    (folder / "pace").mkdir()
    shutil.copyfile(generate(folder, 2000, 8), folder / "pace" / "digits.npz")
    options = argparse.Namespace(trials=24, epochs=3)
    cores = sorted(os.sched_getaffinity(0))
    paces = []
    for number in workers:
        os.sched_setaffinity(0, cores[:number])
        paces.append(trials_per_minute(folder / "pace", number, options))
    os.sched_setaffinity(0, cores)
    say("\n| workers | trials a minute | of proportional |")
    say("|---|---|---|")
    for number, pace in zip(workers, paces, strict=True):
        share = pace / paces[0] * workers[0] / number
        say(f"| {number} | {pace:.1f} ({pace / paces[0]:.2f}) | {share:.0%} |")


def _one_network(folder: Path) -> list[str]:
    space = folder / "one.toml"
    space.write_text(_ONE_NETWORK)
    one = ["--trials", "3", "--epochs", "3", "--workers", "1"]
    return ["--space", str(space), *one]


GROWTHS: dict[str, Callable[[Path, Sequence[int]], None]] = {
    "samples": grow_samples,
    "images": grow_images,
    "trials": grow_trials,
    "workers": grow_workers,
}


def _numbers(text: str) -> list[int]:
    """Return rising numbers."""
    return sorted({int(part) for part in text.split(",")})


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cores = range(1, len(os.sched_getaffinity(0)) + 1)
    parser.add_argument("--only", default=",".join(GROWTHS))
    parser.add_argument("--samples", type=_numbers, default="1000,4000,16000,64000")
    parser.add_argument("--images", type=_numbers, default="16,32,64,128", help="sides")
    parser.add_argument("--trials", type=_numbers, default="10,40,160")
    parser.add_argument("--workers", type=_numbers, default=",".join(map(str, cores)))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scaling-") as name:
        for growth in options.only.split(","):
            GROWTHS[growth](Path(name), getattr(options, growth))


if __name__ == "__main__":
    main()
