"""How many samples each class has in each split."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import (
    name_cell,
    number_cell,
    number_heads,
    scrolling_table,
)
from automl_reports.rows import RunReport
from automl_reports.svg import element

SPLITS = {"train": "Training", "val": "Validation", "test": "Test"}
BAR_WIDTH = 200


def draw(report: RunReport) -> Drawing | None:
    """Return the table with one bar a class, or `None` for data without counts."""
    data = report.data
    splits = [name for name in SPLITS if data.counts.get(name)]
    if not data.classes or not splits:
        return None
    per_class = list(zip(*(data.counts[name] for name in splits), strict=True))
    most = max(sum(counts) for counts in per_class) or 1
    rows = (
        _row(name, counts, most)
        for name, counts in zip(data.classes, per_class, strict=True)
    )
    numbers = number_heads(*(SPLITS[name] for name in splits), "All")
    return Drawing(
        "Samples per class: bars of equal length mean a balanced data set",
        scrolling_table(
            "Samples per class",
            ("Class", *numbers, "Share of the largest"),
            rows,
            kind="tall",
        ),
    )


def _row(name: str, counts: Sequence[int], most: int) -> Markup:
    total = sum(counts)
    rect = element("rect", width=BAR_WIDTH * total / most, height=10, class_="bar")
    bar = element(
        "svg", rect, viewBox=f"0 0 {BAR_WIDTH} 10", class_="bars", aria_hidden="true"
    )
    return element(
        "tr",
        name_cell(name),
        *(number_cell(str(number)) for number in (*counts, total)),
        element("td", bar),
    )
