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
from automl_reports.figures import figure
from automl_reports.rows import RunReport
from automl_reports.subject import MULTILABEL, SPLITS
from automl_reports.svg import element

BAR_WIDTH = 200
UNEQUAL = 1.5


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
    noun = "label" if report.task == MULTILABEL else "class"
    return Drawing(
        f"Samples per {noun}: bars of equal length mean a balanced data set",
        scrolling_table(
            f"Samples per {noun}",
            (noun.capitalize(), *numbers, "Share of the largest"),
            rows,
            kind="tall",
        ),
        _note(report),
    )


def _note(report: RunReport) -> str:
    """Return how unequal the training classes are, and what was done about it."""
    counts = report.data.counts.get("train", ())
    largest, smallest = max(counts, default=0), min(counts, default=0)
    notes = []
    if report.task == MULTILABEL:
        notes.append("A sample may have several labels, or none.")
    elif smallest and largest >= UNEQUAL * smallest:
        notes.append(
            f"The largest class has {figure(largest / smallest)} times the "
            "training samples of the smallest."
        )
    row = report.recommended
    if row is not None and row.hyperparameters.get("class_weights") == "balanced":
        notes.append(
            "The recommended model was trained with weights that make up for it."
        )
    return " ".join(notes)


def _row(name: str, counts: Sequence[int], most: int) -> Markup:
    total = sum(counts)
    rect = element("rect", width=BAR_WIDTH * total / most, height=10, class_="bar")
    bar = element(
        "svg",
        rect,
        viewBox=f"0 0 {BAR_WIDTH} 10",
        preserveAspectRatio="none",
        class_="bars",
        aria_hidden="true",
    )
    return element(
        "tr",
        name_cell(name),
        *(number_cell(str(number)) for number in (*counts, total)),
        element("td", bar),
    )
