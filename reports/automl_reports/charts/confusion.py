"""Which classes are taken for which: a matrix, or its top pairs when it is large."""

from __future__ import annotations

import math

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import (
    name_cell,
    number_cell,
    number_heads,
    scrolling_table,
)
from automl_reports.figures import percent, shorten
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport
from automl_reports.svg import element

MOST_CLASSES = 30
NARROW_CLASSES = 14
MOST_PAIRS = 25
LEVELS = 9


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return the matrix up to 30 classes, else the most confused pairs."""
    if not model.confusion:
        return None
    if len(model.confusion) > MOST_CLASSES:
        return _pairs(report.data.classes, model)
    return _matrix(report.data.classes, model)


def _matrix(classes: tuple[str, ...], model: ModelDetail) -> Drawing:
    heads = [Markup("<td>true \\ predicted</td>")]
    heads += [
        element("th", element("span", shorten(name, 18)), scope="col", title=name)
        for name in classes
    ]
    rows = (
        element(
            "tr",
            name_cell(classes[true], limit=24),
            *(_cell(true, guess, counts) for guess in range(len(counts))),
        )
        for true, counts in enumerate(model.confusion)
    )
    turned = len(classes) > 5 and any(len(name) > 4 for name in classes)
    return Drawing(
        "Confusion matrix on the test split: a row is a true class, "
        "a column what it was taken for; the stronger the red, the more confused",
        scrolling_table(
            "Confusion matrix",
            heads,
            rows,
            kind="matrix turned" if turned else "matrix",
        ),
        wide=len(classes) > NARROW_CLASSES,
    )


def _cell(true: int, guess: int, counts: tuple[int, ...]) -> Markup:
    number = counts[guess]
    if not number:
        return element("td")
    level = min(LEVELS, math.ceil(LEVELS * number / sum(counts)))
    kind = "hit" if true == guess else "miss"
    return element("td", str(number), class_=f"{kind}{level}")


def _pairs(classes: tuple[str, ...], model: ModelDetail) -> Drawing:
    pairs = confused_pairs(model)
    rows = [
        element(
            "tr",
            name_cell(classes[true]),
            element("td", shorten(classes[guess], 40), title=classes[guess]),
            number_cell(str(number)),
            number_cell(percent(number / sum(model.confusion[true]))),
        )
        for true, guess, number in pairs[:MOST_PAIRS]
    ]
    left = len(pairs) - len(rows)
    return Drawing(
        f"Most confused pairs of {len(classes)} classes on the test split, worst first",
        scrolling_table(
            "Most confused pairs",
            ("True class", "Taken for", *number_heads("Samples", "Of its class")),
            rows,
        ),
        f"{left} rarer pairs are not listed." if left else "",
    )


def confused_pairs(model: ModelDetail) -> list[tuple[int, int, int]]:
    """Return `(true, predicted, count)` of every mistake, most frequent first."""
    pairs = [
        (true, guess, number)
        for true, counts in enumerate(model.confusion)
        for guess, number in enumerate(counts)
        if number and true != guess
    ]
    return sorted(pairs, key=lambda pair: -pair[2])
