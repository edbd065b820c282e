"""Ours beside KerasTuner and AutoKeras: same data, splits, machine and wall-clock time.

    python benchmarks/same_budget.py --budget 10m --seeds 3 --out same_budget.jsonl
    python benchmarks/same_budget.py --at-once 2 --out same_budget.jsonl   # a core each
    python benchmarks/same_budget.py --sets mnist1d --contenders automl,kt-hyperband
    python benchmarks/same_budget.py --sets mnist --workers 2   # shares of time
    python benchmarks/same_budget.py --table --plot same_budget.svg

The same command goes on where it stopped: a run that has a line in `--out`, be it one
of a failure, is not run again.
Contenders:

    automl                              `automl search`, everything to the last export
    kt-{hyperband,random,bayesian}      KerasTuner on our search space
    kt-hand-{hyperband,random,bayesian} KerasTuner on a space written by hand
    autokeras                           in an environment of its own, set up here

The peers are favoured where a choice had to be made: data is read and split for them
beforehand, they search for the whole budget while ours retrains, exports and reports
within it, and reloading and scoring their best network is not counted. The test split
is scored once by each: by the network with the best validation accuracy, for ours by
the recommended one. Runs want a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from automl.errors import RequestError
from automl.run.environment import hardware, package_versions
from automl.run.request import SearchRequest, parse_duration
from automl_datasets.errors import DataError
from automl_datasets.preparation import prepare
from benchmarks.contenders import (
    COMPARED,
    CONTENDERS,
    OURS,
    PROBLEMS,
    Contest,
    Curve,
    command,
    result_of,
    user_lines,
)
from benchmarks.json_lines import keep_row, read_rows
from benchmarks.measured_process import Limits, Usage, run_measured
from benchmarks.peer_autokeras import environment
from benchmarks.printing import say
from benchmarks.same_budget_plot import plot
from benchmarks.same_budget_table import table

ROOT = Path(__file__).resolve().parents[1]
_LATEST = 1.1  # of the budget: what ours promises, and the peers' grace
_SCORING_SECONDS = 600.0  # to reload and score, which does not count


def contests(options: argparse.Namespace) -> list[Contest]:
    """Return what is asked for, seed by seed, so that an early table is balanced."""
    found = [
        Contest(problem, contender, seed, options.budget, options.workers)
        for seed in range(options.seeds)
        for problem in options.sets
        for contender in options.contenders
    ]
    return [contest for contest in found if options.only in contest.name]


def contest_of(row: dict[str, Any]) -> Contest:
    """Return the contest that a row is of."""
    return Contest(**{field.name: row[field.name] for field in fields(Contest)})


class Stage:
    """Where the contests take place.

    Attributes:
        work: Folder of everything that is written but the rows.
        python: That of AutoKeras's environment.
    """

    def __init__(self, work: Path, python: Path, at_once: int) -> None:
        """Divide the cores among those who run at once."""
        self.work, self.python = work, python
        cores = sorted(os.sched_getaffinity(0))
        self._free: queue.Queue[list[int]] = queue.Queue()
        for place in range(at_once):
            self._free.put([cores[place]] if at_once > 1 else cores)

    def scratch(self, problem: str) -> Path:
        """Return the folder in which a data set is unpacked."""
        folder = self.work / "data" / problem
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def prepare(self, problem: str, seed: int) -> Path:
        """Read and split data as our search would, and return its folder."""
        scratch = self.scratch(problem)
        request = SearchRequest(
            data=str(PROBLEMS[problem].path(scratch)),
            group=PROBLEMS[problem].group,
            seed=seed,
        )
        return prepare(request.data_options(), scratch / f"seed-{seed}").directory

    def run(self, contest: Contest) -> dict[str, Any]:
        """Run one contest on cores of its own, and return its row."""
        cores = self._free.get()
        try:
            return self._run(contest, cores)
        finally:
            self._free.put(cores)

    def _run(self, contest: Contest, cores: list[int]) -> dict[str, Any]:
        out, logs = self.work / "runs" / contest.name, self.work / "logs"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        logs.mkdir(exist_ok=True)
        scratch = self.scratch(contest.problem)
        words = command(
            contest,
            data=PROBLEMS[contest.problem].path(scratch),
            prepared=scratch / f"seed-{contest.seed}",
            out=out,
            python=self.python,
        )
        if contest.contender != OURS:
            words += ["--started", str(time.time())]
        curve, log = Curve(out / "run"), logs / f"{contest.name}.log"
        usage = run_measured(
            words,
            Limits(cores, _LATEST * contest.budget + _SCORING_SECONDS),
            folder=out,
            log=log,
            environment={"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"},
            look=curve.look if contest.contender == OURS else lambda seconds: None,
        )
        row = _row(contest, usage, cores)
        if usage.exit_code:
            last = log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
            return {**row, "failure": f"exit code {usage.exit_code}: {last}"}
        row |= result_of(contest, out, curve)
        shutil.rmtree(out)
        return row


def _row(contest: Contest, usage: Usage, cores: list[int]) -> dict[str, Any]:
    return {
        **asdict(contest),
        "seconds": usage.seconds,
        "memory": usage.memory,
        "disk": usage.disk,
        "cores": len(cores),
        "lines": user_lines(contest.contender),
        "date": time.strftime("%Y-%m-%d"),
        "hardware": hardware(),
        "versions": package_versions(),
    }


def run_all(options: argparse.Namespace) -> None:
    """Run what is not on record yet, and write each row as it ends."""
    done = {contest_of(row) for row in read_rows(options.out)}
    left = [contest for contest in contests(options) if contest not in done]
    python = options.work / "autokeras" / "bin" / "python"
    if any(contest.contender == "autokeras" for contest in left):
        python = environment(options.work / "autokeras")
    stage = Stage(options.work, python, options.at_once)
    for problem, seed in {(contest.problem, contest.seed): None for contest in left}:
        stage.prepare(problem, seed)
    with ThreadPoolExecutor(options.at_once) as pool:
        running = [pool.submit(stage.run, contest) for contest in left]
        try:
            for ended in as_completed(running):
                _record(ended.result(), options.out)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _record(row: dict[str, Any], file: Path) -> None:
    keep_row(file, row)
    score = row.get("test_score", row.get("failure"))
    say(f"{row['problem']} {row['contender']} {row['seed']}: {score}")


def parse() -> argparse.Namespace:
    """Return the options, all of them checked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--budget", type=_duration, default="10m")
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--sets", default=",".join(COMPARED))
    parser.add_argument("--contenders", default=",".join(CONTENDERS))
    parser.add_argument("--only", default="", help="part of SET-CONTENDER-SEED")
    parser.add_argument("--workers", help="of ours; all cores, or 1 with --at-once 2")
    parser.add_argument("--at-once", type=int, default=1, help="contests, a core each")
    parser.add_argument("--out", type=Path, default=Path("same_budget.jsonl"))
    parser.add_argument("--work", type=Path, default=Path("runs/same_budget"))
    parser.add_argument("--table", action="store_true", help="run nothing")
    parser.add_argument("--plot", type=Path, help="draw the curves to an SVG file")
    options = parser.parse_args()
    options.sets = _chosen(parser, options.sets, tuple(PROBLEMS))
    options.contenders = _chosen(parser, options.contenders, CONTENDERS)
    cores = len(os.sched_getaffinity(0))
    if not 1 <= options.at_once <= cores:
        parser.error(f"--at-once {options.at_once}: give 1 to {cores}, a core each")
    options.workers = options.workers or ("1" if options.at_once > 1 else "auto")
    options.work = options.work.absolute()
    return options


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except RequestError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _chosen(
    parser: argparse.ArgumentParser, text: str, known: tuple[str, ...]
) -> list[str]:
    chosen = text.split(",")
    for name in chosen:
        if name not in known:
            parser.error(f"{name!r} is not known; choose from {', '.join(known)}")
    return chosen


def _is_shown(row: dict[str, Any], options: argparse.Namespace) -> bool:
    contest = contest_of(row)
    asked = contest.problem in options.sets and contest.contender in options.contenders
    return asked and options.only in contest.name


def main() -> None:
    """Run, print the table and draw the curves."""
    options = parse()
    try:
        if not options.table:
            run_all(options)
    except DataError as error:
        sys.stderr.write(f"{error} AUTOML_TEST_DATA names the folder of data.\n")
        sys.exit(2)
    rows = [row for row in read_rows(options.out) if _is_shown(row, options)]
    say(table(rows))
    if options.plot:
        options.plot.write_text(plot(rows), "utf-8")


if __name__ == "__main__":
    main()
