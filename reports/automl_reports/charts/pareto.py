"""Score against cost, with the line of the models nothing beats on both."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.cross_validation import FOLDS_ONLY
from automl_reports.figures import (
    count,
    figure,
    metric_name,
    score,
    sentence_case,
    shorten,
)
from automl_reports.front import COSTS, TRAINED, comparable, cost_names, pareto_front
from automl_reports.recommendation import chosen_word
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import Scale, axes, element, join, picture, points

WIDTH, HEIGHT = 560, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 12, 14, 44
LABEL_HEIGHT, LETTER_WIDTH, MARK_SIZE = 15, 9.0, 5
MOST_DOTS = 200
COUNTED = ("params", "macs")

Point: TypeAlias = tuple[TrialRow, float, float]
#: Begin, end and base line of a text, or of a mark that none may hide.
Box: TypeAlias = tuple[float, float, float]


def draw(report: RunReport) -> Drawing | None:
    """Return one chart a cost, of which one shows, or `None` without a trained network.

    Which one shows is a matter of radio buttons and style alone, without a script.
    """
    names = cost_names(report)
    if not names:
        return None
    name = sentence_case(metric_name(report.objective, report.task))
    title = f"{name} against cost: the line joins the models nothing beats on both"
    return Drawing(title, _choice(names) + join(_chart(report, n) for n in names))


def _choice(names: Sequence[str]) -> Markup:
    """Return the radio buttons; the style shows the chart of the one that is on."""
    buttons = (
        element(
            "label",
            element(
                "input",
                type="radio",
                name="cost",
                id=f"cost-{name}",
                value=name,
                checked="" if place == 0 else None,
            ),
            " " + COSTS[name][0],
        )
        for place, name in enumerate(names)
    )
    legend = element("legend", "Cost")
    return element("fieldset", legend, *buttons, class_="choice")


def _chart(report: RunReport, cost: str) -> Markup:
    every = comparable(report, cost)
    front = {row.trial for row in pareto_front(report, cost)}
    found = _shown(every, front)
    word, x_label = COSTS[cost]
    name = sentence_case(metric_name(report.objective, report.task))
    x = cost_scale([point[2] for point in found])
    y, outside = score_scale([point[1] for point in found], report.direction)
    written = axes(
        x,
        y,
        x_label=x_label,
        y_label=f"{name} (validation)",
        x_text=count if cost in COUNTED else "{:g}".format,
    )
    body = picture(
        f"{name} against {word}; the line joins the models nothing beats on both",
        WIDTH,
        HEIGHT,
        written,
        *_drawn(found, front, chosen_word(report), x, y),
    )
    edge = edge_note(report.direction, outside, y)
    notes = filter(None, (*_notes(report, every, found), edge))
    note = element("p", " ".join(notes), class_="soft")
    return element("div", body, note, class_=f"by by-{cost}")


def _shown(every: Sequence[Point], front: set[str]) -> list[Point]:
    """Return the points to draw: all, or the best ranked of very many and the named."""
    ranked = sorted(every, key=lambda point: point[0].rank or len(every))
    best = front | {point[0].trial for point in ranked[:MOST_DOTS]}
    return [
        point
        for point in every
        if point[0].trial in best or point[0].landmark or point[0].recommended
    ]


def _drawn(
    found: Sequence[Point], front: set[str], chosen: str, x: Scale, y: Scale
) -> Iterator[Markup]:
    """Yield marks, line and names; what matters lies on top."""
    line = sorted((x(cost), y.clamp(v)) for row, v, cost in found if row.trial in front)
    named = [point for point in found if point[0].landmark or point[0].recommended]

    def weight(point: Point) -> tuple[bool, bool, bool]:
        row = point[0]
        return row.recommended, row.landmark, row.trial in front

    yield element("polyline", points=points(line), class_="front")
    for point in sorted(found, key=weight):
        yield _mark(point, x, y, point[0].trial in front)
    marked = [point for point in found if any(weight(point))]
    yield from _labels(named, marked, chosen, x, y)


def _notes(
    report: RunReport, every: Sequence[Point], found: Sequence[Point]
) -> Iterator[str]:
    yield "Validation selects; the test score is quoted. Squares: landmark networks."
    if left := len(every) - len(found):
        yield f"{left} outside the best {MOST_DOTS} are left out."
    trained = sum(row.status in TRAINED for row in report.comparable)
    if missing := trained - len(every):
        yield f"{missing} without a figure are not drawn."
    if report.cross_validated:
        yield FOLDS_ONLY


def edge_note(direction: str, outside: int, y: Scale) -> str:
    """Return how many scores are not drawn where they lie; often nothing.

    Args:
        direction: `max` or `min`.
        outside: How many lie beyond the bad end of the scale.
        y: That scale; see `score_scale`.
    """
    if not outside:
        return ""
    edge, limit = ("below", y.low) if direction == "max" else ("above", y.high)
    return f"{outside} {edge} {score(limit)} are drawn at the edge."


def cost_scale(costs: Sequence[float]) -> Scale:
    """Return the logarithmic scale that holds the costs, with a margin."""
    low, high = min(costs), max(costs)
    margin = max((high / low) ** 0.05, 1.05) if high > low else 2.0
    return Scale(low / margin, high * margin, LEFT, WIDTH - RIGHT, log=True)


def score_scale(
    values: Sequence[float],
    direction: str,
    bottom: float = HEIGHT - BOTTOM,
    top: float = TOP,
) -> tuple[Scale, int]:
    """Return the scale and how many scores lie beyond its bad end.

    A few trials that learnt nothing would squeeze the rest into one line, so the bad
    end is at most four times as far from the best as the median is.
    """
    best = max(values) if direction == "max" else min(values)
    reach = 4 * abs(best - statistics.median(values)) or abs(best) * 0.05 or 0.01
    low, high = max(min(values), best - reach), min(max(values), best + reach)
    outside = sum(not low <= value <= high for value in values)
    margin = 0.06 * (high - low) or reach
    return Scale(low - margin, high + margin, bottom, top), outside


def _mark(item: Point, x: Scale, y: Scale, on_front: bool) -> Markup:
    row, value, cost = item
    at_x, at_y = x(cost), y.clamp(value)
    time = f"{figure(row.latency_ms)} ms" if row.latency_ms else "not timed"
    title = element(
        "title",
        f"#{row.trial} {row.architecture}: {score(value)} on validation, {time}, "
        f"{count(row.params)} params",
    )
    rank = "rec" if row.recommended else "best" if on_front else ""
    if row.landmark:
        kind = f"landmark {rank}".strip()
        box = {"x": at_x - 4, "y": at_y - 4, "width": 8, "height": 8}
        return element("rect", title, **box, class_=kind, data_t=row.trial)
    kind, size = f"dot {rank}".strip(), {"rec": 7, "best": 4.5, "": 3}[rank]
    return element(
        "circle", title, cx=at_x, cy=at_y, r=size, class_=kind, data_t=row.trial
    )


def _labels(
    items: Sequence[Point], marked: Sequence[Point], chosen: str, x: Scale, y: Scale
) -> Iterator[Markup]:
    """Yield names beside their marks, moved down where one would hide another.

    Args:
        items: The models to name.
        marked: Those whose marks must not be hidden.
        chosen: What the recommended trial is called.
        x: Scale of the costs.
        y: Scale of the scores.
    """
    taken = [
        (x(cost) - MARK_SIZE, x(cost) + MARK_SIZE, y.clamp(value) + 4)
        for _, value, cost in marked
    ]
    for row, value, cost in sorted(items, key=lambda item: y.clamp(item[1])):
        own = f"#{row.trial} {chosen}" if row.recommended else ""
        text = own or shorten(row.origin, 22)
        width, at_x, at_y = LETTER_WIDTH * len(text), x(cost), y.clamp(value) + 4
        leftward = at_x + 10 + width > WIDTH - RIGHT
        begin = at_x - 10 - width if leftward else at_x + 10
        at_y -= 8 if leftward else 0  # the line comes from the left
        at_y = _free_line(taken, begin, begin + width, at_y)
        taken.append((begin, begin + width, at_y))
        place = at_x - 10 if leftward else at_x + 10
        kind = ("name" if own else "label") + (" end" if leftward else "")
        yield element("text", text, x=place, y=at_y, class_=kind, data_t=row.trial)


def _free_line(taken: Sequence[Box], begin: float, end: float, at: float) -> float:
    """Return the base line nearest to `at` where a text hides nothing.

    It lies above the axis, where the ticks are, unless there is no room at all.
    """
    most = HEIGHT // LABEL_HEIGHT
    steps = sorted(range(-most, most + 1), key=lambda step: (abs(step), -step))
    lines = [at + LABEL_HEIGHT * step for step in steps]
    inside = [line for line in lines if TOP < line <= HEIGHT - BOTTOM]
    below = [at + LABEL_HEIGHT * step for step in range(len(taken) + 1)]
    return next(
        (ln for ln in (*inside, *below) if not overlaps(taken, begin, end, ln)), at
    )


def overlaps(taken: Sequence[Box], begin: float, end: float, at: float) -> bool:
    """Return whether a text would hide another, or a mark.

    Args:
        taken: Begin, end and base line of what is there.
        begin: Where the text begins.
        end: Where it ends.
        at: Its base line.
    """
    return any(
        begin < other_end and other_begin < end and abs(at - other_at) < LABEL_HEIGHT
        for other_begin, other_end, other_at in taken
    )
