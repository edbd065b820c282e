"""How much each hyperparameter tells of the score, against the line of noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.figures import figure, shorten
from automl_reports.importance import Importance
from automl_reports.rows import RunReport
from automl_reports.svg import Scale, element, picture

WIDTH, ROW_HEIGHT, TOP = 560, 24, 8
LEFT, RIGHT = 170, 60
MOST_BARS = 10


def draw(report: RunReport) -> Drawing | None:
    """Return the bars, a reason why there are none, or `None` while it is unknown."""
    found = report.importance
    if found is None:
        return None
    title = "Hyperparameter importance: what lies right of the dashed line is evidence"
    if found.hidden:
        plain = "Hyperparameter importance: too little is known to say"
        return Drawing(plain, element("p", found.hidden))
    bars = [drop for drop in found.drops if drop[1] > found.noise][:MOST_BARS]
    return Drawing(title, _picture(title, bars, found.noise), _note(found, len(bars)))


def _picture(
    title: str, bars: Sequence[tuple[str, float, float]], noise: float
) -> Markup:
    widest = max(drop + spread for _, drop, spread in bars)
    scale = Scale(0, max(widest, noise) * 1.02 or 1.0, LEFT, WIDTH - RIGHT)
    height = 2 * TOP + ROW_HEIGHT * len(bars)
    at = scale(noise)
    return picture(
        title,
        WIDTH,
        height,
        *(part for n, bar in enumerate(bars) for part in _bar(n, bar, scale)),
        element("line", x1=at, x2=at, y1=0, y2=height, class_="right"),
    )


def _bar(place: int, bar: tuple[str, float, float], scale: Scale) -> Iterator[Markup]:
    name, drop, spread = bar
    y = TOP + ROW_HEIGHT * place
    middle = y + ROW_HEIGHT / 2
    full = element("title", name)
    yield element(
        "text", full, shorten(name, 24), x=LEFT - 8, y=middle + 4, class_="axis end"
    )
    yield element(
        "rect", x=LEFT, y=y + 4, width=scale(drop) - LEFT, height=ROW_HEIGHT - 8,
        class_="bar",
    )  # fmt: skip
    ends = scale.clamp(drop - spread), scale.clamp(drop + spread)
    yield element("path", d=f"M{ends[0]:.1f} {middle}H{ends[1]:.1f}", class_="whisker")
    yield element("text", figure(drop), x=WIDTH - RIGHT + 6, y=middle + 4)


def _note(found: Importance, shown: int) -> str:
    below = [name for name, drop, _ in found.drops if drop <= found.noise]
    when = f" after {found.epochs} epochs" if found.epochs else ""
    r2 = "R\N{SUPERSCRIPT TWO}"
    notes = [
        f"Loss of {r2} on held-out trials when the values of one are shuffled; learned "
        f"from the ranks of {found.num_trials} trials{when}, of which it explains "
        f"{r2} = {figure(found.r2)}. The dashed line is the most that a shuffled copy "
        "reached."
    ]
    if below:
        names = ", ".join(shorten(name, 24) for name in below[:20])
        notes.append(f"No evidence for: {names}{' and others' * (len(below) > 20)}.")
    if (found.r2 or 0) < 0.3:
        notes.append("Take the order as a hint only.")
    return " ".join(notes)
