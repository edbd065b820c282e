"""Memory of the whole tree of processes over many short trials.

    python benchmarks/memory_over_trials.py                    # 200 trials, 2 workers
    python benchmarks/memory_over_trials.py --trials 60 --workers 1

Random networks for 10 classes of 8x8 noise (no score is looked at) train for an epoch
each in the real pool. After each trial the proportional set size of this process and of
all its children is taken, so that what they share counts once. Prints the mean of every
tenth of the trials, how often a worker was replaced, and the last quarter of the trials
beside the first.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from automl.training.assignment import Assignment, ModelFacts, SpaceRequest
from automl.training.spaces import load_space
from automl.training.trial import run_assignment
from automl.workers.capacity import default_memory_limit
from automl.workers.messages import Asked, Broke, Ended, Job
from automl.workers.pool import WorkerPool
from automl_datasets.options import DataOptions
from automl_datasets.preparation import PreparedData, prepare
from automl_search_spaces.overview import draw
from benchmarks.printing import say

MAX_MACS = 200_000
TIME_LIMIT_SECONDS = 300.0


def prepared_noise(folder: Path) -> PreparedData:
    """Return small images of noise as a prepared data set."""
    numbers = np.random.default_rng(0)
    pixels = numbers.integers(0, 256, (1000, 8, 8), dtype=np.uint8)
    np.savez(folder / "noise.npz", x=pixels, y=np.arange(1000) % 10)
    return prepare(DataOptions(str(folder / "noise.npz")), folder / "prepared")


def assignments(folder: Path, trials: int, seed: int) -> list[Assignment]:
    """Return one epoch of each of some random networks."""
    data = prepared_noise(folder)
    request = SpaceRequest("auto", max_epochs=10, max_macs=MAX_MACS)
    space: Any = load_space(request, data.spec)
    generator = random.Random(seed)
    first = Assignment(
        trial="0",
        training="search",
        folder=folder,
        data=data.directory,
        space=request,
        hyperparameters={},
        seed=0,
        initial_epoch=0,
        epochs=1,
        objective="val_accuracy",
        direction="max",
    )
    return [
        replace(
            first,
            trial=str(number),
            folder=folder / str(number),
            hyperparameters=draw(space, generator),
            seed=number,
        )
        for number in range(trials)
    ]


def tree_bytes() -> int:
    """Return the memory of this process and all its children, shared pages once."""
    this = psutil.Process()
    total = 0
    for process in (this, *this.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue  # it ended meanwhile
    return total


def run(pool: WorkerPool, queue: list[Assignment]) -> tuple[list[int], set[int], int]:
    """Return bytes after each trial, processes that worked, and failures."""
    used: list[int] = []
    seen: set[int] = set()
    failed = 0
    while queue or pool.busy():
        for worker in pool.idle() if queue else []:
            if queue:
                job = Job(run_assignment, queue.pop(0), TIME_LIMIT_SECONDS)
                pool.submit(worker, job)
        for event in pool.wait():
            if isinstance(event, Asked) and isinstance(event.message, ModelFacts):
                pool.answer(event.worker, "")
            elif isinstance(event, Ended | Broke):
                failed += isinstance(event, Broke) and not event.skipped
                used.append(tree_bytes())
        seen |= {child.pid for child in psutil.Process().children(recursive=True)}
    return used, seen, failed


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        queue = assignments(folder, options.trials, options.seed)
        pool = WorkerPool(
            options.workers,
            threads=1,
            log_file=folder / "log.txt",
            memory_limit=default_memory_limit(options.workers),
        )
        try:
            used, seen, failed = run(pool, queue)
        finally:
            pool.close()
    tenth, quarter = max(1, len(used) // 10), max(1, len(used) // 4)
    for start in range(0, len(used), tenth):
        part = used[start : start + tenth]
        last = start + len(part)
        say(f"trials {start + 1:4}-{last:<4} {statistics.mean(part) / 1e6:7.0f} MB")
    first, last_bytes = (statistics.mean(x) for x in (used[:quarter], used[-quarter:]))
    say(
        f"last quarter over first: {last_bytes / first:.2f}; {failed} trials failed; "
        f"{len(seen)} processes seen"
    )


if __name__ == "__main__":
    main()
