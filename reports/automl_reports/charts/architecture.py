"""The network of a model, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from automl_reports.architecture_boxes import Box, boxes
from automl_reports.architecture_layout import BOX_HEIGHT, BOX_WIDTH, Layout, layout
from automl_reports.charts.drawing import Drawing
from automl_reports.figures import GAP, count, shorten
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport
from automl_reports.subject import TIMES
from automl_reports.svg import element, picture

MOST_BOXES = 40
_LETTERS = 42
_SMALL_LETTERS = 54
_FRAME = 6
# Drawings up to so wide are shown in their own size, narrower than the column.
_WIDTHS = (380, 690, 1300, float("inf"))


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return the drawing, or `None` where the layers are not known."""
    if model.explanation is None or not model.explanation.layers:
        return None
    rows = model.explanation.layers
    found = boxes(rows, most=MOST_BOXES)
    place = layout(found)
    label = (
        f"Network of #{model.trial}: {len(rows)} layers in {len(found)} boxes, from "
        f"{_shape(found[0])} to {_shape(found[-1])}"
    )
    lines = (
        element("path", d=line, class_="arrow") + element("path", d=head, class_="tip")
        for line, head in place.arrows
    )
    body = picture(
        label,
        place.width,
        place.height,
        *lines,
        *_frames(found, place),
        *_boxes(found, place),
    )
    size = next(n for n, limit in enumerate(_WIDTHS) if place.width <= limit)
    frame = element(
        "div",
        element("div", body, class_=f"network{size}"),
        class_="scroll network",
        tabindex=0,
        role="region",
        aria_label=label,
    )
    return Drawing(
        "Architecture, from input to output; the bar at the foot of a box is its share "
        "of the multiply-accumulates",
        frame,
        _note(found),
        wide=place.width > _WIDTHS[1],
    )


def _boxes(found: Sequence[Box], place: Layout) -> Iterator[Markup]:
    total = sum(box.macs or 0 for box in found)
    for box, (left, top) in zip(found, place.corners, strict=True):
        share = (box.macs or 0) / total if total else 0.0
        words = " \N{MIDDLE DOT} ".join(box.words)
        yield element(
            "g",
            element("title", f"{words}; {_costs(box)}; {share:.1%} of the MACs"),
            element(
                "rect", x=left, y=top, width=BOX_WIDTH, height=BOX_HEIGHT, rx=4,
                class_=f"box {box.group}",
            ),
            element(
                "text", shorten(words, _LETTERS), x=left + 8, y=top + 16, class_="axis"
            ),
            element(
                "text", shorten(_costs(box), _SMALL_LETTERS), x=left + 8, y=top + 31,
                class_="small",
            ),
            element(
                "rect", x=left, y=top + BOX_HEIGHT - 3, width=BOX_WIDTH * share,
                height=3, class_="share",
            ),
        )  # fmt: skip


def _costs(box: Box) -> str:
    parts = [_shape(box)]
    if box.params:
        parts.append(f"{count(box.params)} params")
    if box.macs is None:
        parts.append("MACs not known")
    elif box.macs:
        parts.append(f"{count(box.macs)} MACs")
    return " \N{MIDDLE DOT} ".join(parts).replace(GAP, " ")


def _shape(box: Box) -> str:
    return TIMES.join("?" if n is None else str(n) for n in box.shape)


def _frames(found: Sequence[Box], place: Layout) -> Iterator[Markup]:
    """Yield a frame round every block that is drawn once for several."""
    for block in dict.fromkeys(box.block for box in found if box.block is not None):
        inside = [n for n, box in enumerate(found) if box.block == block]
        lefts, tops = zip(*(place.corners[n] for n in inside), strict=True)
        left, top = min(lefts) - _FRAME, min(tops) - _FRAME
        width = max(lefts) + BOX_WIDTH + _FRAME - left
        height = max(tops) + BOX_HEIGHT + _FRAME - top
        yield element(
            "rect", x=left, y=top, width=width, height=height, rx=6, class_="repeated"
        )
        yield element(
            "text", f"{TIMES}{found[inside[0]].times}", x=left - 4, y=top + 14,
            class_="name end",
        )  # fmt: skip


def _note(found: Sequence[Box]) -> str:
    notes = []
    if any(box.block is not None for box in found):
        notes.append(
            "A dashed frame is drawn once for equal blocks that follow each other; "
            "its figures are those of all of them."
        )
    if unknown := sum(box.macs is None for box in found):
        notes.append(f"The MACs of {unknown} boxes are not known.")
    return " ".join(notes)
