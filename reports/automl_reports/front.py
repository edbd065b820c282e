"""The models that no other beats on both score and cost."""

from __future__ import annotations

from automl_reports.figures import is_number
from automl_reports.rows import RunReport, TrialRow

# A trial that was stopped early has a score of its own: it may be all that is known
# of a landmark network.
TRAINED = ("completed", "stopped")


def cost_name(report: RunReport) -> str:
    """Return the cost models are compared by: latency where it was measured.

    Returns:
        `latency_ms`, or `params` while no trained network has a latency.
    """
    timed = any(
        row.status in TRAINED and is_number(row.latency_ms) for row in report.trials
    )
    return "latency_ms" if timed else "params"


def comparable(report: RunReport) -> list[tuple[TrialRow, float, float]]:
    """Return trained networks with their validation score and their cost (> 0)."""
    name = cost_name(report)
    found = []
    for row in report.trials:
        cost = getattr(row, name)
        if row.status not in TRAINED or not is_number(row.val_score):
            continue
        if is_number(cost) and cost > 0:
            found.append((row, float(row.val_score), float(cost)))
    return found


def pareto_front(report: RunReport) -> list[TrialRow]:
    """Return the trained networks that nothing beats on both, cheapest first."""
    sign = -1.0 if report.direction == "max" else 1.0
    best = float("inf")
    front = []
    for row, value, _ in sorted(
        comparable(report), key=lambda item: (item[2], sign * item[1])
    ):
        if sign * value < best:
            best = sign * value
            front.append(row)
    return front
