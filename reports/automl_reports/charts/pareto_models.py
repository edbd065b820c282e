"""The models that nothing beats on score and cost, ready to be exported."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.tables import (
    mark_of,
    name_cell,
    number_cell,
    number_heads,
    scrolling_table,
)
from automl_reports.cross_validation import FOLDS_ONLY
from automl_reports.figures import count, figure, metric_name, score
from automl_reports.front import COSTS, fronts
from automl_reports.leaderboard import ordered
from automl_reports.macs import macs_words, unknown_words
from automl_reports.recommendation import tags_of
from automl_reports.rows import RunReport, TrialRow
from automl_reports.svg import element


def draw(report: RunReport) -> Drawing | None:
    """Return the table, or `None` while no network is trained."""
    found = fronts(report)
    if not found:
        return None
    name = metric_name(report.objective, report.task)
    numbers = (f"Val. {name}", f"Test {name}", "p50 ms", "Params", "MACs", "MB")
    heads = ("Model", *number_heads(*numbers), "Nothing is better at this")
    best = [row for row in ordered(report.trials) if row.trial in found]
    rows = (_row(row, tags_of(row, report), found[row.trial]) for row in best)
    folds = FOLDS_ONLY if report.cross_validated else ""
    return Drawing(
        "Pareto-best models: nothing else has both a better score and a lower cost; "
        "take one with --trial",
        scrolling_table("Pareto-best models", heads, rows, kind="tall"),
        " ".join(filter(None, (folds, unknown_words(best)))),
        wide=True,
    )


def _row(row: TrialRow, tags: Sequence[str], costs: Sequence[str]) -> Markup:
    texts = (
        score(row.val_score),
        score(row.test_score),
        figure(row.latency_ms),
        count(row.params),
        macs_words(row),
        figure(row.size_mb),
    )
    return element(
        "tr",
        name_cell(
            f"#{row.trial} {row.architecture}",
            limit=90,
            mark=mark_of(tags),
        ),
        *(number_cell(text) for text in texts),
        element("td", ", ".join(COSTS[name][0] for name in costs)),
        data_t=row.trial,
    )
