"""Whether one driver keeps many workers busy: 64 simulated ones, 10 000 trials of 1 s.

The strategy, the trial loop, the ledger, the run directory and the report are the real
ones; only the workers are simulated. They take no time of the machine: when the driver
waits, the clock jumps to the next event. What the driver itself needs passes at its own
pace, in processor seconds (or with --wall in seconds, on a machine with nothing else to
do).

    python benchmarks/simulated_workers.py --trials 10000
"""

from __future__ import annotations

import argparse
import cProfile
import heapq
import itertools
import pstats
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from automl.engine import conductor
from automl.engine.clock import Clock
from automl.engine.groundwork import lay_out, settle_request
from automl.engine.interrupt import Interrupt
from automl.engine.opening import begin_run
from automl.engine.run_data import run_data
from automl.run.request import SearchRequest
from automl.training.assignment import (
    Assignment,
    EpochEnded,
    ModelCost,
    ModelFacts,
    TrainingResult,
)
from automl.workers.messages import Asked, Ended, Event, Job, Said
from automl_reports.terminal import make_progress

BUILD_SECONDS = 0.1


@dataclass
class SimulatedPool:
    """Workers whose jobs take a fixed time; see `automl.workers.interface.Workers`.

    Attributes:
        num_workers: How many.
        trial_seconds: Time of a job.
        own_time: Tells the time that the driver has used, in seconds.
    """

    num_workers: int
    trial_seconds: float
    own_time: Callable[[], float]
    training_bytes: int = 10**12

    def __post_init__(self) -> None:
        """Begin with nothing to do."""
        self.skipped = -self.own_time()
        self.worked = 0.0
        self._jobs: dict[int, Assignment] = {}
        self._events: list[tuple[float, int, Event]] = []
        self._order = itertools.count()

    def now(self) -> float:
        """Return the simulated time, in seconds."""
        return self.own_time() + self.skipped

    def idle(self) -> list[int]:
        """Return the workers that have no job."""
        return [i for i in range(self.num_workers) if i not in self._jobs]

    def busy(self) -> list[int]:
        """Return the workers that have a job."""
        return sorted(self._jobs)

    def submit(self, worker: int, job: Job) -> None:
        """Give an idle worker a job: first it builds a network and asks."""
        assignment = job.argument
        self._jobs[worker] = assignment
        if assignment.initial_epoch:
            self.answer(worker, "")
            return
        values = dict(assignment.hyperparameters)
        size = sum(map(len, map(str, values.values())))
        cost = ModelCost(f"simulated {size}", 1000 * size, 100_000 * size, 0.004 * size)
        identity = repr(sorted(values.items()))
        self._later(BUILD_SECONDS, Said(worker, cost))
        facts = ModelFacts(identity, 1.0, 2.0, "adam", 1e-3)
        self._later(BUILD_SECONDS, Asked(worker, facts))

    def answer(self, worker: int, reply: object) -> None:
        """Train, as every network here is new."""
        if reply:
            raise ValueError(f"A simulated trial was refused: {reply}.")
        assignment = self._jobs[worker]
        span = range(assignment.initial_epoch, assignment.epochs)
        seconds = self.trial_seconds - BUILD_SECONDS
        chance = np.random.default_rng(assignment.seed)
        score = float(chance.uniform(0.5, 0.99))
        for epoch in span:
            row = {"epoch": epoch + 1.0, "loss": 1 - score, "val_loss": 1 - score}
            row |= {assignment.objective: score, "seconds": seconds / len(span)}
            after = seconds * (epoch + 1 - span.start) / len(span)
            self._later(after, Said(worker, EpochEnded(row, score)))
        result = TrainingResult(
            assignment.epochs, assignment.epochs, score, seconds, BUILD_SECONDS,
            best_loss=1 - score,
        )  # fmt: skip
        self._later(seconds, Ended(worker, result))

    def request_stop(self, worker: int, *, grace_seconds: float) -> None:
        """Let it run to its end, which is near."""

    def wait(self, timeout: float = 1.0) -> list[Event]:
        """Return what has happened by now; jump to the next event if nothing has."""
        del timeout
        next_time = self._events[0][0]
        self.skipped += max(0.0, next_time - self.now())
        happened = []
        while self._events and self._events[0][0] <= self.now():
            _, _, event = heapq.heappop(self._events)
            if isinstance(event, Ended):
                del self._jobs[event.worker]
                self.worked += self.trial_seconds
            happened.append(event)
        return happened

    def close(self) -> None:
        """There is nothing to end."""

    def _later(self, seconds: float, event: Event) -> None:
        entry = (self.now() + seconds, next(self._order), event)
        heapq.heappush(self._events, entry)


def simulate(folder: Path, pool: SimulatedPool, options: argparse.Namespace) -> float:
    """Search with simulated workers, and return the simulated seconds it took."""
    digits = load_digits()
    images = digits.images[:200].astype(np.uint8)[..., None]
    np.savez(folder / "digits.npz", x=images, y=digits.target[:200])
    request = SearchRequest(
        data=str(folder / "digits.npz"),
        strategy=options.strategy,
        trials=options.trials,
        epochs=options.epochs,
        workers=pool.num_workers,
    )
    run = begin_run(request, folder / "run", "simulated")
    progress = make_progress(sys.stderr, quiet=True, budget_seconds=None)
    data = run_data(run, request)
    request = settle_request(run, request, data)
    clock = Clock(None)
    setting = lay_out(run, request, data, pool, clock, progress, Interrupt())
    start = pool.now()
    conductor._search(setting)
    return pool.now() - start


def main() -> None:
    """Simulate, and print what share of the workers' time was used."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a trial")
    parser.add_argument("--epochs", type=int, default=1, help="of a full training")
    parser.add_argument("--strategy", default="random")
    parser.add_argument("--wall", action="store_true", help="count waiting for disks")
    parser.add_argument("--profile", action="store_true", help="where the time goes")
    options = parser.parse_args()
    own_time = time.perf_counter if options.wall else time.process_time
    pool = SimulatedPool(options.workers, options.seconds, own_time)
    profile: Any = cProfile.Profile(own_time) if options.profile else None
    with TemporaryDirectory(prefix="simulated-") as name:
        before = own_time()
        if profile:
            profile.enable()
        seconds = simulate(Path(name), pool, options)
        if profile:
            profile.disable()
        own = own_time() - before
    share = pool.worked / (seconds * options.workers)
    sys.stdout.write(
        f"{options.workers} workers, {options.trials} trials of {options.seconds:g} s, "
        f"{options.strategy}: {seconds:.0f} s simulated, {own:.0f} s of the driver, "
        f"{1000 * own / options.trials:.1f} ms a trial; the workers were busy "
        f"{100 * share:.1f} % of the time\n"
    )
    if profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
