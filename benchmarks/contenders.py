"""Who competes in `same_budget.py`, and what each is started with and leaves behind."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.every_kind import at, spoken_digits, unpacked

HERE = Path(__file__).parent
OURS = "automl"
_NOT_VALIDATED = ("refit", "fold-")  # trainings whose validation is another one's


@dataclass(frozen=True)
class Problem:
    """One data set.

    Attributes:
        name: What the table calls it.
        path: From a scratch folder to the path that is searched.
        epochs: What a user of KerasTuner who knows the data would train a network of
            the hand-written space for, at most, in ten minutes on one core.
        group: Column that names what must not be on both sides of a split.
    """

    name: str
    path: Callable[[Path], Path]
    epochs: int
    group: str | None = None


@dataclass(frozen=True)
class Contest:
    """One contender on one data set with one seed.

    Attributes:
        problem: Key of the data set.
        contender: Key of the contender.
        seed: Seed of splits, weights and strategy.
        budget: Seconds.
        workers: Worker processes of ours.
    """

    problem: str
    contender: str
    seed: int
    budget: float
    workers: str

    @property
    def name(self) -> str:
        """What the run is called in files and in `--only`."""
        return f"{self.problem}-{self.contender}-{self.seed}"


def jpeg_photographs(scratch: Path) -> Path:
    """Unpack the JPEG files."""
    return unpacked("2d/cifar10_jpg/cifar10_jpg.tar.gz", scratch / "cifar10")


PROBLEMS = {
    "mnist1d": Problem("MNIST-1D (series)", at("1d/mnist1d/mnist1d.npz"), 60),
    "fsdd": Problem("spoken digits (wav)", spoken_digits, 30),
    "cifar10": Problem("CIFAR-10 (JPEG)", jpeg_photographs, 8),
    "patches": Problem(
        "hippocampus patches (3D)",
        at("3d/hippocampus_patch/hippocampus_patch.npz"),
        30,
        "scan",
    ),
    "mnist": Problem("MNIST", at("2d/mnist/mnist.npz"), 8),
}

#: The sets of the table; MNIST tells scores apart by too little for it.
COMPARED = ("mnist1d", "fsdd", "cifar10", "patches")

_STRATEGIES = ("hyperband", "random", "bayesian")
CONTENDERS = (
    OURS,
    *(f"kt-{strategy}" for strategy in _STRATEGIES),
    *(f"kt-hand-{strategy}" for strategy in _STRATEGIES),
    "autokeras",
)

#: What a contender's user writes, of the code here: reading the data is left out.
_TIME_LIMIT = ("time_limit.py", ("DeadlineError", "TimeLimit"))
_TUNER = ("peer_keras_tuner.py", ("_Mended", "make_tuner", "compete"))
_WRITTEN: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "kt-hand": (
        _TIME_LIMIT,
        _TUNER,
        ("peer_hand_written.py", ("HandWritten", "_layer", "_convolution", "_halved")),
    ),
    "kt": (
        _TIME_LIMIT,
        _TUNER,
        ("peer_keras_tuner.py", ("AsKerasTuner", "ValidateAverages", "our_space")),
    ),
    "autokeras": (
        _TIME_LIMIT,
        ("peer_autokeras.py", ("make_model", "compete", "_keep_pipeline")),
    ),
}


def user_lines(contender: str) -> int:
    """Return the lines of code that a contender's user writes; ours is a command."""
    kind = contender.rpartition("-")[0] or contender
    parts = _WRITTEN.get(kind, ())
    return sum(code_lines(HERE / file, names) for file, names in parts) or 1


def code_lines(file: Path, names: tuple[str, ...]) -> int:
    """Return the lines of some functions and classes, docstrings left out."""
    tree = ast.parse(file.read_text("utf-8"))
    tops = {node.name: node for node in tree.body if isinstance(node, _DEFINITIONS)}
    return sum(len(_lines(tops[name])) for name in names)


_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def _lines(top: ast.FunctionDef | ast.ClassDef) -> set[int]:
    """Return the numbers of the lines that hold code."""
    nodes = [node for node in ast.walk(top) if isinstance(node, ast.stmt | ast.expr)]
    lines = {n for node in nodes for n in (node.lineno, node.end_lineno or 0)}
    for node in ast.walk(top):
        if isinstance(node, _DEFINITIONS) and ast.get_docstring(node):
            first = node.body[0]
            lines -= set(range(first.lineno, (first.end_lineno or 0) + 1))
    return lines | {top.lineno}


def command(
    contest: Contest, *, data: Path, prepared: Path, out: Path, python: Path
) -> list[str]:
    """Return the command of a contender, but for the moment of its start.

    Args:
        contest: What is run.
        data: The data as ours takes it.
        prepared: The same, prepared for the peers.
        out: Where it writes.
        python: That of AutoKeras's environment.
    """
    if contest.contender == OURS:
        return _our_command(contest, data, out)
    common = ["--data", str(prepared), "--budget", str(contest.budget)]
    common += ["--seed", str(contest.seed), "--out", str(out)]
    if contest.contender == "autokeras":
        return [str(python), "-m", "benchmarks.peer_autokeras", *common]
    _, *hand, strategy = contest.contender.split("-")
    return [
        *(sys.executable, "-m", "benchmarks.peer_keras_tuner", *common),
        *("--space", "hand" if hand else "ours", "--strategy", strategy),
        *("--epochs", str(PROBLEMS[contest.problem].epochs)),
    ]


def _our_command(contest: Contest, data: Path, out: Path) -> list[str]:
    group = PROBLEMS[contest.problem].group
    return [
        *(sys.executable, "-m", "automl", "search", "--quiet", "--json"),
        *("--data", str(data), "--out", str(out / "run")),
        *("--budget", f"{contest.budget:g}s", "--seed", str(contest.seed)),
        *("--workers", contest.workers, "--objective", "val_accuracy"),
        *(("--group", group) if group else ()),
    ]


class Curve:
    """The best validation accuracy of our run over time, from its files.

    Attributes:
        best: `(seconds, score)` whenever it rose.
    """

    def __init__(self, run: Path) -> None:
        """Name the run's folder."""
        self.run = run
        self.best: list[tuple[float, float]] = []
        self._seen: dict[Path, int] = {}

    def look(self, seconds: float) -> None:
        """Take in what was validated since."""
        for file in self.run.glob("trials/**/history.csv"):
            if file.parent.name.startswith(_NOT_VALIDATED):
                continue
            changed = file.stat().st_mtime_ns
            if self._seen.get(file) != changed:
                self._seen[file] = changed
                self._offer(seconds, best_validation(file))

    def _offer(self, seconds: float, score: float) -> None:
        if not self.best or score > self.best[-1][1]:
            self.best.append((seconds, score))


def best_validation(file: Path) -> float:
    """Return the best validation accuracy in a training's history."""
    header, *rows = (line.split(",") for line in file.read_text().splitlines())
    column = header.index("val_accuracy")
    return max(float(row[column]) for row in rows)


def result_of(contest: Contest, out: Path, curve: Curve) -> dict[str, Any]:
    """Return what a contender that ended well left behind."""
    if contest.contender != OURS:
        result: dict[str, Any] = json.loads((out / "result.json").read_text())
        return {**result, "used_workers": 1}
    run = json.loads((out / "run" / "run.json").read_text())
    files = (out / "run").glob("trials/*/trial.json")
    records = {file.parent.name: json.loads(file.read_text()) for file in files}
    statuses = [record["status"] for record in records.values()]
    best = records[run["selection"]["recommended"]]
    trainings = [t for r in records.values() for t in (*r["trainings"], *r["folds"])]
    return {
        "test_score": best["test_metrics"]["accuracy"],
        "val_score": max((score for _, score in curve.best), default=None),
        "best": curve.best,
        "step_seconds": sum(training["seconds"] for training in trainings),
        "trials": statuses.count("completed") + statuses.count("stopped"),
        "used_workers": run["workers"],
    }
