"""What every chart hands to the page."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Drawing:
    """One chart or table of the page.

    Attributes:
        title: What it shows and how to read it, in one sentence.
        body: Safe markup: an SVG picture or a table.
        note: What is not drawn, cut off or unsure; empty when nothing is.
        wide: Whether it needs the whole width of the page.
    """

    title: str
    body: Markup
    note: str = ""
    wide: bool = False
