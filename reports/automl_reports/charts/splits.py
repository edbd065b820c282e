"""What each split holds: samples, classes, the smallest and the largest class."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import number_cell, number_heads, scrolling_table
from automl_reports.figures import DASH, percent
from automl_reports.rows import RunReport
from automl_reports.subject import MULTILABEL, SPLITS, grouped, split_sizes
from automl_reports.svg import element


def draw(report: RunReport) -> Drawing | None:
    """Return the table, or `None` while the data has not been split."""
    data = report.data
    sizes = split_sizes(data)
    total = sum(sizes.values())
    if not total:
        return None
    noun = "label" if report.task == MULTILABEL else "class"
    heads = ["Samples", "Share"]
    if data.classes:
        plural = "Labels" if noun == "label" else "Classes"
        heads += [f"{plural} present", f"Smallest {noun}", f"Largest {noun}"]
    rows = (
        element(
            "tr",
            element("th", SPLITS[name], scope="row"),
            number_cell(grouped(size)),
            number_cell(percent(size / total)),
            *(_class_cells(data.counts.get(name, ())) if data.classes else ()),
        )
        for name, size in sizes.items()
    )
    table = scrolling_table("Splits", ("Split", *number_heads(*heads)), rows)
    return Drawing("What each split holds", table)


def _class_cells(counts: Sequence[int]) -> list[Markup]:
    if not counts:
        return [number_cell(DASH)] * 3
    present = sum(count > 0 for count in counts)
    figures = present, min(counts), max(counts)
    return [number_cell(grouped(number)) for number in figures]
