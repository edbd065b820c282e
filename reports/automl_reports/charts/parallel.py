"""Parallel coordinates: one line a trial, one axis a choice; axes can be brushed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.cross_validation import ONE_SPLIT
from automl_reports.dimensions import Dimension, dimensions, share
from automl_reports.figures import count, figure, is_number, score, shorten
from automl_reports.leaderboard import ordered
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import Scale, element, picture

WIDTH, HEIGHT = 1200, 330
LEFT, RIGHT, TOP, BOTTOM = 84, 36, 34, 30
UNUSED_BELOW = 20
TONES = 5
MOST_LINES = 200
HIT_WIDTH = 36
FEW_VALUES = 6


def draw(report: RunReport) -> Drawing | None:
    """Return the chart, or `None` while there is nothing to compare."""
    found = dimensions(report)
    if len(found) < 2:
        return None
    step = (WIDTH - LEFT - RIGHT) / (len(found) - 1)
    places = [LEFT + step * place for place in range(len(found))]
    rows = [
        (place, row)
        for place, row in enumerate(ordered(report.trials))
        if is_number(row.search_score)
    ]
    title = "One line a trial, from choices to score: stronger lines rank higher"
    body = picture(
        title,
        WIDTH,
        HEIGHT,
        # The best is drawn last, so that it lies on top.
        *(
            _line(row, p, found, places, min(len(rows), MOST_LINES))
            for p, row in rows[:MOST_LINES][::-1]
        ),
        *(
            _axis(n, d, at, step)
            for n, (d, at) in enumerate(zip(found, places, strict=True))
        ),
    )
    frame = element(
        "div", body, class_="scroll parallel", tabindex=0, role="region",
        aria_label="Parallel coordinates",
    )  # fmt: skip
    note = _note(report, found, len(rows))
    return Drawing(title, frame + _ranges(found), note, wide=True)


def _line(
    row: TrialRow,
    place: int,
    found: Sequence[Dimension],
    places: Sequence[float],
    total: int,
) -> Markup:
    steps = (
        f"{at:.0f} {_height(dimension, dimension.values[place]):.0f}"
        for dimension, at in zip(found, places, strict=True)
    )
    tone = min(TONES - 1, TONES * place // max(1, total))
    title = element("title", f"#{row.trial} {score(row.search_score)}")
    return element(
        "path", title, d="M" + "L".join(steps), class_=f"line t{tone}", data_t=row.trial
    )


def _height(dimension: Dimension, value: float | None) -> float:
    """Return the height of a value; what a trial does not have lies below the axis."""
    if value is None:
        return HEIGHT - BOTTOM + UNUSED_BELOW
    scale = Scale(0, 1, HEIGHT - BOTTOM, TOP)
    return scale(share(dimension, value))


def _axis(number: int, dimension: Dimension, at: float, step: float) -> Markup:
    letters = max(6, int(step / 7))
    before = letters if number else min(letters, LEFT // 9)  # none is cut off
    title = element(
        "text", shorten(dimension.name, letters), x=at, y=16, class_="axis mid"
    )
    line = element("line", x1=at, x2=at, y1=TOP, y2=HEIGHT - BOTTOM, class_="rail")
    hit = element(
        "rect",
        x=at - HIT_WIDTH / 2,
        y=TOP - 6,
        width=HIT_WIDTH,
        height=HEIGHT - TOP - BOTTOM + 12,
        class_="hit",
    )
    return element(
        "g", title, line, *_ticks(dimension, at, before), hit, data_axis=number
    )


def _ticks(dimension: Dimension, at: float, letters: int) -> Iterator[Markup]:
    if dimension.categories:
        for place, name in enumerate(dimension.categories):
            yield _tick(shorten(name, letters), at, _height(dimension, place))
        return
    scale = Scale(dimension.low, dimension.high, 0, 1, log=dimension.log)
    write = count if dimension.high >= 10_000 else "{:.3g}".format
    values = sorted({value for value in dimension.values if value is not None})
    for value in values if len(values) <= FEW_VALUES else scale.ticks(4):
        yield _tick(write(value), at, _height(dimension, value))
    if dimension.gaps:
        yield _tick("not used", at, HEIGHT - BOTTOM + UNUSED_BELOW)


def _tick(text: str, at: float, height: float) -> Markup:
    return element("text", text, x=at - 5, y=height + 4, class_="label tick end")


def _ranges(found: Sequence[Dimension]) -> Markup:
    """Return the same ranges as fields to type in; dragging writes into them."""
    fields = (
        element(
            "fieldset",
            element("legend", dimension.name),
            *(
                _boxes(number, dimension)
                if dimension.categories
                else _limits(number, dimension)
            ),
        )
        for number, dimension in enumerate(found)
    )
    summary = element("summary", "Ranges: drag along an axis, or type here")
    return element(
        "details", summary, element("div", *fields, class_="ranges"), class_="js plain"
    )


def _limits(number: int, dimension: Dimension) -> Iterator[Markup]:
    for end, value in (("min", dimension.low), ("max", dimension.high)):
        field = element(
            "input",
            type="number",
            step="any",
            placeholder=figure(value),
            aria_label=f"{end} {dimension.name}",
            data_axis=number,
            data_end=end,
        )
        yield element("label", f"{end} ", field)


def _boxes(number: int, dimension: Dimension) -> Iterator[Markup]:
    for place, name in enumerate(dimension.categories):
        box = element(
            "input", type="checkbox", checked="", value=place, data_axis=number
        )
        yield element("label", box, f" {shorten(name, 24)}")


def _note(report: RunReport, found: Sequence[Dimension], drawn: int) -> str:
    notes = [
        "Filters keep what lies in every range; the leaderboard and charts follow."
    ]
    if report.cross_validated:
        notes.append(ONE_SPLIT)
    if drawn > MOST_LINES:
        notes.append(
            f"{drawn - MOST_LINES} outside the best {MOST_LINES} are left out."
        )
    if any(dimension.log for dimension in found):
        names = ", ".join(dimension.name for dimension in found if dimension.log)
        notes.append(f"On a logarithmic scale: {names}.")
    return " ".join(notes)


def axis_data(report: RunReport) -> list[dict[str, object]]:
    """Return the axes as the script reads them: scale and one value a row."""
    return [
        {
            "low": float(f"{dimension.low:.6g}"),
            "high": float(f"{dimension.high:.6g}"),
            "log": dimension.log,
            "size": len(dimension.categories),
            "values": [_short(value) for value in dimension.values],
        }
        for dimension in dimensions(report)
    ]


def _short(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value
