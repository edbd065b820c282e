"""Every metric of the task on the test split, for one model."""

from __future__ import annotations

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import number_cell, number_heads, scrolling_table
from automl_reports.figures import metric_name
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport
from automl_reports.svg import element
from automl_reports.verdict import test_figures


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return the table, or `None` where nothing was measured."""
    row = report.row_of(model.trial)
    if row is None or not row.test_metrics:
        return None
    objective = metric_name(report.objective, report.task)
    rows = (
        element(
            "tr",
            element(
                "th", f"{name} (objective)" if name == objective else name, scope="row"
            ),
            number_cell(text),
        )
        for name, text in test_figures(report, row)
    )
    return Drawing(
        "Every metric on the test split; the search looked at the objective alone",
        scrolling_table("Test metrics", ("Metric", *number_heads("Test")), rows),
    )
