"""Search while workers, the command and the disk fail, and check what is on record.

    python benchmarks/faults.py --runs 50
    python benchmarks/faults.py --only phases --folds 3

Each run is one search with two workers, to which one thing happens:

    worker      a worker is killed with -9 at random moments, once to three times
    command     the command is killed, its workers are not; the run is resumed
    everything  the command and all its workers are killed at random moments; resumed
    phases      everything is killed once in every phase, from preparing to explaining
    disk        the disk is full for some seconds (needs root, for a small file system)
    trials      trials leak, hang, segfault, raise and lose their loss

Moments are drawn from the time that a search takes to which nothing happens; one such
search comes first.

Checked: the run finishes; no finished training is lost; nothing is counted twice; every
epoch is in its history once; every failure has a row with its reason; no process is
left.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harm import fill, kill_all, kill_command, small_disk, workers
from benchmarks.kill_and_resume import (
    check_record,
    finished_trainings,
    records,
    run_all,
)

PHASES = (
    "preparing data",
    "searching",
    "cross-validating",
    "training the shortlist out",
    "scoring the shortlist",
    "training the winner",
    "exporting",
    "explaining",
)
SPACE = Path(__file__).with_name("faulty_space.py")
# As on a small machine, so that a leak is ended before it harms others on this one.
SMALL_MEMORY = """
import automl.workers.capacity as capacity
capacity.default_memory_limit = lambda workers: 2_000_000_000
from automl.cli import main
main()
"""
_LONGEST_SECONDS = 1800.0
_LATEST_SHARE = 0.9  # of a search's time, for something to happen in it


@dataclass
class Search:
    """One search, over all its sessions.

    Attributes:
        run: Folder of the run.
        arguments: What `automl search` is given.
        chance: Decides about moments.
        usual_seconds: What it takes if nothing happens to it.
        memory: Whether the workers have little memory.
        kept: Finished trainings that were seen on record.
        story: What happened.
    """

    run: Path
    arguments: tuple[object, ...]
    chance: random.Random
    usual_seconds: float
    memory: bool = False
    kept: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)

    @property
    def errors(self) -> Path:
        """File of what the command says."""
        return self.run.parents[1] / "stderr.txt"  # not on the disk that gets full

    def begin(self) -> subprocess.Popen[bytes]:
        """Begin the search, or go on with it; with its report if that is all."""
        known, what = self.run / "run.json", ("search", *self.arguments)
        if known.exists():
            finished = json.loads(known.read_text())["state"] == "finished"
            what = ("report" if finished else "resume", self.run)
        program = ("-c", SMALL_MEMORY) if self.memory else ("-m", "automl")
        with self.errors.open("wb") as errors:
            return subprocess.Popen(
                [sys.executable, *program, *map(str, what)],
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )

    def moments(self) -> list[float]:
        """Return one to three waits, which together are shorter than a search."""
        count = self.chance.randint(1, 3)
        longest = _LATEST_SHARE * self.usual_seconds / count
        return [self.chance.uniform(0, longest) for _ in range(count)]

    def note(self) -> None:
        """Take down which trainings are finished."""
        self.kept |= finished_trainings(self.run)

    def finish(self, process: subprocess.Popen[bytes], *, resumes: int = 0) -> None:
        """Wait for the end, resuming where the command gave up."""
        while process.wait(_LONGEST_SECONDS) and resumes:
            resumes -= 1
            self.story.append(f"resumed after {self.last_words()!r}")
            self.note()
            process = self.begin()
        if process.returncode:
            raise RuntimeError(f"exit code {process.returncode}: {self.last_words()}")

    def last_words(self) -> str:
        """Return the last line that the command said."""
        lines = self.errors.read_text(errors="replace").splitlines()
        return lines[-1] if lines else ""


def killed_worker(search: Search) -> None:
    """Kill workers; the command goes on without being resumed."""
    process = search.begin()
    for moment in search.moments():
        time.sleep(moment)
        while not (victims := workers(process)) and process.poll() is None:
            time.sleep(0.1)
        if process.poll() is None and victims:
            search.chance.choice(victims).kill()
            search.story.append("a worker killed")
        search.note()
    search.finish(process)


def killed_at_random(
    search: Search, *, kill: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    """Kill the command at random moments, and resume."""
    process = search.begin()
    for moment in search.moments():
        time.sleep(moment)
        if process.poll() is not None:
            break
        kill(process)
        search.story.append(f"killed after {moment:.0f} s")
        search.note()
        process = search.begin()
    search.finish(process)


def killed_in_every_phase(search: Search) -> None:
    """Kill everything once in each phase of the run that comes."""
    waiting = list(PHASES)
    process = search.begin()
    while waiting:
        reached = _wait_for_phase(search, process, waiting)
        if reached is None:
            break
        time.sleep(search.chance.uniform(0, 3))
        if process.poll() is not None:
            break
        kill_all(process)
        waiting.remove(reached)
        search.story.append(f"killed while {reached}")
        search.note()
        process = search.begin()
    search.finish(process)


def _wait_for_phase(
    search: Search, process: subprocess.Popen[bytes], phases: list[str]
) -> str | None:
    """Return the first of the phases that the command says; `None` at its end."""
    while True:
        ended = process.poll() is not None
        said = search.errors.read_text(errors="replace")
        found = [phase for phase in phases if phase in said]
        if found:
            return found[0]
        if ended:
            return None
        time.sleep(0.1)


def full_disk(search: Search, seconds: float) -> None:
    """Fill the disk of the run for some seconds; a command that gives up is resumed."""
    process = search.begin()
    filling = search.run.parent / "filling"
    moment = search.chance.uniform(0, _LATEST_SHARE * search.usual_seconds)
    time.sleep(moment)
    fill(filling)
    search.story.append(f"disk full after {moment:.0f} s")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(1)
        fill(filling)  # what others removed meanwhile
    filling.unlink()
    search.note()
    search.finish(process, resumes=1)


def bad_trials(search: Search) -> None:
    """Search a space whose trials fail."""
    search.finish(search.begin())
    reasons = [r["reason"] for r in records(search.run) if r["status"] == "failed"]
    search.story.append("; ".join(reasons))


def check(search: Search, trials: int | None) -> None:
    """Raise if something was lost, counted twice or not told.

    Args:
        search: The search, finished.
        trials: How many trials were asked for.
    """
    check_record(search.run, search.kept)
    for record in records(search.run):
        if record["status"] in ("failed", "skipped") and not record["reason"]:
            raise RuntimeError(f"{record['trial']} {record['status']}, no reason")
        if record["status"] in ("running", "queued"):
            raise RuntimeError(f"{record['trial']} is left {record['status']}")
    counted = [r for r in records(search.run) if r["status"] != "skipped"]
    if trials is not None and len(counted) != trials:
        raise RuntimeError(f"{len(counted)} trials, not {trials}")
    with (search.run / "leaderboard.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = [row["trial"] for row in rows]
    if len(names) != len(set(names)) or {r["trial"] for r in counted} - set(names):
        raise RuntimeError(f"rows {names}")


def undisturbed(search: Search) -> None:
    """Search."""
    search.finish(search.begin())


def one_run(
    kind: str, options: argparse.Namespace, chance: random.Random, usual_seconds: float
) -> list[str]:
    """Return what one search went through; raise if something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "disk" / "run"
        run.parent.mkdir()
        common: tuple[Any, ...] = ("--data", options.data, "--out", run)
        common += ("--workers", 2, "--export", "keras")
        limits: tuple[Any, ...] = ("--trials", options.trials, "--epochs", 6)
        if kind == "phases" and options.folds:
            limits += ("--folds", options.folds)
        if kind == "trials":
            limits = ("--space", SPACE, "--strategy", "grid", "--budget", "4m")
        arguments, memory = common + limits, kind == "trials"
        search = Search(run, arguments, chance, usual_seconds, memory)
        try:
            if kind == "disk":
                with small_disk(run.parent, 100):
                    full_disk(search, options.full_seconds)
                    check(search, options.trials)
            else:
                KINDS[kind](search)
                check(search, None if kind == "trials" else options.trials)
        except Exception as error:
            raise RuntimeError(f"{kind}: {error}; {search.story}") from error
        return search.story


KINDS: dict[str, Callable[[Search], None]] = {
    "undisturbed": undisturbed,
    "worker": killed_worker,
    "command": partial(killed_at_random, kill=kill_command),
    "everything": partial(killed_at_random, kill=kill_all),
    "phases": killed_in_every_phase,
    "trials": bad_trials,
}
HARMS = (*(kind for kind in KINDS if kind != "undisturbed"), "disk")


def main() -> None:
    """Run the searches one after another and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="demo-data/digits")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--only", choices=HARMS)
    parser.add_argument("--folds", type=int, help="of the runs killed in every phase")
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--full-seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    start = time.monotonic()
    one_run("undisturbed", options, chance, 0.0)
    usual_seconds = time.monotonic() - start
    sys.stdout.write(f"{usual_seconds:.0f} s where nothing happens\n")
    kinds = (options.only,) if options.only else HARMS

    def one(index: int) -> str:
        kind = kinds[index % len(kinds)]
        return f"{kind:10} {one_run(kind, options, chance, usual_seconds)}"

    run_all(options.runs, one)


if __name__ == "__main__":
    main()
