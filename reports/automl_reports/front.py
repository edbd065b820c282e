"""The models that no other beats on both score and one cost.

The column `pareto` of `leaderboard.csv` is another front, of everything that the search
was asked to weigh at once: see `TrialRow.pareto`.
"""

from __future__ import annotations

from automl_reports.figures import is_number
from automl_reports.rows import RunReport, TrialRow

# A trial that was stopped early has a score of its own: it may be all that is known
# of a landmark network.
TRAINED = ("completed", "stopped")
#: What a model can cost, by its field: the word for it, and the title of an axis.
COSTS = {
    "latency_ms": ("latency", "Latency p50, ms (log)"),
    "params": ("parameters", "Parameters (log)"),
    "macs": ("MACs", "Multiply-accumulates of one sample (log)"),
    "size_mb": ("size", "Size of the weights, MB (log)"),
}


def cost_names(report: RunReport) -> list[str]:
    """Return the fields of `COSTS` that some trained network has, in order."""
    return [name for name in COSTS if comparable(report, name)]


def cost_name(report: RunReport) -> str:
    """Return the cost models are compared by: latency where it was measured.

    Returns:
        `latency_ms`, or `params` while no trained network has a latency.
    """
    timed = any(
        row.status in TRAINED and is_number(row.latency_ms) for row in report.trials
    )
    return "latency_ms" if timed else "params"


def comparable(
    report: RunReport, cost: str | None = None
) -> list[tuple[TrialRow, float, float]]:
    """Return trained networks with their validation score and their cost (> 0).

    A network is left out where a part of its cost is not known. Where some were
    cross-validated, these alone; see `RunReport.comparable`.

    Args:
        report: The run.
        cost: A field of `COSTS`; `cost_name(report)` by default.
    """
    name = cost or cost_name(report)
    found = []
    for row in report.comparable:
        price = getattr(row, name)
        if name == "macs" and row.unknown_layers:
            continue  # of what it costs only a lower bound is known
        if row.status not in TRAINED or not is_number(row.val_score):
            continue
        if is_number(price) and price > 0:
            found.append((row, float(row.val_score), float(price)))
    return found


def pareto_front(report: RunReport, cost: str | None = None) -> list[TrialRow]:
    """Return the trained networks that nothing beats on both, cheapest first.

    Args:
        report: The run.
        cost: A field of `COSTS`; `cost_name(report)` by default.
    """
    sign = -1.0 if report.direction == "max" else 1.0
    best = float("inf")
    front = []
    for row, value, _ in sorted(
        comparable(report, cost), key=lambda item: (item[2], sign * item[1])
    ):
        if sign * value < best:
            best = sign * value
            front.append(row)
    return front


def fronts(report: RunReport) -> dict[str, list[str]]:
    """Return the costs on whose front each trial is, by trial; others are left out."""
    found: dict[str, list[str]] = {}
    for name in cost_names(report):
        for row in pareto_front(report, name):
            found.setdefault(row.trial, []).append(name)
    return found
