"""A run as a notebook shows it: the verdict, and the best of the leaderboard."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from automl_reports import summary_table, verdict
from automl_reports.leaderboard import ordered
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import element, join

MOST_ROWS = 20


def leaderboard_html(report: RunReport) -> str:
    """Return a fragment of HTML without scripts and styles, every text escaped."""
    card = verdict.card(report)
    sentences = (element("p", text) for text in (card.state, *card.sentences) if text)
    head = element("p", element("b", f"{card.kicker}: {card.headline}"))
    rows = ordered(report.trials)
    left = len(rows) - MOST_ROWS
    more = element("p", f"{left} more trials.") if left > 0 else Markup("")
    note = element("p", summary_table.note(report)) if rows else Markup("")
    parts = [head, *sentences, _table(report, rows[:MOST_ROWS]), note, more]
    return str(join(parts))


def _table(report: RunReport, rows: Sequence[TrialRow]) -> Markup:
    heads = (element("th", head, scope="col") for head in summary_table.heads(report))
    lines = (
        element("tr", *(element("td", text) for text in texts))
        for texts in summary_table.table(report, rows)
    )
    return element(
        "table", element("thead", element("tr", *heads)), element("tbody", *lines)
    )
