"""The curves of `same_budget.py`: the best validation score over time."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from automl_reports.charts.progress import stairs
from automl_reports.svg import Scale, axes, element, picture
from benchmarks.contenders import CONTENDERS
from benchmarks.same_budget_table import groups

Row = dict[str, Any]
Steps = list[tuple[float, float]]

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 160, 34, 44
_MARGIN = 0.02
_SHOWN_BELOW = 0.15  # the first, steep part of a curve is cut off below this
_COLOURS = (
    *("#0b57d0", "#b3261e", "#0f7b3e", "#8f4700"),
    *("#e06b62", "#5fb37f", "#d19a4a", "#7a2fb5"),
)
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.mid{text-anchor:middle}"
    ".end{text-anchor:end}.grid{stroke:#ddd}.curve{fill:none;stroke-width:2}"
)


def plot(rows: Sequence[Row]) -> str:
    """Return an SVG file with a chart for every data set and budget."""
    charts = [_chart(heading, group) for heading, group in groups(rows)]
    placed = [
        element("g", chart, transform=f"translate(0 {HEIGHT * place})")
        for place, chart in enumerate(charts)
    ]
    label = "Best validation accuracy so far, over time"
    height = HEIGHT * max(1, len(charts))
    drawn = picture(label, WIDTH, height, element("style", _STYLE), *placed)
    return str(drawn).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def median_curve(rows: Sequence[Row]) -> Steps:
    """Return the median over runs of the best score so far, once all have one."""
    moments = sorted({at for row in rows for at, _ in row["best"]})
    steps: Steps = []
    for moment in moments:
        scores = [_score_at(row["best"], moment) for row in rows]
        known = [score for score in scores if score is not None]
        if len(known) == len(rows):
            steps.append((moment, statistics.median(known)))
    return steps


def _score_at(best: Sequence[Sequence[float]], moment: float) -> float | None:
    return max((score for at, score in best if at <= moment), default=None)


def _chart(heading: str, group: Sequence[Row]) -> Markup:
    curves = {name: curve for name, curve in _curves(group) if curve}
    title = element("text", heading, x=LEFT, y=18)
    if not curves:
        return title
    finals = [curve[-1][1] for curve in curves.values()]
    low, high = min(finals) - _SHOWN_BELOW, max(finals) + _MARGIN
    end = max(row["budget"] for row in group)
    x = Scale(0, end, LEFT, WIDTH - RIGHT)
    y = Scale(low, high, HEIGHT - BOTTOM, TOP)
    frame = axes(
        x,
        y,
        x_label="Seconds since the start",
        y_label="Validation accuracy",
        x_text="{:g}".format,
    )
    drawn = [part for name in curves for part in _drawn(name, curves, end, x, y)]
    return element("g", title, frame, *drawn)


def _curves(group: Sequence[Row]) -> Iterator[tuple[str, Steps]]:
    for contender in CONTENDERS:
        own = [row for row in group if row["contender"] == contender]
        yield contender, median_curve([row for row in own if row.get("best")])


def _drawn(
    name: str, curves: dict[str, Steps], end: float, x: Scale, y: Scale
) -> Iterator[Markup]:
    colour = _COLOURS[CONTENDERS.index(name)]
    steps = [(min(at, end), score) for at, score in curves[name]]
    yield element("path", d=stairs(steps, end, x, y), class_="curve", stroke=colour)
    line = TOP + 18 * list(curves).index(name) + 8
    yield element(
        "rect", x=WIDTH - RIGHT + 10, y=line - 8, width=10, height=10, fill=colour
    )
    yield element("text", name, x=WIDTH - RIGHT + 26, y=line)
