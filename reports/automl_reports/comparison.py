"""Several runs on one page: what each found, at what cost, how fast it got there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from automl_reports.charts import run_fronts, run_progress, run_table
from automl_reports.charts.drawing import Drawing
from automl_reports.charts.run_lines import look
from automl_reports.figures import shorten
from automl_reports.page import seal
from automl_reports.rows import RunReport
from automl_reports.verdict import STATES

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
    reports = _told_apart(reports)
    drawings = [run_table.draw(reports)]
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


def _told_apart(reports: Sequence[RunReport]) -> list[RunReport]:
    """Return the runs with a number behind each name that several of them have."""
    given = [report.name for report in reports]
    taken = set(given)
    apart = []
    for report in reports:
        name = report.name
        if given.count(name) > 1:
            name = next(n for i in count(1) if (n := f"{name} ({i})") not in taken)
            taken.add(name)
        apart.append(replace(report, name=name))
    return apart


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
