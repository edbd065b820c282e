"""How well each label of a multi-label task is found."""

from __future__ import annotations

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import (
    name_cell,
    number_cell,
    number_heads,
    scrolling_table,
)
from automl_reports.figures import is_number, score
from automl_reports.model_detail import LabelDetail, ModelDetail
from automl_reports.rows import RunReport
from automl_reports.svg import element


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return the table, the label with the lowest F1 first."""
    if not model.labels:
        return None
    numbers = number_heads("Precision", "Recall", "F1", "AUC", "Test samples")
    return Drawing(
        "Per label on the test split, lowest F1 first; a label is given from a "
        "probability of one half on",
        scrolling_table(
            "Per label",
            ("Label", *numbers),
            (_row(label) for label in sorted(model.labels, key=_by_f1)),
            kind="tall",
        ),
        "AUC is the chance that a sample with the label scores above one without it.",
    )


def _by_f1(label: LabelDetail) -> tuple[bool, float]:
    return (False, label.f1) if is_number(label.f1) else (True, 0.0)


def _row(label: LabelDetail) -> Markup:
    measures = (label.precision, label.recall, label.f1, label.auc)
    return element(
        "tr",
        name_cell(label.name),
        *(number_cell(score(value)) for value in measures),
        number_cell(str(label.support)),
    )
