"""What a regression predicts against what is true, one picture a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.figures import figure, is_number, shorten
from automl_reports.model_detail import ModelDetail, RegressionDetail
from automl_reports.rows import RunReport
from automl_reports.subject import grouped
from automl_reports.svg import Scale, axes, element, picture, tick_text

WIDTH, HEIGHT = 460, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 14, 12, 44
MOST_TARGETS = 6
LONGEST_NAME = 40


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return the pictures, or `None` for a model that is no regression."""
    shown = _shown_targets(model)
    if not shown:
        return None
    return Drawing(
        "Predicted against true values on the test split: points on the line are "
        "right, above it too high, below it too low",
        element("div", *(_picture(detail) for detail in shown), class_="pictures"),
        _note(model, shown),
        wide=len(shown) > 1,
    )


def _shown_targets(model: ModelDetail) -> list[RegressionDetail]:
    """Return the first targets that something is known of, as many as are drawn.

    Only those pairs are left that can be drawn, of two numbers.
    """
    cleaned = (
        replace(detail, pairs=tuple(filter(_is_drawable, detail.pairs)))
        for detail in model.regression
    )
    return [detail for detail in cleaned if detail.pairs][:MOST_TARGETS]


def lost_note(lost: int) -> str:
    """Return how many predictions no picture can show; mostly nothing."""
    return f"Predictions that are not a number are not drawn: {lost}." if lost else ""


def _is_drawable(pair: tuple[float, float]) -> bool:
    return all(map(is_number, pair))


def _note(model: ModelDetail, shown: Sequence[RegressionDetail]) -> str:
    left = len(model.regression) - len(shown)
    further = f"{left} further targets are not drawn." if left else ""
    pairs = [pair for detail in model.regression for pair in detail.pairs]
    lost = len(pairs) - sum(map(_is_drawable, pairs))
    return " ".join(filter(None, (further, _drawn_note(model), lost_note(lost))))


def _drawn_note(model: ModelDetail) -> str:
    """Return how many of the test samples are looked at, where it is not all."""
    drawn, held = len(model.regression[0].pairs), len(model.regression[0].errors)
    if drawn == held:
        return ""
    return (
        f"{grouped(drawn)} of {grouped(held)} test samples are drawn, taken at random."
    )


def _picture(detail: RegressionDetail) -> Markup:
    values = [value for pair in detail.pairs for value in pair]
    low, high = min(values), max(values)
    margin = 0.04 * (high - low) or abs(high) * 0.05 or 1.0
    low, high = low - margin, high + margin
    x = Scale(low, high, LEFT, WIDTH - RIGHT)
    y = Scale(low, high, HEIGHT - BOTTOM, TOP)
    name = shorten(detail.name, LONGEST_NAME)
    return picture(
        f"{name}: predicted against true values of {len(detail.pairs)} test samples",
        WIDTH,
        HEIGHT,
        axes(
            x,
            y,
            x_label=f"{name}, true",
            y_label=f"{name}, predicted",
            x_text=tick_text(x.ticks()),
        ),
        element("line", x1=x(low), y1=y(low), x2=x(high), y2=y(high), class_="right"),
        *(_mark(pair, x, y) for pair in detail.pairs),
    )


def _mark(pair: tuple[float, float], x: Scale, y: Scale) -> Markup:
    true, predicted = pair
    title = element("title", f"true {figure(true)}, predicted {figure(predicted)}")
    return element("circle", title, cx=x(true), cy=y(predicted), r=3, class_="dot pair")
