"""Some samples of each split."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.samples import gallery, parts
from automl_reports.explanation import DataExample
from automl_reports.figures import shorten
from automl_reports.rows import RunReport
from automl_reports.subject import SPLITS
from automl_reports.svg import element, join

_LONGEST = 60


def draw(report: RunReport) -> Drawing | None:
    """Return a gallery a split, or `None` where no samples were kept."""
    if not report.data.examples:
        return None
    return Drawing(
        "Some samples of each split, as the models get them, with what is true of them",
        join(_galleries(report.data.examples)),
        parts(item.view for item in report.data.examples),
        wide=True,
    )


def _galleries(examples: tuple[DataExample, ...]) -> Iterator[Markup]:
    for split in dict.fromkeys(item.split for item in examples):
        yield element("h4", SPLITS.get(split, split))
        yield gallery(
            (
                (item.view, element("span", shorten(item.truth, _LONGEST)))
                for item in examples
                if item.split == split
            ),
            key=f"example-{split}",
        )
