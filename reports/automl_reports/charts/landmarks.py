"""The recommended model beside published networks, on the same data and budget."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import (
    mark_of,
    name_cell,
    number_cell,
    number_heads,
    scrolling_table,
)
from automl_reports.cross_validation import ONE_SPLIT
from automl_reports.figures import count, figure, metric_name, score
from automl_reports.leaderboard import ordered
from automl_reports.recommendation import is_ensemble, tags_of
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import element


def draw(report: RunReport) -> Drawing | None:
    """Return the table, or `None` for a run without landmark networks."""
    rows = [row for row in ordered(report.trials) if row.landmark or row.recommended]
    if is_ensemble(report) and report.recommended:
        rows.insert(0, report.recommended)
    if not any(row.landmark for row in rows):
        return None
    name = metric_name(report.objective, report.task)
    numbers = number_heads(f"Val. {name}", f"Test {name}", "p50 ms", "Params")
    heads = ("Network", *numbers, "Status")
    return Drawing(
        "Against landmark networks, trained on the same data in the same run",
        scrolling_table(
            "Landmark networks",
            heads,
            (_row(row, tags_of(row, report)) for row in rows),
        ),
        ONE_SPLIT if report.cross_validated else "",
    )


def _row(row: TrialRow, tags: Sequence[str]) -> Markup:
    name = f"{row.label} {row.origin if row.landmark else row.architecture}"
    texts = (
        score(row.search_score),
        score(row.test_score),
        figure(row.latency_ms),
        count(row.params),
    )
    return element(
        "tr",
        name_cell(name, limit=36, mark=mark_of(tags)),
        *(number_cell(text) for text in texts),
        element("td", row.status),
        data_t=row.trial,
    )
