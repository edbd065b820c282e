"""Several runs on one page: what each found, at what cost, how fast it got there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.pareto import cost_scale, score_scale
from automl_reports.charts.progress import ended, stairs, steps_of_best, time_unit
from automl_reports.charts.tables import name_cell, number_cell, scrolling_table
from automl_reports.figures import (
    count,
    duration,
    figure,
    headline,
    interval,
    metric_name,
    score,
    sentence_case,
    shorten,
)
from automl_reports.front import comparable, pareto_front
from automl_reports.page import seal
from automl_reports.rows import RunReport, TrialRow
from automl_reports.subject import grouped, num_samples, outcome_words, task_words
from automl_reports.svg import Scale, axes, element, picture, points
from automl_reports.verdict import STATES, best_so_far

WIDTH, HEIGHT = 560, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 12, 14, 44
COLOURS = 5
MOST_ROWS_OF_A_RUN = 10


def render(reports: Sequence[RunReport]) -> str:
    """Return the page that shows runs side by side.

    Args:
        reports: The runs, in the order to show them.

    Raises:
        ValueError: If there is none.
    """
    if not reports:
        raise ValueError("At least one run is needed to compare, but got none.")
    drawings = [_overview(reports)]
    if _one_scale(reports):
        drawings += [d for draw in (_pareto, _progress) if (d := draw(reports))]
    return seal("comparison.html", title=_title(reports), **_content(reports, drawings))


def _content(
    reports: Sequence[RunReport], drawings: Sequence[Drawing]
) -> dict[str, Any]:
    return {
        "cautions": cautions(reports),
        "drawings": drawings,
        "runs": [
            {
                "report": report,
                "place": place % COLOURS,
                "state": STATES.get(report.state, report.state),
                "rows": [r for r in report.trials if r.rank][:MOST_ROWS_OF_A_RUN],
            }
            for place, report in enumerate(reports)
        ],
    }


def _title(reports: Sequence[RunReport]) -> str:
    names = ", ".join(shorten(report.name, 40) for report in reports[:5])
    return f"{len(reports)} runs compared: {names}{' …' * (len(reports) > 5)}"


def cautions(reports: Sequence[RunReport]) -> list[str]:
    """Return why the scores of these runs must not be compared, if they must not."""
    found = []
    objectives = sorted({report.objective for report in reports})
    if len(objectives) > 1:
        found.append(
            f"The runs have different objectives ({', '.join(objectives)}): "
            "their scores are not on one scale."
        )
    if len({_data_identity(report) for report in reports}) > 1:
        found.append(
            "The runs are of different data, or of different splits of it: a "
            "difference between their scores may be one of the data."
        )
    return found


def _data_identity(report: RunReport) -> object:
    return report.fingerprint or (report.data.source, *report.data.totals.items())


def _one_scale(reports: Sequence[RunReport]) -> bool:
    return len({(report.objective, report.task) for report in reports}) == 1


def _overview(reports: Sequence[RunReport]) -> Drawing:
    lines = [_facts(report) for report in reports]
    heads = [
        Markup("<th scope=col></th>"),
        *(
            element(
                "th",
                element("i", class_=f"key c{place % COLOURS}"),
                shorten(report.name, 40),
                scope="col",
                class_="n",
            )
            for place, report in enumerate(reports)
        ),
    ]
    rows = (
        element("tr", name_cell(name), *(number_cell(line[name]) for line in lines))
        for name in lines[0]
    )
    table = scrolling_table("Runs side by side", heads, rows)
    return Drawing("The runs side by side", table, wide=True)


def _facts(report: RunReport) -> dict[str, str]:
    row = report.recommended or best_so_far(report)
    return {
        "State": report.state,
        "Task": f"{report.data.kind} {task_words(report.task)}",
        "Outcome": outcome_words(report),
        "Samples: train, val., test": ", ".join(
            grouped(num_samples(report.data, split))
            for split in ("train", "val", "test")
        ),
        "Objective": metric_name(report.objective, report.task),
        "Trials": str(len(report.trials)),
        "Time": f"{duration(report.seconds)} on {report.workers} "
        f"worker{'s' if report.workers != 1 else ''}",
        **_facts_of_best(report, row),
    }


def _facts_of_best(report: RunReport, row: TrialRow | None) -> dict[str, str]:
    row = row or TrialRow("–", "", "none", "")  # noqa: RUF001
    objective = report.objective
    return {
        "Best": f"#{row.trial} {shorten(row.architecture, 60)}",
        "Test score": headline(row.test_score, objective),
        "95 % interval": interval(row.test_interval, objective),
        "Validation score": headline(row.val_score, objective),
        "Parameters": count(row.params),
        "MACs": count(row.macs),
        "Latency p50": f"{figure(row.latency_ms)} ms",
        "Size": f"{figure(row.size_mb)} MB",
    }


def _pareto(reports: Sequence[RunReport]) -> Drawing | None:
    """Return the fronts of all runs in one chart; latencies need the same machine."""
    found = [comparable(report, "params") for report in reports]
    every = [point for points_ in found for point in points_]
    if not every:
        return None
    first = reports[0]
    name = sentence_case(metric_name(first.objective, first.task))
    x = cost_scale([cost for _, _, cost in every])
    y, _ = score_scale([v for _, v, _ in every], first.direction, HEIGHT - BOTTOM, TOP)
    title = f"{name} against parameters: the line of what nothing beats, for each run"
    marks = []
    for place, (report, items) in enumerate(zip(reports, found, strict=True)):
        front = {row.trial for row in pareto_front(report, "params")}
        line = sorted((x(c), y.clamp(v)) for row, v, c in items if row.trial in front)
        kind = f"c{place % COLOURS}"
        marks.append(element("polyline", points=points(line), class_=f"curve {kind}"))
        marks += [
            element("circle", cx=at, cy=height, r=3, class_=f"point {kind}")
            for at, height in line
        ]
    written = axes(
        x, y, x_label="Parameters (log)", y_label=f"{name} (validation)", x_text=count
    )
    return Drawing(title, picture(title, WIDTH, HEIGHT, written, *marks))


def _progress(reports: Sequence[RunReport]) -> Drawing | None:
    """Return the best score so far of every run, over time."""
    steps = [steps_of_best(ended(report), report.direction) for report in reports]
    if not any(steps):
        return None
    first = reports[0]
    metric = metric_name(first.objective, first.task)
    name = sentence_case(metric)
    longest = max(report.seconds for report in reports)
    longest = max(longest, *(line[-1][0] for line in steps if line))
    unit, label = time_unit(longest)
    x = Scale(0, longest / unit or 1.0, LEFT, WIDTH - RIGHT)
    values = [value for line in steps for _, value in line]
    y, _ = score_scale(values, first.direction, HEIGHT - BOTTOM, TOP)
    title = f"Best {metric} so far, over the time of each run"
    lines = (
        element(
            "path",
            element("title", f"best {score(line[-1][1])}"),
            d=stairs(
                [(at / unit, value) for at, value in line],
                max(report.seconds, line[-1][0]) / unit,
                x,
                y,
            ),
            class_=f"curve c{place % COLOURS}",
        )
        for place, (line, report) in enumerate(zip(steps, reports, strict=True))
        if line
    )
    written = axes(
        x,
        y,
        x_label=f"{label} since the start",
        y_label=f"{name} (validation)",
        x_text="{:g}".format,
    )
    return Drawing(title, picture(title, WIDTH, HEIGHT, written, *lines))
