"""What `formats.py` found, for people: a line for each kind, task and format.

    PYTHONPATH=. python benchmarks/formats_table.py formats.jsonl published.jsonl

Shown are the networks that were exported and proved, the largest difference to Keras in
a probability (or in standard deviations of a target), the most that a network's test
score lost against its SavedModel (of an error: by which share it grew), sizes, and the
median over networks of the median latency. Networks that failed are told below, with
their reasons.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from automl.metrics.catalog import metric_of
from automl_reports.figures import figure
from benchmarks.json_lines import read_rows
from benchmarks.printing import say
from tests.search_spaces.specs import EXAMPLES

Row = dict[str, Any]
Scores = dict[tuple[str, str, str], float]

_RANKS = {kind: len(values["shape"]) - 1 for kind, values in EXAMPLES.items()}
_HEADER = (
    "rank, kind",
    "task",
    "format",
    "proved",
    "largest difference",
    "score lost at most",
    "MB",
    "ms, batch 1",
    "ms, batch 32",
)


def table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table in Markdown."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        precision = "" if row["quantize"] == "none" else f" {row['quantize']}"
        groups[row["kind"], row["task"], row["format"] + precision].append(row)
    scores = {
        _network(row): row["test_score"]
        for row in rows
        if row["format"] == "savedmodel" and "reason" not in row
    }
    ordered = sorted(groups, key=lambda key: (_RANKS[key[0]], key[0], key[1]))
    lines = [_line(_HEADER), _line(["---"] * len(_HEADER))]
    return lines + [_line(_cells(key, groups[key], scores)) for key in ordered]


def failures(rows: Iterable[Row]) -> list[str]:
    """Return a line for each export that failed."""
    return [
        f"- {row['kind']}, {row['task']}, {row['network']}, {row['format']} "
        f"{row['quantize']}: {row['reason']}"
        for row in rows
        if "reason" in row
    ]


def _cells(key: tuple[str, ...], rows: Sequence[Row], scores: Scores) -> list[str]:
    kind, task, name = key
    proved = [row for row in rows if "reason" not in row]
    start = [f"{_RANKS[kind]}, {kind}", task, name, f"{len(proved)} of {len(rows)}"]
    if not proved:
        return start + ["-"] * (len(_HEADER) - len(start))
    lost = max(_lost(scores[_network(row)], row) for row in proved)
    sizes = [row["size_mb"] for row in proved]
    latencies = [
        statistics.median(row["figures"][batch][0] for row in proved)
        for batch in ("batch_1", "batch_32")
    ]
    return [
        *start,
        f"{max(row['max_difference'] for row in proved):.1e}",
        f"{max(0.0, lost):.3f}",
        " to ".join(dict.fromkeys((figure(min(sizes)), figure(max(sizes))))),
        *map(figure, latencies),
    ]


def _lost(before: float, row: Row) -> float:
    after: float = row["test_score"]
    if metric_of(f"val_{row['metric']}").direction == "min":
        return after / before - 1
    return before - after


def _network(row: Row) -> tuple[str, str, str]:
    return row["kind"], row["task"], row["network"]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    known = [row for file in parser.parse_args().files for row in read_rows(file)]
    for text in (*table(known), "", *failures(known)):
        say(text)
