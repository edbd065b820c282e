"""Tables of charts: a head, rows, and a frame that scrolls by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from automl_reports.figures import shorten
from automl_reports.svg import element

LONGEST_NAME = 40
SHORT_NAME = 18  # never takes a second line


def scrolling_table(
    label: str, heads: Iterable[str], rows: Iterable[Markup], *, kind: str = ""
) -> Markup:
    """Return a table in a frame that keyboards can reach and scroll.

    Args:
        label: What a screen reader calls it.
        heads: Column titles, plain text or markup of whole `th` elements.
        rows: Markup of whole `tr` elements.
        kind: Further classes of the frame and the table.
    """
    cells = (
        head if isinstance(head, Markup) else element("th", head, scope="col")
        for head in heads
    )
    table = element(
        "table", element("thead", element("tr", *cells)), element("tbody", *rows)
    )
    return element(
        "div",
        table,
        class_=f"scroll {kind}".strip(),
        tabindex=0,
        role="region",
        aria_label=label,
    )


def name_cell(name: str, *, limit: int = LONGEST_NAME, mark: str = "") -> Markup:
    """Return the row's own head; the whole of a long name is its tooltip.

    Args:
        name: What the row is about.
        limit: Most letters of it to show.
        mark: What is never cut off, for example ` (recommended)`.
    """
    text = shorten(name, limit) + mark
    return element(
        "th",
        text,
        scope="row",
        title=name if len(name) > limit else None,
        class_="short" if len(text) <= SHORT_NAME else None,
    )


def mark_of(tags: Sequence[str]) -> str:
    """Return what a model is tagged with, as the `mark` of its `name_cell`.

    Example:
        >>> mark_of(["recommended"]), mark_of([])
        (' (recommended)', '')
    """
    return f" ({', '.join(tags)})" if tags else ""


def number_heads(*names: str) -> list[Markup]:
    """Return the heads of right-aligned columns."""
    return [element("th", name, scope="col", class_="n") for name in names]


def number_cell(text: str) -> Markup:
    """Return a right-aligned cell."""
    return element("td", text, class_="n")
