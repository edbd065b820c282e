"""What each worker did when, and how long it was idle."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.progress import time_unit
from automl_reports.figures import duration, is_number
from automl_reports.recommendation import chosen_word
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import Scale, element, picture

WIDTH, LANE, TOP, BOTTOM = 1160, 30, 4, 44
LEFT, RIGHT = 190, 12

KINDS = {
    "completed": "completed",
    "rec": "recommended",
    "failed": "failed",
    "stopped": "stopped early",
    "running": "running",
}

Span: TypeAlias = tuple[float, float, TrialRow]


def draw(report: RunReport) -> Drawing | None:
    """Return one lane a worker, or `None` while nothing is known of any."""
    found = spans_by_worker(report)
    if not found:
        return None
    lanes = _idle(report.workers) | found
    unit, label = time_unit(report.seconds)
    ends = [end for spans in lanes.values() for _, end, _ in spans]
    end = max(report.seconds, *ends)
    x = Scale(0, end or 1.0, LEFT, WIDTH - RIGHT)
    bottom = TOP + LANE * len(lanes)
    title = "What each worker did; gaps are idle time"
    body = picture(
        title,
        WIDTH,
        bottom + BOTTOM,
        *(
            part
            for place, (worker, spans) in enumerate(sorted(lanes.items()))
            for part in _lane(place, worker, spans, x)
        ),
        *_time_axis(x, bottom, unit, label),
    )
    frame = element(
        "div", body, class_="scroll lanes", tabindex=0, role="region",
        aria_label="Time line of the workers",
    )  # fmt: skip
    drawn = {_kind(row) for spans in lanes.values() for *_, row in spans}
    kinds = KINDS | {"rec": chosen_word(report)}
    return Drawing(
        title, frame + _legend(drawn, kinds), _note(report, lanes, end), wide=True
    )


def spans_by_worker(report: RunReport) -> dict[int, list[Span]]:
    """Return what each worker that ran something ran, in order of time."""
    lanes: dict[int, list[Span]] = {}
    for row in report.trials:
        for worker, begin, end in row.spans or _whole(row):
            lanes.setdefault(worker, []).append((begin, end, row))
    return {
        worker: sorted(spans, key=lambda span: span[:2])
        for worker, spans in lanes.items()
    }


def _idle(workers: int) -> dict[int, list[Span]]:
    """Return the lanes of workers that ran nothing: they too are idle time."""
    return {worker: [] for worker in range(workers)}


def busy_seconds(spans: Sequence[Span]) -> float:
    """Return how long at least one of the spans lasted, overlaps counted once."""
    busy, reached = 0.0, 0.0
    for begin, end, _ in spans:
        busy += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return busy


def _whole(row: TrialRow) -> Iterator[tuple[int, float, float]]:
    ends = row.started_seconds, row.ended_seconds
    if row.worker is not None and is_number(ends[0]) and is_number(ends[1]):
        yield row.worker, ends[0], ends[1]


def _lane(place: int, worker: int, spans: Sequence[Span], x: Scale) -> Iterator[Markup]:
    y = TOP + LANE * place
    idle = 1 - busy_seconds(spans) / x.high
    yield element(
        "text",
        f"worker {worker}, idle {100 * max(0.0, idle):.0f} %",
        x=LEFT - 8,
        y=y + LANE / 2 + 2,
        class_="axis end",
    )
    size = {"y": y, "height": LANE - 6}
    yield element("rect", x=LEFT, width=x.end - LEFT, **size, class_="idle")
    for begin, end, row in spans:
        told = f"#{row.trial} {row.status}, {duration(end - begin)}"
        yield element(
            "rect",
            element("title", told),
            x=x(begin),
            width=max(1.0, x(end) - x(begin) - 0.5),
            **size,
            class_=f"span-{_kind(row)}",
            data_t=row.trial,
        )


def _kind(row: TrialRow) -> str:
    return "rec" if row.recommended else row.status


def _legend(drawn: Collection[str], kinds: Mapping[str, str]) -> Markup:
    """Return what the colours mean, of those that are there."""
    words = {name: words for name, words in kinds.items() if name in drawn}
    entries = (
        element("li", element("i", class_=f"key span-{name}"), text)
        for name, text in words.items()
    )
    idle = element("li", element("i", class_="key idle"), "idle")
    return element("ul", *entries, idle, class_="legend row")


def _time_axis(x: Scale, bottom: float, unit: int, label: str) -> Iterator[Markup]:
    for value in Scale(0, x.high / unit, x.start, x.end).ticks(10):
        at = x(value * unit)
        yield element("text", f"{value:g}", x=at, y=bottom + 14, class_="tick mid")
    middle = (x.start + x.end) / 2
    text = f"{label} since the start"
    yield element("text", text, x=middle, y=bottom + 34, class_="axis mid")


def _note(report: RunReport, lanes: dict[int, list[Span]], end: float) -> str:
    """Return the colours, and what share of all workers' time was idle."""
    total = end * len(lanes)
    busy = sum(map(busy_seconds, lanes.values()))
    idle = 100 * max(0.0, 1 - busy / total) if total else 0.0
    known = all(row.spans for row in report.trials if row.worker is not None)
    missing = " Of some trials only the first start and the last end are known."
    return (
        f"All workers together were idle for {idle:.0f} % of the time, preparation of "
        f"the data, judgement and export included.{missing * (not known)}"
    )
