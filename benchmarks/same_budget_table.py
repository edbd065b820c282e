"""The tables of `same_budget.py`."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from benchmarks.contenders import CONTENDERS, OURS, PROBLEMS

Row = dict[str, Any]

_COLUMNS = (
    "contender",
    "runs",
    "test score: median (range)",
    "validation score",
    "ours had that after, of its time",
    "of the budget",
    "time in steps",
    "trials",
    "memory",
    "disk",
    "lines",
)

_NOTE = (
    '"Ours had that after": when our best validation score was no worse than the '
    "peer's last best, with the same seed, as a share of the time at which the peer "
    "had it, and of the budget. Memory and disk are peaks, of all processes and of the "
    "contender's folder; ours holds the prepared data, which was made beforehand for "
    "the peers. AutoKeras runs with the versions that benchmarks/peer_autokeras.py "
    "names."
)


def table(rows: Sequence[Row]) -> str:
    """Return a Markdown table for every data set and budget, and what it stands on."""
    parts = []
    for heading, group in groups(rows):
        lines = ["| " + " | ".join(_COLUMNS) + " |", "|---" * len(_COLUMNS) + "|"]
        for contender in CONTENDERS:
            own = [row for row in group if row["contender"] == contender]
            if own:
                lines.append("| " + " | ".join(_cells(contender, own, group)) + " |")
        parts.append("\n".join([heading, "", *lines, *_failures(group)]))
    return "\n\n".join([*parts, *_grounds(rows)]) or "No run is on record yet."


def groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Yield a heading and the rows of each data set and budget."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        key = row["problem"], row["budget"], row["workers"], row["cores"]
        found.setdefault(key, []).append(row)
    for (problem, budget, workers, cores), group in found.items():
        name = PROBLEMS[problem].name
        yield f"{name}: {budget:g} s, cores {cores}, workers {workers}", group


def share_of_time(ours: Row, peer: Row) -> float | None:
    """Return when ours reached a peer's last validation score, over when it did.

    Returns:
        The ratio of the two times; infinite when ours never did, `None` when the peer
        has no score.
    """
    if not peer["best"]:
        return None
    seconds, score = peer["best"][-1]
    reached = [at for at, value in ours["best"] if value >= score]
    return float(min(reached, default=math.inf) / seconds)


def _cells(contender: str, own: Sequence[Row], group: Sequence[Row]) -> list[str]:
    scored = [row for row in own if "test_score" in row]
    shares = list(_shares(scored, group)) if contender != OURS else []
    whole = [share * row["best"][-1][0] / row["budget"] for row, share in shares]
    return [
        contender,
        f"{len(scored)} of {len(own)}",
        _spread(scored, "test_score"),
        _median(scored, "val_score", "{:.3f}".format),
        _spread_of([share for _, share in shares], _percent),
        _spread_of(whole, _percent),
        _spread_of([_share_in_steps(row) for row in scored], _percent),
        _median(scored, "trials", "{:.0f}".format),
        _median(own, "memory", lambda size: f"{size / 1e9:.1f} GB"),
        _median(own, "disk", lambda size: f"{size / 1e6:.1f} MB"),
        str(own[-1]["lines"]),
    ]


def _shares(scored: Sequence[Row], group: Sequence[Row]) -> Iterator[tuple[Row, float]]:
    """Yield every peer's run with its share, beside ours with the same seed."""
    ours = {
        row["seed"]: row
        for row in group
        if row["contender"] == OURS and "test_score" in row
    }
    for row in scored:
        if row["seed"] in ours:
            share = share_of_time(ours[row["seed"]], row)
            if share is not None:
                yield row, share


def _share_in_steps(row: Row) -> float:
    """Return the share of the workers' time; what a peer takes to score is not its."""
    spent: float = row["step_seconds"]
    seconds: float = min(row["seconds"], row["budget"])
    workers: int = row["used_workers"]
    return spent / (seconds * workers)


def _percent(value: float) -> str:
    return "never" if value == math.inf else f"{100 * value:.0f} %"


def _spread(rows: Iterable[Row], name: str) -> str:
    return _spread_of([row[name] for row in rows], "{:.3f}".format)


def _spread_of(values: Sequence[float], text: Callable[[float], str]) -> str:
    if not values:
        return ""
    middle = text(statistics.median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({text(min(values))}–{text(max(values))})"  # noqa: RUF001


def _median(rows: Iterable[Row], name: str, text: Callable[[float], str]) -> str:
    values = [row[name] for row in rows if row.get(name) is not None]
    return text(statistics.median(values)) if values else ""


def _failures(group: Iterable[Row]) -> list[str]:
    failed = [row for row in group if "failure" in row]
    lines = [
        f"* {row['contender']}, seed {row['seed']}: {row['failure']}" for row in failed
    ]
    return ["", "Without a score:", "", *lines] if lines else []


def _grounds(rows: Sequence[Row]) -> list[str]:
    """Return on what machine and when this was measured."""
    if not rows:
        return []
    dates = sorted({row["date"] for row in rows})
    machine = ", ".join(rows[-1]["hardware"].values())
    versions = ", ".join(f"{k} {v}" for k, v in rows[-1]["versions"].items())
    return [_NOTE, f"Measured {dates[0]} to {dates[-1]} on {machine}; {versions}."]
