"""What a regression has to predict."""

from __future__ import annotations

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import (
    name_cell,
    number_cell,
    number_heads,
    scrolling_table,
)
from automl_reports.figures import figure
from automl_reports.rows import RunReport
from automl_reports.svg import element


def draw(report: RunReport) -> Drawing | None:
    """Return the table, or `None` for data without targets."""
    data = report.data
    if not data.target_std:
        return None
    columns = zip(data.targets, data.target_mean, data.target_std, strict=True)
    rows = (
        element(
            "tr",
            name_cell(name),
            number_cell(figure(mean)),
            number_cell(figure(spread)),
        )
        for name, mean, spread in columns
    )
    return Drawing(
        "Targets in the training split: always answering with the mean is off by "
        "about one standard deviation",
        scrolling_table(
            "Targets", ("Target", *number_heads("Mean", "Standard deviation")), rows
        ),
    )
