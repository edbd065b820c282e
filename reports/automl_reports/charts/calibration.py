"""Whether a model is right as often as its probabilities say."""

from __future__ import annotations

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.explanation import CalibrationBin
from automl_reports.figures import percent
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport
from automl_reports.subject import MULTILABEL, grouped
from automl_reports.svg import Scale, axes, element, join, picture

WIDTH, HEIGHT = 460, 330
LEFT, RIGHT, TOP, BOTTOM = 70, 14, 18, 44


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return the reliability diagram, or `None` for a regression."""
    found = model.calibration
    if found is None:
        return None
    x = Scale(0.0, 1.0, LEFT, WIDTH - RIGHT)
    y = Scale(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    labels = report.task == MULTILABEL
    right = "Share that has the label" if labels else "Share that is right"
    told = "have the label" if labels else "right"
    said = "Probability of a label" if labels else "Probability of the answer"
    title = (
        f"Calibration on the test split: expected calibration error "
        f"{percent(found.error)}"
    )
    body = picture(
        f"{title}; {_words(found.bins)}",
        WIDTH,
        HEIGHT,
        axes(x, y, x_label=said, y_label=right, x_text="{:g}".format),
        *(_bar(item, x, y, told) for item in found.bins),
        element("line", x1=x(0), y1=y(0), x2=x(1), y2=y(1), class_="right"),
        *(_count(item, x, y) for item in found.bins),
    )
    return Drawing(
        f"{title}; bars below the line are over-confident, above it under-confident",
        body,
        "The number over a bar is how many answers it stands for. The error is the "
        "mean distance from the line, weighed by them (Guo et al. 2017).",
    )


def _words(bins: tuple[CalibrationBin, ...]) -> str:
    return "; ".join(
        f"of {item.count} at {item.confidence:.0%}, {item.correct:.0%}" for item in bins
    )


def _bar(item: CalibrationBin, x: Scale, y: Scale, told: str) -> Markup:
    """Return a bar as high as the share that is right, with a dot at the mean.

    Args:
        item: What the bar stands for.
        x: Scale of the probabilities.
        y: Scale of the shares.
        told: What is true of that share, for example `right`.
    """
    title = element(
        "title",
        f"{item.count} answers of {item.low:.0%} to {item.high:.0%}: "
        f"{item.confidence:.1%} on average, {item.correct:.1%} {told}",
    )
    left, top = x(item.low) + 1, y(item.correct)
    bar = element(
        "rect", title, x=left, y=top, width=x(item.high) - left - 1,
        height=y(0.0) - top, class_="bar soft-bar",
    )  # fmt: skip
    dot = element("circle", cx=x(item.confidence), cy=top, r=3.5, class_="dot best")
    return join((bar, dot))


def _count(item: CalibrationBin, x: Scale, y: Scale) -> Markup:
    middle = (x(item.low) + x(item.high)) / 2
    at = max(y(item.correct) - 8, TOP - 4)
    return element("text", grouped(item.count), x=middle, y=at, class_="label mid")
