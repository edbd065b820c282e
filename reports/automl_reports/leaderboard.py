"""The leaderboard as data: rows in order, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from automl_reports.data_summary import DataSummary
from automl_reports.figures import is_number
from automl_reports.recommendation import is_ensemble, members
from automl_reports.rows import RunReport, TrialRow
from automl_reports.subject import preparation

#: A trial's share in the model that is handed over, in `best/`: 1 of a trial alone.
SHARE = "share_in_best"
# The first 17 are a contract, in this order; more may follow.
COLUMNS = (
    "rank",
    "trial",
    "status",
    "architecture",
    "val_score",
    "test_score",
    "params",
    "macs",
    "size_mb",
    "latency_ms",
    "epochs",
    "best_epoch",
    "train_seconds",
    "optimizer",
    "learning_rate",
    "origin",
    "reason",
    "latency_p95_ms",
    "val_low",
    "val_high",
    "test_low",
    "test_high",
    "seeds",
    "landmark",
    "tied",
    "recommended",
    "pareto",
    "cross_validated",
    "unknown_layers",
    SHARE,
)
RUNNING = "running"
STATUSES = ("completed", RUNNING, "stopped", "failed", "skipped")


def ordered(trials: Sequence[TrialRow]) -> list[TrialRow]:
    """Return ranked trials by rank, then the others by status, as they came."""
    places = {status: place for place, status in enumerate(STATUSES)}

    def key(row: TrialRow) -> tuple[bool, int]:
        unranked = row.rank is None
        return unranked, row.rank or places.get(row.status, len(places))

    return sorted(trials, key=key)


def record(row: TrialRow, shares: Mapping[str, float]) -> dict[str, Any]:
    """Return one trial under the names of `COLUMNS`; `None` for not a number.

    Args:
        row: The trial.
        shares: The share of trials in what is handed over.
    """
    bounds = {
        "val": row.val_interval or (None, None),
        "test": row.test_interval or (None, None),
    }
    ends = {
        f"{split}_{end}": bounds[split][place]
        for split in bounds
        for place, end in enumerate(("low", "high"))
    }
    further = ends | {SHARE: shares.get(row.trial)}
    values = {name: further.get(name, getattr(row, name, None)) for name in COLUMNS}
    return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    """Return `value` as strict JSON allows it: no NaN, no foreign types.

    Example:
        >>> plain({"a": float("nan"), "b": (1, 2.5, True)})
        {'a': None, 'b': [1, 2.5, True]}
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, int | float):
        return value if is_number(value) else None
    return str(value)


def csv_lines(report: RunReport) -> list[str]:
    """Return the header and one CSV record a trial, each without its line end."""
    shares = members(report)
    return [
        _csv_line(COLUMNS),
        *(_csv_line(record(row, shares).values()) for row in ordered(report.trials)),
    ]


def to_csv(report: RunReport) -> str:
    """Return `leaderboard.csv`: one row a trial that ended, scores with every digit."""
    ended = replace(report, trials=_ended(report))
    return "".join(line + "\n" for line in csv_lines(ended))


def _ended(report: RunReport) -> tuple[TrialRow, ...]:
    """Return the trials that are trained no further: what still runs is no result."""
    return tuple(row for row in report.trials if row.status != RUNNING)


def _csv_line(values: Iterable[Any]) -> str:
    text = io.StringIO()
    # The writer quotes cells that hold a line end only when it writes line ends.
    csv.writer(text).writerow([_csv_cell(value) for value in values])
    return text.getvalue().removesuffix("\r\n")


def _csv_cell(value: Any) -> str:
    """Return one cell; a spreadsheet must not take a text for a formula.

    Example:
        >>> _csv_cell(-0.5), _csv_cell("=1+1"), _csv_cell(None), _csv_cell(True)
        ('-0.5', "'=1+1", '', 'true')
        >>> _csv_cell(["lstm", "gru"])
        'lstm;gru'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return _csv_cell(";".join(value))
    if isinstance(value, str):
        return (
            f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
        )
    return repr(value)


def to_json(report: RunReport) -> str:
    """Return `leaderboard.json`: request, best, counts, data and trials that ended."""
    shares = members(report)
    rows = [_whole_record(row, shares) for row in ordered(_ended(report))]
    content = {
        "name": report.name,
        "state": report.state,
        "request": plain(report.request)
        | {
            "command": report.command,
            "task": report.task,
            "objective": report.objective,
            "direction": report.direction,
        },
        "best": _best(report),
        "ensemble": ensemble_summary(report),
        "trials": dict.fromkeys(STATUSES, 0) | statuses(report),
        "seconds": plain(report.seconds),
        "workers": report.workers,
        "created": report.created,
        "verdict": report.verdict,
        "baseline_score": plain(report.baseline_score),
        "warnings": list(report.warnings),
        "data": data_summary(report.data),
        "exports": [plain(vars(export)) for export in report.exports],
        "failed_exports": dict(report.failed_exports),
        "reproduce": plain(report.reproduce),
        "leaderboard": rows,
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _best(report: RunReport) -> dict[str, Any] | None:
    """Return what is handed over, a trial or an ensemble, and of which trials it is."""
    row = report.recommended
    if row is None:
        return None
    return _whole_record(row, {row.trial: 1.0}) | {"members": members(report)}


def _whole_record(row: TrialRow, shares: Mapping[str, float]) -> dict[str, Any]:
    return record(row, shares) | {
        "test_metrics": plain(row.test_metrics),
        "hyperparameters": plain(row.hyperparameters),
    }


def ensemble_summary(report: RunReport) -> dict[str, Any] | None:
    """Return what came of the ensemble; `None` where none was asked for."""
    ensemble = report.ensemble
    if ensemble is None:
        return None
    return {
        "exported": is_ensemble(report),
        "single": ensemble.single,
        "members": dict(ensemble.members),
        "gain": plain(ensemble.gain),
        "gain_interval": plain(ensemble.gain_interval),
        "test_score": plain(ensemble.row.test_score),
    }


def data_summary(data: DataSummary) -> dict[str, Any]:
    """Return the data set as `leaderboard.json` tells it."""
    return {
        "source": data.source,
        "kind": data.kind,
        "shape": list(data.shape),
        "classes": list(data.classes),
        "targets": list(data.targets),
        "totals": plain(data.totals),
        "counts": plain(data.counts),
        "preparation": dict(preparation(data)),
        "notes": list(data.notes),
        "num_skipped": data.num_skipped,
        "skipped": plain(data.skipped),
        "duplicates_across_splits": data.duplicates_across_splits,
    }


def statuses(report: RunReport) -> dict[str, int]:
    """Return how many trials have each status, in the order of the leaderboard."""
    seen = [row.status for row in report.trials]
    names = [*STATUSES, *sorted(set(seen) - set(STATUSES))]
    return {name: seen.count(name) for name in names if name in seen}
