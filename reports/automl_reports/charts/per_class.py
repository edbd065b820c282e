"""How well each class is told from the others."""

from __future__ import annotations

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import (
    name_cell,
    number_cell,
    number_heads,
    scrolling_table,
)
from automl_reports.figures import is_number, score
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport
from automl_reports.svg import element


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return the table, the class with the lowest F1 first."""
    if not model.f1:
        return None
    measures = (model.precision, model.recall, model.f1)
    rows = (
        element(
            "tr",
            name_cell(report.data.classes[place]),
            *(number_cell(score(values[place])) for values in measures),
            number_cell(str(model.support[place])),
        )
        for place in worst_first(model)
    )
    return Drawing(
        "Per class on the test split, lowest F1 first",
        scrolling_table(
            "Per class",
            ("Class", *number_heads("Precision", "Recall", "F1", "Test samples")),
            rows,
            kind="tall",
        ),
    )


def worst_first(model: ModelDetail) -> list[int]:
    """Return class indices by F1; classes without one come last."""

    def key(place: int) -> tuple[bool, float]:
        value = model.f1[place]
        return (False, value) if is_number(value) else (True, 0.0)

    return sorted(range(len(model.f1)), key=key)
