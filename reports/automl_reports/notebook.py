"""A run as a notebook shows it: the verdict, and the best of the leaderboard."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from automl_reports import verdict
from automl_reports.figures import count, figure, metric_name, score, shorten
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
    return str(join([head, *sentences, _table(report, rows[:MOST_ROWS]), more]))


def _table(report: RunReport, rows: Iterable[TrialRow]) -> Markup:
    name = metric_name(report.objective, report.task)
    heads = ["rank", "trial", "architecture", f"test {name}", f"val. {name}"]
    heads += ["params", "MACs", "p50 ms", "epochs", "status"]
    cells = (element("th", head, scope="col") for head in heads)
    return element(
        "table",
        element("thead", element("tr", *cells)),
        element("tbody", *(_row(row) for row in rows)),
    )


def _row(row: TrialRow) -> Markup:
    mark = " (recommended)" if row.recommended else " (tied)" if row.tied else ""
    texts = (
        str(row.rank or ""),
        row.trial,
        shorten(row.architecture, 60) + mark,
        score(row.test_score),
        score(row.val_score),
        count(row.params),
        count(row.macs),
        figure(row.latency_ms),
        str(row.epochs),
        f"{row.status}: {row.reason}" if row.reason else row.status,
    )
    return element("tr", *(element("td", text) for text in texts))
