"""Learning curves: the best in colour, the rest in grey."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.cross_validation import ONE_SPLIT
from automl_reports.figures import (
    figure,
    is_number,
    metric_name,
    score,
    sentence_case,
    shorten,
)
from automl_reports.leaderboard import ordered
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import Scale, axes, element, picture, points
from automl_reports.table import PAGED_ABOVE

WIDTH, HEIGHT = 560, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 12, 12, 44
COLOURED = 5
DRAWN_OF_MANY = 50
MOST_POINTS = 60

Scales: TypeAlias = tuple[Scale, Scale]


def draw(report: RunReport) -> Drawing | None:
    """Return the chart, or `None` while no trial has ended an epoch."""
    rows = chosen(report)
    objective = report.objective
    curves = {row.trial: curve(row.history, objective) for row in rows}
    drawn = [row for row in rows if curves[row.trial]]
    if not drawn:
        return None
    scales = _scales([pair for pairs in curves.values() for pair in pairs], report)
    name, best = metric_name(objective, report.task), drawn[:COLOURED]
    name = sentence_case(name)
    title = (
        f"{name} by epoch: the best {len(best)} in colour (solid: validation, "
        "dashed: training), a cross ends a failed trial"
    )
    body = picture(
        title,
        WIDTH,
        HEIGHT,
        axes(*scales, x_label="Epoch", y_label=name, x_text=_whole),
        *_rungs(report.rungs, scales),
        *(_line(r, curves[r.trial], scales, kind="rest") for r in drawn[COLOURED:]),
        *(_training(r, objective, scales, place=n) for n, r in enumerate(best)),
        *(_line(r, curves[r.trial], scales, kind=f"c{n}") for n, r in enumerate(best)),
        *(_cross(r, curves[r.trial], scales) for r in drawn),
    )
    return Drawing(title, body + _legend(best), _note(report, rows, drawn, scales[1]))


def chosen(report: RunReport) -> list[TrialRow]:
    """Return the trials to draw: all, or the best 50 and the failed of very many."""
    rows = ordered(report.trials)
    if len(rows) <= PAGED_ABOVE:
        return rows
    return rows[:DRAWN_OF_MANY] + [
        row for row in rows[DRAWN_OF_MANY:] if row.status == "failed"
    ]


def curve(
    history: Sequence[Mapping[str, float]], key: str
) -> list[tuple[float, float]]:
    """Return `(epoch, value)` pairs of one curve, thinned, without NaN."""
    pairs = [
        (float(epoch.get("epoch", place)), float(epoch[key]))
        for place, epoch in enumerate(history, start=1)
        if is_number(epoch.get(key))
    ]
    every = math.ceil(len(pairs) / MOST_POINTS)
    return pairs[:-1:every] + pairs[-1:] if pairs else []


def _scales(pairs: Sequence[tuple[float, float]], report: RunReport) -> Scales:
    """Return both scales; the worst tenth of the values may lie outside."""
    epochs = [epoch for epoch, _ in pairs]
    values = sorted(value for _, value in pairs)
    low, high = values[0], values[-1]
    if report.direction == "max":
        low = values[len(values) // 10]
    else:
        high = values[-1 - len(values) // 10]
    margin = 0.04 * (high - low) or abs(high) * 0.05 or 0.01
    first, last = min(epochs), max(epochs)
    x = Scale(first, last if last > first else first + 1, LEFT, WIDTH - RIGHT)
    return x, Scale(low - margin, high + margin, HEIGHT - BOTTOM, TOP)


def _whole(epoch: float) -> str:
    """Return an epoch; there is nothing between two of them to write."""
    return f"{epoch:g}" if epoch == int(epoch) else ""


def _rungs(epochs: Sequence[int], scales: Scales) -> Iterator[Markup]:
    """Yield a line where the strategy decides which trainings go on."""
    x, y = scales
    for epoch in epochs:
        if not x.low < epoch < x.high:
            continue
        at = x(epoch)
        yield element("line", x1=at, x2=at, y1=y.end, y2=y.start, class_="rung")
        yield element("text", "rung", x=at + 4, y=y.start - 6)


def _inside(
    pairs: Sequence[tuple[float, float]], scales: Scales
) -> Iterator[tuple[float, float]]:
    x, y = scales
    return ((x(epoch), y.clamp(value)) for epoch, value in pairs)


def _line(
    row: TrialRow, pairs: Sequence[tuple[float, float]], scales: Scales, *, kind: str
) -> Markup:
    told = f"#{row.trial} {row.architecture}: {score(row.search_score)}"
    title = element("title", told)
    drawn = list(_inside(pairs, scales))
    if len(drawn) == 1:
        (at_x, at_y), radius = drawn[0], 2.5
        return element(
            "circle", title, cx=at_x, cy=at_y, r=radius,
            class_=f"point {kind}", data_t=row.trial,
        )  # fmt: skip
    return element(
        "polyline",
        title,
        points=points(drawn),
        class_=f"curve {kind}",
        data_t=row.trial,
    )


def _training(row: TrialRow, objective: str, scales: Scales, *, place: int) -> Markup:
    pairs = curve(row.history, objective.removeprefix("val_"))
    if len(pairs) < 2 or not objective.startswith("val_"):
        return Markup("")
    return element(
        "polyline",
        points=points(_inside(pairs, scales)),
        class_=f"curve dashed c{place}",
        data_t=row.trial,
    )


def _cross(
    row: TrialRow, pairs: Sequence[tuple[float, float]], scales: Scales
) -> Markup:
    if row.status != "failed" or not pairs:
        return Markup("")
    x, y = scales
    at_x, at_y = x(pairs[-1][0]), y.clamp(pairs[-1][1])
    arms = f"M{at_x - 4:.1f} {at_y - 4:.1f}l8 8M{at_x - 4:.1f} {at_y + 4:.1f}l8 -8"
    title = element("title", f"#{row.trial} failed: {row.reason}")
    return element("path", title, d=arms, class_="cross", data_t=row.trial)


def _legend(best: Sequence[TrialRow]) -> Markup:
    entries = (
        element(
            "li",
            element("i", class_=f"key c{place}"),
            f"#{row.trial} {shorten(row.architecture, 40)}, "
            f"best {score(row.search_score)}",
            data_t=row.trial,
        )
        for place, row in enumerate(best)
    )
    return element("ul", *entries, class_="legend")


def _note(
    report: RunReport, rows: Sequence[TrialRow], drawn: Sequence[TrialRow], y: Scale
) -> str:
    notes = [ONE_SPLIT] if report.cross_validated else []
    if left := len(report.trials) - len(rows):
        notes.append(f"{left} trials outside the best {DRAWN_OF_MANY} are left out.")
    if empty := len(rows) - len(drawn):
        notes.append(f"{empty} without a finished epoch have no curve.")
    end, edge = (y.low, "below") if report.direction == "max" else (y.high, "above")
    notes.append(f"What lies {edge} {figure(end)} is drawn at the edge.")
    return " ".join(notes)
