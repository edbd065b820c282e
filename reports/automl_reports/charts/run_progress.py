"""The best score so far of several runs, over the time of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.pareto import edge_note, score_scale
from automl_reports.charts.progress import ended, stairs, steps_of_best, time_unit
from automl_reports.charts.run_lines import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    LineEnd,
    look,
    names,
    title_of,
)
from automl_reports.figures import metric_name, score, sentence_case
from automl_reports.rows import RunReport
from automl_reports.svg import Scale, axes, element, picture

#: When the best score so far changed, in seconds, and to what.
Steps: TypeAlias = Sequence[tuple[float, float]]


def draw(reports: Sequence[RunReport]) -> Drawing | None:
    """Return the chart, or `None` while no trial with a score has ended."""
    steps = [steps_of_best(ended(report), report.direction) for report in reports]
    values = [value for line in steps for _, value in line]
    if not values:
        return None
    first = reports[0]
    longest = max(map(_seconds, reports, steps))
    unit, label = time_unit(longest)
    x = Scale(0, longest / unit or 1.0, LEFT, WIDTH - RIGHT)
    y, outside = score_scale(values, first.direction, HEIGHT - BOTTOM, TOP)
    metric = metric_name(first.objective, first.task)
    title = f"Best {metric} so far, over the time of each run"
    written = axes(
        x,
        y,
        x_label=f"{label} since the start",
        y_label=f"{sentence_case(metric)} (validation)",
        x_text="{:g}".format,
    )
    body = picture(title, WIDTH, HEIGHT, written, *_lines(reports, steps, unit, x, y))
    return Drawing(title, body, edge_note(first.direction, outside, y))


def _seconds(report: RunReport, steps: Steps) -> float:
    """Return when a run ended; its last trial may have been written after that."""
    return max([report.seconds, *(at for at, _ in steps[-1:])])


def _lines(
    reports: Sequence[RunReport], steps: Sequence[Steps], unit: int, x: Scale, y: Scale
) -> Iterator[Markup]:
    """Yield every line, then the names, which lie on top."""
    ends: list[LineEnd] = []
    for place, (report, line) in enumerate(zip(reports, steps, strict=True)):
        if not line:
            continue
        end, best = _seconds(report, line) / unit, line[-1][1]
        yield element(
            "path",
            title_of(report, f"best {score(best)}"),
            d=stairs([(at / unit, value) for at, value in line], end, x, y),
            class_=f"curve {look(place)}",
        )
        ends.append(LineEnd(place, report.name, x(end), y.clamp(best)))
    yield from names(ends)
