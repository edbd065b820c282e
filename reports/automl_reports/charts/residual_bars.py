"""How many test samples a regression is off by how much, target by target."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.predicted import MOST_TARGETS, lost_note
from automl_reports.figures import figure, is_number, shorten
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport
from automl_reports.subject import grouped
from automl_reports.svg import Scale, axes, element, picture, tick_text

WIDTH, HEIGHT = 560, 260
LEFT, RIGHT, TOP, BOTTOM = 70, 12, 12, 44
BINS = 21
LONGEST_NAME = 40


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return one histogram a target, or `None` for a model that is no regression.

    Every test sample is counted whose error is a number, of the first targets.
    """
    known = [list(filter(is_number, detail.errors)) for detail in model.regression]
    targets = zip(model.regression, known, strict=True)
    shown = [(detail.name, errors) for detail, errors in targets if errors]
    if not shown:
        return None
    told = sum(len(detail.errors) for detail in model.regression)
    pictures = (_picture(*target) for target in shown[:MOST_TARGETS])
    return Drawing(
        "Residuals: how many test samples are off by how much; bars right of the "
        "dashed zero were predicted too high",
        element("div", *pictures, class_="pictures"),
        lost_note(told - sum(map(len, known))),
        wide=len(shown) > 1,
    )


def bins(residuals: Sequence[float]) -> list[tuple[float, float, int]]:
    """Return lower edge, upper edge and count of bins of equal width.

    Args:
        residuals: Predicted minus true; finite, and not empty.
    """
    reach = max(map(abs, residuals)) or 1.0  # zero is the middle of the middle bin
    width = 2 * reach / BINS
    counts = [0] * BINS
    for residual in residuals:
        counts[min(BINS - 1, int((residual + reach) / width))] += 1
    return [
        (-reach + place * width, -reach + (place + 1) * width, count)
        for place, count in enumerate(counts)
    ]


def _picture(target: str, errors: Sequence[float]) -> Markup:
    found = bins(errors)
    x = Scale(found[0][0], found[-1][1], LEFT, WIDTH - RIGHT)
    highest = max(count for *_, count in found)
    y = Scale(0, max(5, highest), HEIGHT - BOTTOM, TOP)
    name = shorten(target, LONGEST_NAME)
    return picture(
        f"{name}: residuals of {grouped(len(errors))} test samples",
        WIDTH,
        HEIGHT,
        axes(
            x,
            y,
            x_label=f"{name}, predicted minus true",
            y_label="Test samples",
            x_text=tick_text(x.ticks()),
        ),
        *(_bar(low, high, count, x, y) for low, high, count in found if count),
        element("line", x1=x(0), x2=x(0), y1=TOP, y2=HEIGHT - BOTTOM, class_="right"),
    )


def _bar(low: float, high: float, count: int, x: Scale, y: Scale) -> Markup:
    title = element("title", f"{figure(low)} to {figure(high)}: {count}")
    return element(
        "rect",
        title,
        x=x(low),
        y=y(count),
        width=x(high) - x(low) - 1,
        height=y.start - y(count),
        class_="bar soft-bar",
    )
