"""Several runs on one page: what each found, at what cost, how fast it got there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from automl_reports.charts import run_fronts, run_progress
from automl_reports.charts.drawing import Drawing
from automl_reports.charts.run_lines import look
from automl_reports.charts.tables import name_cell, number_cell, scrolling_table
from automl_reports.figures import (
    count,
    duration,
    figure,
    headline,
    interval,
    metric_name,
    shorten,
)
from automl_reports.macs import macs_words
from automl_reports.page import seal
from automl_reports.rows import RunReport, TrialRow
from automl_reports.subject import grouped, outcome_words, split_sizes, task_words
from automl_reports.svg import element
from automl_reports.verdict import STATES, best_so_far

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
        charts = (run_fronts.draw, run_progress.draw)
        drawings += [drawing for draw in charts if (drawing := draw(reports))]
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
                "look": look(place),
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
    if len({report.cross_validated for report in reports}) > 1:
        found.append(
            "Some runs were cross-validated and some were not: a mean over folds is "
            "not to be compared with a score on one split."
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
                element("i", class_=f"key {look(place)}"),
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
            grouped(size) for size in split_sizes(report.data).values()
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
        "Best": f"{row.label} {shorten(row.architecture, 60)}",
        "Test score": headline(row.test_score, objective),
        "95 % interval": interval(row.test_interval, objective),
        "Validation score": headline(row.val_score, objective),
        "Parameters": count(row.params),
        "MACs": macs_words(row),
        "Latency p50": f"{figure(row.latency_ms)} ms",
        "Size": f"{figure(row.size_mb)} MB",
    }
