"""What charts of several runs share: how the line of each looks, and its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from automl_reports.charts.pareto import LETTER_WIDTH, Box, overlaps
from automl_reports.figures import shorten
from automl_reports.rows import RunReport
from automl_reports.svg import element

WIDTH, HEIGHT = 560, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 12, 14, 44
COLOURS, DASHES = 5, 3
BESIDE, ABOVE, BELOW = 8, 12, 20
MIDDLE = 4  # so far a base line lies below the middle of its letters
LONGEST_NAME, LONGEST_LABEL = 80, 22


@dataclass(frozen=True)
class LineEnd:
    """Where the line of a run ends, in drawing units.

    Attributes:
        place: Place of the run among all, from 0.
        name: Name of the run.
        x: Distance from the left.
        y: Distance from the top.
    """

    place: int
    name: str
    x: float
    y: float


def look(place: int) -> str:
    """Return the classes of a run: its colour, and from the sixth on its dashes.

    Example:
        >>> look(0), look(6), look(11)
        ('c0', 'c1 d1', 'c1 d2')
    """
    dashes = place // COLOURS % DASHES
    return f"c{place % COLOURS}" + f" d{dashes}" * bool(dashes)


def title_of(report: RunReport, told: str = "") -> Markup:
    """Return the title of a mark: the name of its run, and what else is told of it."""
    words = filter(None, (shorten(report.name, LONGEST_NAME), told))
    return element("title", ", ".join(words))


def names(ends: Iterable[LineEnd], marks: Iterable[Box] = ()) -> Iterator[Markup]:
    """Yield the names of runs at the ends of their lines, where there is room.

    Args:
        ends: The runs.
        marks: What no name may hide.
    """
    taken = list(marks)
    for end in ends:
        text = shorten(end.name, LONGEST_LABEL)
        places = _places(end, LETTER_WIDTH * len(text))
        free = next((box for box in places if _is_free(box, taken)), None)
        if free is not None:
            taken.append(free)
            yield _name(end, text, free)


def _places(end: LineEnd, width: float) -> Iterator[Box]:
    """Yield where a name may lie, the best first."""
    begin = end.x + BESIDE
    yield begin, begin + width, end.y + MIDDLE
    yield end.x - width, end.x, end.y - ABOVE
    yield end.x - width, end.x, end.y + BELOW


def _is_free(box: Box, taken: Sequence[Box]) -> bool:
    begin, end, base = box
    across = begin >= LEFT and end <= WIDTH - RIGHT
    inside = across and TOP <= base - MIDDLE <= HEIGHT - BOTTOM
    return inside and not overlaps(taken, begin, end, base)


def _name(end: LineEnd, text: str, box: Box) -> Markup:
    begin, _, base = box
    leftward = begin < end.x
    return element(
        "text",
        text,
        x=end.x if leftward else begin,
        y=base,
        class_=f"label run c{end.place % COLOURS}{' end' * leftward}",
    )
