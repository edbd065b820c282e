"""Where the boxes and arrows of a network's drawing lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automl_reports.architecture_boxes import Box

BOX_WIDTH, BOX_HEIGHT = 284, 40
ROW_GAP, COLUMN_GAP = 22, 16
MARGIN, TOP = 36, 8
_LANE, _HEAD, _BEND = 12, 6, 6


@dataclass(frozen=True)
class Layout:
    """A drawing without its marks.

    Attributes:
        corners: Left and top of every box.
        arrows: Every arrow's line and head, as data of SVG paths.
        width: Of the whole drawing.
        height: Of the whole drawing.
    """

    corners: tuple[tuple[float, float], ...]
    arrows: tuple[tuple[str, str], ...]
    width: float
    height: float


def layout(found: Sequence[Box]) -> Layout:
    """Return the layout: a row is as far from the input as the longest way leads.

    Arrows to the next row go straight; those that skip rows go round at the right.
    """
    ranks = _ranks(found)
    rows = _rows(found, ranks)
    widest = max(len(row) for row in rows)
    inner = widest * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP
    corners = _corners(rows, inner)
    edges = [(s, i) for i, box in enumerate(found) for s in box.inputs]
    lanes = _lanes(edges, ranks)
    rights = [max(corners[i][0] for i in row) + BOX_WIDTH for row in rows]
    arrows = []
    for source, target in edges:
        if ranks[target] - ranks[source] == 1:
            arrows.append(_straight(corners[source], corners[target]))
        else:
            between = rights[ranks[source] : ranks[target] + 1]
            side = max(between) + _LANE * (1 + lanes[source, target])
            arrows.append(_round(corners[source], corners[target], side))
    room = _LANE * (2 + max(lanes.values(), default=-1))
    height = len(rows) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * TOP
    ordered = tuple(corners[i] for i in range(len(found)))
    return Layout(ordered, tuple(arrows), inner + room + 2 * MARGIN, height)


def _ranks(found: Sequence[Box]) -> list[int]:
    """Return the length of the longest way from an input to each box."""
    ranks: list[int] = []
    for box in found:
        ranks.append(max((ranks[s] + 1 for s in box.inputs), default=0))
    return ranks


def _rows(found: Sequence[Box], ranks: Sequence[int]) -> list[list[int]]:
    """Return the boxes of each row, each near the middle of those it comes from."""
    rows: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for place, rank in enumerate(ranks):
        rows[rank].append(place)
    middle: dict[int, float] = {}
    for row in rows:

        def wanted(place: int) -> float:
            before = [middle[s] for s in found[place].inputs]
            return sum(before) / len(before) if before else 0.0

        # The longest branch comes first, so that what skips rows starts at the right.
        row.sort(key=lambda place: (wanted(place), _next_rank(place, found, ranks)))
        for column, place in enumerate(row):
            middle[place] = column - (len(row) - 1) / 2
    return rows


def _next_rank(place: int, found: Sequence[Box], ranks: Sequence[int]) -> int:
    return max((ranks[i] for i, b in enumerate(found) if place in b.inputs), default=0)


def _corners(
    rows: Sequence[Sequence[int]], inner: float
) -> dict[int, tuple[float, float]]:
    corners = {}
    for rank, row in enumerate(rows):
        width = len(row) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP
        left = MARGIN + (inner - width) / 2
        top = TOP + rank * (BOX_HEIGHT + ROW_GAP)
        for column, place in enumerate(row):
            corners[place] = (left + column * (BOX_WIDTH + COLUMN_GAP), float(top))
    return corners


def _lanes(
    edges: Sequence[tuple[int, int]], ranks: Sequence[int]
) -> Mapping[tuple[int, int], int]:
    """Return the lane of each arrow that skips rows, short ones innermost."""
    skips = [e for e in edges if ranks[e[1]] - ranks[e[0]] > 1]
    skips.sort(key=lambda edge: ranks[edge[1]] - ranks[edge[0]])
    taken: list[list[tuple[int, int]]] = []
    lanes = {}
    for source, target in skips:
        span = ranks[source], ranks[target]
        lane = next((n for n, used in enumerate(taken) if _free(span, used)), None)
        if lane is None:
            lane = len(taken)
            taken.append([])
        taken[lane].append(span)
        lanes[source, target] = lane
    return lanes


def _free(span: tuple[int, int], used: Sequence[tuple[int, int]]) -> bool:
    return all(span[1] <= start or end <= span[0] for start, end in used)


def _straight(
    source: tuple[float, float], target: tuple[float, float]
) -> tuple[str, str]:
    """Return an arrow from the foot of one box to the top of another."""
    x, y = source[0] + BOX_WIDTH / 2, source[1] + BOX_HEIGHT
    to_x, to_y = target[0] + BOX_WIDTH / 2, target[1] - _HEAD
    across, down = to_x - x, to_y - y
    line = f"M{x:g} {y:g}c0 {down / 2:g} {across:g} {down / 2:g} {across:g} {down:g}"
    return line, f"M{to_x - _HEAD / 2:g} {to_y:g}h{_HEAD}l-{_HEAD / 2:g} {_HEAD}z"


def _round(
    source: tuple[float, float], target: tuple[float, float], side: float
) -> tuple[str, str]:
    """Return an arrow from the right side of one box, past others, to another's."""
    x, y = source[0] + BOX_WIDTH, source[1] + BOX_HEIGHT * 0.7
    to_x, to_y = target[0] + BOX_WIDTH + _HEAD, target[1] + BOX_HEIGHT * 0.3
    line = (
        f"M{x:g} {y:g}H{side - _BEND:g}q{_BEND} 0 {_BEND} {_BEND}"
        f"V{to_y - _BEND:g}q0 {_BEND} -{_BEND} {_BEND}H{to_x:g}"
    )
    return line, f"M{to_x:g} {to_y - _HEAD / 2:g}v{_HEAD}l-{_HEAD} -{_HEAD / 2:g}z"
