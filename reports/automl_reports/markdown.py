"""`leaderboard.md`: the report as a forge shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from automl_reports import summary_table, verdict
from automl_reports.figures import count, shorten
from automl_reports.leaderboard import ordered, statuses
from automl_reports.macs import macs_words
from automl_reports.rows import RunReport
from automl_reports.subject import preparation

MOST_ROWS = 50
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$@&!])")


def render(report: RunReport) -> str:
    """Return the page: verdict, leaderboard, what went wrong, how to do it again."""
    parts = (
        _head(report),
        _leaderboard(report),
        _unranked(report),
        _data(report),
        _reproduce(report),
    )
    lines = [line for part in parts for line in part]
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    r"""Return text on one line that no forge takes for markup or for a mention.

    Example:
        >>> escaped("a|b\n<img> *c*")
        'a\\|b \\<img\\> \\*c\\*'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> list[str]:
    """Return a block of code that its own text cannot end."""
    ticks = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    return [fence, text, fence, ""]


def _head(report: RunReport) -> Iterator[str]:
    card = verdict.card(report)
    yield from (f"# {escaped(card.title)}", "", escaped(card.subtitle), "")
    if card.state:
        yield from (f"> {escaped(card.state)}", "")
    yield from (f"**{escaped(card.kicker)}: {escaped(card.headline)}**", "")
    yield from (escaped(sentence) for sentence in card.sentences)
    if card.row:
        told = [f"{name}: {text}" for name, text in card.latencies]
        told += [
            f"parameters: {count(card.row.params)}",
            f"MACs: {macs_words(card.row)}",
            ": ".join(card.size),
        ]
        yield from ("", escaped("; ".join(told) + "."))
    yield from (escaped(sentence) for sentence in card.comparisons)
    yield ""
    if report.commands:
        yield from code("\n".join(report.commands))
    yield from (f"* Warning: {escaped(warning)}" for warning in report.warnings)
    yield ""


def _leaderboard(report: RunReport) -> Iterator[str]:
    rows = [row for row in ordered(report.trials) if row.rank is not None]
    if not rows:
        return
    yield from ("## Leaderboard", "")
    cells = summary_table.table(report, rows[:MOST_ROWS])
    yield from _table(summary_table.heads(report), cells)
    if len(rows) > MOST_ROWS:
        yield from (f"{len(rows) - MOST_ROWS} more are in leaderboard.csv.", "")
    yield from (escaped(summary_table.note(report)), "")


def _unranked(report: RunReport) -> Iterator[str]:
    rows = [row for row in ordered(report.trials) if row.rank is None]
    if not rows:
        return
    told = ", ".join(f"{number} {name}" for name, number in statuses(report).items())
    yield from ("## Trials without a rank", "", f"All trials: {told}.", "")
    cells = (
        (f"#{row.trial}", row.status, shorten(row.architecture, 60), row.reason)
        for row in rows[:MOST_ROWS]
    )
    yield from _table(("Trial", "Status", "Architecture", "Reason"), cells)
    if len(rows) > MOST_ROWS:
        yield from (f"{len(rows) - MOST_ROWS} more are in leaderboard.csv.", "")


def _data(report: RunReport) -> Iterator[str]:
    data = report.data
    yield from ("## Data", "", f"`{data.source.replace('`', ' ')}`", "")
    yield from (f"* {escaped(note)}" for note in data.notes)
    yield from (f"* {escaped(n)}: {escaped(t)}" for n, t in preparation(data))
    yield ""


def _reproduce(report: RunReport) -> Iterator[str]:
    yield from ("## Reproduce", "")
    if report.command:
        yield from code(report.command)
    yield from _table(("What", "Value"), report.reproduce)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(heads)
    yield "|" + " --- |" * len(heads)
    yield from (_row([escaped(cell) for cell in row]) for row in rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
