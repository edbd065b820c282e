"""The best score so far, over the time of the search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.pareto import edge_note, score_scale
from automl_reports.cross_validation import ONE_SPLIT
from automl_reports.figures import (
    is_number,
    metric_name,
    score,
    sentence_case,
)
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import Scale, axes, element, picture

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 12, 12, 44
MOST_DOTS = 200
MINUTE, HOUR = 60, 3600

Point: TypeAlias = tuple[TrialRow, float, float]


def draw(report: RunReport) -> Drawing | None:
    """Return the chart, or `None` while no trial with a score has ended."""
    found = ended(report)
    if not found:
        return None
    name = sentence_case(metric_name(report.objective, report.task))
    title = f"{name} of each trial when it ended; the line is the best so far"
    unit, label = time_unit(report.seconds)
    end = max(report.seconds, found[-1][1]) / unit or 1.0
    x = Scale(0, end, LEFT, WIDTH - RIGHT)
    y, _ = score_scale(
        [value for _, _, value in found], report.direction, HEIGHT - BOTTOM, TOP
    )
    drawn = best_of(found)
    steps = [(at / unit, best) for at, best in steps_of_best(found, report.direction)]
    body = picture(
        title,
        WIDTH,
        HEIGHT,
        axes(
            x,
            y,
            x_label=f"{label} since the start",
            y_label=f"{name} (validation)",
            x_text="{:g}".format,
        ),
        *(_dot(point, x, y, unit) for point in drawn),
        element("path", d=stairs(steps, end, x, y), class_="front line-best"),
    )
    outside = sum(not y.low <= value <= y.high for _, _, value in drawn)
    notes = (*_notes(report, len(found)), edge_note(report.direction, outside, y))
    return Drawing(title, body, " ".join(filter(None, notes)))


def ended(report: RunReport) -> list[Point]:
    """Return trials with a score and the second at which they ended, in that order.

    The score is that on the one validation split, of cross-validated trials too.
    """
    found = [
        (row, float(row.ended_seconds), float(row.search_score))
        for row in report.trials
        if is_number(row.ended_seconds) and is_number(row.search_score)
    ]
    return sorted(found, key=lambda point: point[1])


def time_unit(seconds: float) -> tuple[int, str]:
    """Return the seconds of the unit that suits a time, and its name.

    Example:
        >>> time_unit(100), time_unit(1800), time_unit(90_000)
        ((1, 'Seconds'), (60, 'Minutes'), (3600, 'Hours'))
    """
    if seconds < 3 * MINUTE:
        return 1, "Seconds"
    return (MINUTE, "Minutes") if seconds < 3 * HOUR else (HOUR, "Hours")


def steps_of_best(found: Sequence[Point], direction: str) -> list[tuple[float, float]]:
    """Return when the best score so far changed, and to what."""
    sign = -1 if direction == "max" else 1
    steps: list[tuple[float, float]] = []
    for _, seconds, value in found:
        if not steps or sign * value < sign * steps[-1][1]:
            steps.append((seconds, value))
    return steps


def best_of(found: Sequence[Point]) -> list[Point]:
    """Return the points to draw: all, or the best ranked of very many."""
    ranked = sorted(found, key=lambda point: point[0].rank or len(found))
    return ranked[:MOST_DOTS]


def stairs(steps: Sequence[tuple[float, float]], end: float, x: Scale, y: Scale) -> str:
    """Return the path of the best score so far, level until it is beaten.

    Args:
        steps: When it changed, and to what; not empty.
        end: Where the line ends, in the same time as the steps.
        x: Scale of the time.
        y: Scale of the score.
    """
    first = f"M{x(steps[0][0]):.1f} {y.clamp(steps[0][1]):.1f}"
    rest = (f"H{x(at):.1f}V{y.clamp(value):.1f}" for at, value in steps[1:])
    return f"{first}{''.join(rest)}H{x(end):.1f}"


def _dot(point: Point, x: Scale, y: Scale, unit: int) -> Markup:
    row, seconds, value = point
    kind = "dot rec" if row.recommended else "dot"
    title = element("title", f"#{row.trial} {score(value)}")
    return element(
        "circle",
        title,
        cx=x(seconds / unit),
        cy=y.clamp(value),
        r=5 if row.recommended else 3,
        class_=kind,
        data_t=row.trial,
    )


def _notes(report: RunReport, ended_trials: int) -> Iterator[str]:
    if report.cross_validated:
        yield ONE_SPLIT
    if (left := ended_trials - MOST_DOTS) > 0:
        yield f"{left} outside the best {MOST_DOTS} are left out."
