"""Score against size of several runs: for each the line of what nothing beats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.pareto import (
    MARK_SIZE,
    Box,
    Point,
    cost_scale,
    edge_note,
    score_scale,
)
from automl_reports.charts.run_lines import (
    BOTTOM,
    HEIGHT,
    MIDDLE,
    TOP,
    WIDTH,
    LineEnd,
    look,
    names,
    title_of,
)
from automl_reports.figures import count, metric_name, score, sentence_case
from automl_reports.front import comparable, pareto_front
from automl_reports.rows import RunReport
from automl_reports.svg import Scale, axes, element, picture, points


def draw(reports: Sequence[RunReport]) -> Drawing | None:
    """Return the chart, or `None` without a trained network.

    Size is the cost: latencies can be compared only on the same machine.
    """
    found = ((place, front_of(report)) for place, report in enumerate(reports))
    fronts = {place: front for place, front in found if front}
    if not fronts:
        return None
    every = [point for front in fronts.values() for point in front]
    first = reports[0]
    x = cost_scale([cost for _, _, cost in every])
    y, outside = score_scale(
        [value for _, value, _ in every], first.direction, HEIGHT - BOTTOM, TOP
    )
    name = sentence_case(metric_name(first.objective, first.task))
    title = f"{name} against parameters: the line of what nothing beats, for each run"
    written = axes(
        x, y, x_label="Parameters (log)", y_label=f"{name} (validation)", x_text=count
    )
    body = picture(title, WIDTH, HEIGHT, written, *_lines(reports, fronts, x, y))
    return Drawing(title, body, edge_note(first.direction, outside, y))


def front_of(report: RunReport) -> list[Point]:
    """Return the networks that nothing beats on score and size, the smallest first."""
    best = {row.trial for row in pareto_front(report, "params")}
    found = [p for p in comparable(report, "params") if p[0].trial in best]
    return sorted(found, key=lambda point: point[2])


def _lines(
    reports: Sequence[RunReport],
    fronts: Mapping[int, Sequence[Point]],
    x: Scale,
    y: Scale,
) -> Iterator[Markup]:
    """Yield every line with its marks, then the names, which lie on top."""
    ends: list[LineEnd] = []
    taken: list[Box] = []
    for place, front in fronts.items():
        report = reports[place]
        places = [(x(cost), y.clamp(value)) for _, value, cost in front]
        yield element(
            "polyline",
            title_of(report),
            points=points(places),
            class_=f"curve {look(place)}",
        )
        for (row, value, cost), (at_x, at_y) in zip(front, places, strict=True):
            told = f"#{row.trial}: {score(value)}, {count(cost)} parameters"
            yield element(
                "circle", title_of(report, told), cx=at_x, cy=at_y, r=3,
                class_=f"point {look(place)}",
            )  # fmt: skip
            taken.append((at_x - MARK_SIZE, at_x + MARK_SIZE, at_y + MIDDLE))
        ends.append(LineEnd(place, report.name, *places[-1]))
    yield from names(ends, taken)
