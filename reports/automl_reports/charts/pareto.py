"""Accuracy against latency, with the line of the models nothing beats on both."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.figures import (
    count,
    figure,
    metric_name,
    score,
    sentence_case,
    shorten,
)
from automl_reports.front import TRAINED, comparable, cost_name, pareto_front
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import Scale, axes, element, picture, points

WIDTH, HEIGHT = 560, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 12, 14, 44
LABEL_HEIGHT, LETTER_WIDTH = 15, 9.0
AXES = {
    "latency_ms": ("latency", "Latency p50, ms (log)"),
    "params": ("size", "Parameters (log)"),
}

Point: TypeAlias = tuple[TrialRow, float, float]


def draw(report: RunReport) -> Drawing | None:
    """Return the chart, or `None` while no trial has a score and a cost."""
    found = comparable(report)
    if not found:
        return None
    cost, x_label = AXES[cost_name(report)]
    name = sentence_case(metric_name(report.objective, report.task))
    x = _cost_scale([point[2] for point in found])
    y, outside = _score_scale([point[1] for point in found], report.direction)
    front = {row.trial for row in pareto_front(report)}
    title = f"{name} against {cost}: the line joins the models nothing beats on both"
    body = picture(
        title,
        WIDTH,
        HEIGHT,
        axes(
            x,
            y,
            x_label=x_label,
            y_label=f"{name} (validation)",
            x_text=count if cost == "size" else "{:g}".format,
        ),
        *_drawn(found, front, x, y),
    )
    return Drawing(title, body, _note(report, len(found), outside, y))


def _drawn(
    found: Sequence[Point], front: set[str], x: Scale, y: Scale
) -> Iterator[Markup]:
    """Yield marks, line and names; what matters lies on top."""
    line = sorted((x(cost), y.clamp(v)) for row, v, cost in found if row.trial in front)
    named = [point for point in found if point[0].landmark or point[0].recommended]

    def weight(point: Point) -> tuple[bool, bool, bool]:
        row = point[0]
        return row.recommended, row.landmark, row.trial in front

    yield element("polyline", points=points(line), class_="front")
    for point in sorted(found, key=weight):
        yield _mark(point, x, y, point[0].trial in front)
    yield from _labels(named, x, y)


def _note(report: RunReport, drawn: int, outside: int, y: Scale) -> str:
    notes = ["Validation selects; the test score decides. Squares: landmark networks."]
    if outside:
        edge = "below" if report.direction == "max" else "above"
        limit = y.low if report.direction == "max" else y.high
        notes.append(f"{outside} {edge} {score(limit)} are drawn at the edge.")
    if missing := sum(row.status in TRAINED for row in report.trials) - drawn:
        notes.append(f"{missing} without a figure are not drawn.")
    return " ".join(notes)


def _cost_scale(costs: Sequence[float]) -> Scale:
    low, high = min(costs), max(costs)
    margin = max((high / low) ** 0.05, 1.05) if high > low else 2.0
    return Scale(low / margin, high * margin, LEFT, WIDTH - RIGHT, log=True)


def _score_scale(values: Sequence[float], direction: str) -> tuple[Scale, int]:
    """Return the scale and how many scores lie beyond its bad end.

    A few trials that learnt nothing would squeeze the rest into one line, so the bad
    end is at most four times as far from the best as the median is.
    """
    best = max(values) if direction == "max" else min(values)
    reach = 4 * abs(best - statistics.median(values)) or abs(best) * 0.05 or 0.01
    low, high = max(min(values), best - reach), min(max(values), best + reach)
    outside = sum(not low <= value <= high for value in values)
    margin = 0.06 * (high - low) or reach
    return Scale(low - margin, high + margin, HEIGHT - BOTTOM, TOP), outside


def _mark(item: Point, x: Scale, y: Scale, on_front: bool) -> Markup:
    row, value, cost = item
    at_x, at_y = x(cost), y.clamp(value)
    time = f"{figure(row.latency_ms)} ms" if row.latency_ms else "not timed"
    title = element(
        "title",
        f"#{row.trial} {row.architecture}: {score(value)} on validation, {time}, "
        f"{count(row.params)} params",
    )
    rank = "rec" if row.recommended else "best" if on_front else ""
    if row.landmark:
        kind = f"landmark {rank}".strip()
        box = {"x": at_x - 4, "y": at_y - 4, "width": 8, "height": 8}
        return element("rect", title, **box, class_=kind, data_t=row.trial)
    kind, size = f"dot {rank}".strip(), {"rec": 7, "best": 4.5, "": 3}[rank]
    return element(
        "circle", title, cx=at_x, cy=at_y, r=size, class_=kind, data_t=row.trial
    )


def _labels(items: Sequence[Point], x: Scale, y: Scale) -> Iterator[Markup]:
    """Yield names beside their marks, moved down where two would overlap."""
    taken: list[tuple[float, float, float]] = []
    for row, value, cost in sorted(items, key=lambda item: y.clamp(item[1])):
        own = f"#{row.trial} recommended" if row.recommended else ""
        text = own or shorten(row.origin, 22)
        width, at_x, at_y = LETTER_WIDTH * len(text), x(cost), y.clamp(value) + 4
        leftward = at_x + 10 + width > WIDTH - RIGHT
        begin = at_x - 10 - width if leftward else at_x + 10
        at_y -= 8 if leftward else 0  # the line comes from the left
        while _overlaps(taken, begin, begin + width, at_y):
            at_y += LABEL_HEIGHT
        taken.append((begin, begin + width, at_y))
        place = at_x - 10 if leftward else at_x + 10
        kind = ("name" if own else "label") + (" end" if leftward else "")
        yield element("text", text, x=place, y=at_y, class_=kind, data_t=row.trial)


def _overlaps(
    taken: Sequence[tuple[float, float, float]], begin: float, end: float, at: float
) -> bool:
    return any(
        begin < other_end and other_begin < end and abs(at - other_at) < LABEL_HEIGHT
        for other_begin, other_end, other_at in taken
    )
