"""How far off a regression is, target by target."""

from __future__ import annotations

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import (
    name_cell,
    number_cell,
    number_heads,
    scrolling_table,
)
from automl_reports.figures import DASH, figure, score
from automl_reports.model_detail import ModelDetail, RegressionDetail
from automl_reports.rows import RunReport
from automl_reports.svg import element


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return the table, or `None` for a model that is no regression."""
    if not model.regression:
        return None
    spreads = dict(zip(report.data.targets, report.data.target_std, strict=False))
    numbers = number_heads(
        "MAE",
        "RMSE",
        "R\N{SUPERSCRIPT TWO}",
        "Bias",
        "Middle half",
        "Nine tenths",
        "Std of target",
    )
    rows = (_row(detail, spreads.get(detail.name)) for detail in model.regression)
    return Drawing(
        "Residuals on the test split, predicted minus true, in the target's own unit: "
        "an RMSE near the target's standard deviation means nothing was learnt",
        scrolling_table("Residuals", ("Target", *numbers), rows),
        "Bias is the mean of the residuals; the middle half and nine tenths of them "
        "lie in the ranges given.",
        wide=True,
    )


def _row(detail: RegressionDetail, spread: float | None) -> Markup:
    return element(
        "tr",
        name_cell(detail.name),
        number_cell(figure(detail.mae)),
        number_cell(figure(detail.rmse)),
        number_cell(score(detail.r2)),
        number_cell(figure(detail.bias)),
        *(number_cell(text) for text in _ranges(detail.residuals)),
        number_cell(figure(spread)),
    )


def _ranges(residuals: tuple[float, ...]) -> tuple[str, str]:
    if len(residuals) != 5:
        return DASH, DASH
    lowest, low, _, high, highest = map(figure, residuals)
    return f"{low} to {high}", f"{lowest} to {highest}"
