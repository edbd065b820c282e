"""The leaderboard in ten columns: what a forge and a notebook have room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from automl_reports.cross_validation import RANKS
from automl_reports.figures import count, figure, interval, metric_name, score, shorten
from automl_reports.front import COSTS, fronts
from automl_reports.macs import macs_words, unknown_words
from automl_reports.recommendation import note as tags_note
from automl_reports.recommendation import tags_of
from automl_reports.rows import RunReport, TrialRow

_LETTERS = 60  # of an architecture


def heads(report: RunReport) -> list[str]:
    """Return the titles of the columns."""
    name = metric_name(report.objective, report.task)
    scores = [f"Test {name}", f"Val. {name}"]
    costs = ["Params", "MACs", "p50 ms", "Epochs"]
    return ["Rank", "Trial", "Architecture", *scores, *costs, "Status"]


def note(report: RunReport) -> str:
    """Return what a reader must know of the columns and tags."""
    told = (
        "Rank is by validation; quote the test score. P: no network has both a better "
        f"score and a lower cost, by one of {', '.join(w for w, _ in COSTS.values())}."
    )
    ranks = RANKS if report.cross_validated else ""
    parts = (told, ranks, tags_note(report), unknown_words(report.trials))
    return " ".join(filter(None, parts))


def table(report: RunReport, rows: Sequence[TrialRow]) -> list[list[str]]:
    """Return the texts of some rows of a run, one list a row, not escaped."""
    best = fronts(report)
    return [_cells(row, report, best) for row in rows]


def _cells(
    row: TrialRow, report: RunReport, best: Mapping[str, Sequence[str]]
) -> list[str]:
    test = score(row.test_score)
    if row.test_interval:
        test += f" ({interval(row.test_interval, 'score')})"
    return [
        str(row.rank or ""),
        f"#{row.trial}",
        shorten(row.architecture, _LETTERS) + _tags(row, report, best),
        test,
        score(row.val_score),
        count(row.params),
        macs_words(row),
        figure(row.latency_ms),
        str(row.epochs),
        f"{row.status}: {row.reason}" if row.reason else row.status,
    ]


def _tags(row: TrialRow, report: RunReport, best: Mapping[str, Sequence[str]]) -> str:
    words = (
        *((tag, True) for tag in tags_of(row, report)),
        ("tied", row.tied and not row.recommended),
        (f"landmark {row.origin}", row.landmark),
        ("cross-validated", row.cross_validated),
        ("P", row.trial in best),
    )
    told = ", ".join(word for word, on in words if on)
    return f" ({told})" if told else ""
