"""Single samples as a person can look at them, with what a model looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from automl_reports.explanation import Panel, SampleView
from automl_reports.figures import shorten
from automl_reports.svg import Scale, element, picture, points

WIDTH, HEIGHT = 200, 90
#: Pictures up to so large are shown by their pixels.
_TINY = 48
_MARGIN = 4
_SHADES = 4
_LONGEST_NAME = 40


def gallery(samples: Iterable[tuple[SampleView, Markup]], *, key: str) -> Markup:
    """Return samples side by side, each over its caption.

    Args:
        samples: What to show, and the caption of each.
        key: Begins the identities of pictures; no other gallery of a page has it.
    """
    shown = list(samples)
    items = (
        element(
            "li",
            sample(view, f"{key}-{number}"),
            caption,
            title=shorten(view.name, _LONGEST_NAME),
        )
        for number, (view, caption) in enumerate(shown)
    )
    return element("ul", *items, class_=f"samples {_size(view for view, _ in shown)}")


def parts(views: Iterable[SampleView]) -> str:
    """Return what the pictures of one sample are, from left to right; often nothing."""
    labels = next(([p.label for p in view.panels] for view in views), [])
    if not any(labels):
        return ""
    order = ", from left to right" if len(labels) > 1 else ""
    return f"Of each sample{order}: {', '.join(labels)}."


def sample(view: SampleView, key: str) -> Markup:
    """Return one sample, and below it, where that is known, what was looked at."""
    name = shorten(view.name, _LONGEST_NAME)
    if view.panels:
        drawn = (_panel(p, name, f"{key}-{n}") for n, p in enumerate(view.panels))
        return element("div", *drawn, class_="panels")
    if view.lines:
        return _lines(view, name)
    return _words(view)


def _size(views: Iterable[SampleView]) -> str:
    first = next(iter(views), SampleView(""))
    if first.words or not (first.panels or first.lines):
        return "text"
    single = len(first.panels) == 1 and first.panels[0].width < 1.3 * _square(first)
    return "single" if single else "broad"


def _square(view: SampleView) -> int:
    return view.panels[0].height


def _panel(panel: Panel, name: str, key: str) -> Markup:
    """Return a picture, and the same with what was looked at below it."""
    width, height = panel.width, panel.height
    label = f"{name}, {panel.label}" if panel.label else name
    tiny = max(width, height) <= _TINY
    kind = "pixels" if tiny else None
    size = {"width": width, "height": height, "preserveAspectRatio": "none"}
    if not panel.heat:
        shown = element("image", href=panel.picture, **size, class_=kind)
        return picture(label, width, height, shown)
    top = height + max(1.0, height / 24)
    # The picture is held once, and used again under what was looked at.
    return picture(
        f"{label}; below it with what was looked at",
        width,
        top + height,
        element("image", href=panel.picture, id=key, **size, class_=kind),
        element("use", href=f"#{key}", y=top),
        element("image", href=panel.heat, y=top, **size),
    )


def _lines(view: SampleView, name: str) -> Markup:
    """Return the channels of a series over a band of what was looked at."""
    values = [v for line in view.lines for v in line if v is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = (high - low) * 0.05 or 1.0
    y = Scale(low - margin, high + margin, HEIGHT - _MARGIN, _MARGIN)
    looked = "; shaded: what was looked at" if view.heat else ""
    return picture(
        f"{name}: {len(view.lines)} channels of {len(view.lines[0])} steps drawn, "
        f"from {low:.3g} to {high:.3g}{looked}",
        WIDTH,
        HEIGHT,
        element("rect", width=WIDTH, height=HEIGHT, class_="sample-frame"),
        *_bands(view.heat),
        *(
            element("polyline", points=points(piece), class_=f"sample-line l{number}")
            for number, line in enumerate(view.lines)
            for piece in _pieces(line, y)
        ),
    )


def _bands(heat: Sequence[float]) -> Iterable[Markup]:
    width = WIDTH / max(1, len(heat))
    for place, strength in enumerate(heat):
        if strength >= 0.05:
            yield element(
                "rect",
                x=place * width,
                width=width + 0.2,
                height=HEIGHT,
                fill_opacity=round(0.75 * strength, 2),
                class_="look",
            )


def _pieces(
    line: Sequence[float | None], y: Scale
) -> Iterable[list[tuple[float, float]]]:
    """Yield the stretches of a line between missing values."""
    x = Scale(0, max(1, len(line) - 1), _MARGIN, WIDTH - _MARGIN)
    piece: list[tuple[float, float]] = []
    for place, value in enumerate(line):
        if value is not None:
            piece.append((x(place), y(value)))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _words(view: SampleView) -> Markup:
    heat = view.heat or (0.0,) * len(view.words)
    spans: list[Markup | str] = []
    for word, strength in zip(view.words, heat, strict=True):
        level = min(_SHADES, int(strength * (_SHADES + 1)))
        text = shorten(word, _LONGEST_NAME)
        spans += [element("span", text, class_=f"w{level}") if level else text, " "]
    return element("p", *spans, class_="words")
