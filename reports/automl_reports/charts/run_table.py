"""The runs as rows of one table: what each was asked, what it found, at what cost."""

from __future__ import annotations

from collections.abc import Container, Sequence

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.charts.run_lines import look
from automl_reports.charts.tables import scrolling_table
from automl_reports.figures import (
    DASH,
    count,
    duration,
    figure,
    headline,
    interval,
    metric_name,
    shorten,
)
from automl_reports.macs import macs_words, unknown_words
from automl_reports.rows import RunReport, TrialRow
from automl_reports.subject import (
    SPLITS,
    counted,
    grouped,
    outcome_words,
    split_sizes,
    task_words,
)
from automl_reports.svg import element
from automl_reports.verdict import best_so_far, objective_name

LONGEST_NAME, LONGEST_ARCHITECTURE = 60, 60
_BOUNDS = "Below a test score stands its 95 % interval."
_DOT = " \N{MIDDLE DOT} "


def draw(reports: Sequence[RunReport]) -> Drawing:
    """Return the table, one row a run; in a narrow window each row is a block.

    What is the same in all runs is said once, below the table; what differs stands
    below the name of the run.
    """
    settings = [_settings(report) for report in reports]
    shared = set(settings[0]).intersection(*settings[1:])
    best = [report.recommended or best_so_far(report) for report in reports]
    labels = _labels(reports)
    heads = (
        *(element("th", text, scope="col") for text in ("Run", "Model")),
        *(element("th", text, scope="col", class_="n") for text in labels),
    )
    rows = (
        element(
            "tr",
            _name(place, report, settings[place], shared),
            _model(report, best[place]),
            *_figures(report, best[place], labels),
        )
        for place, report in enumerate(reports)
    )
    table = scrolling_table("The runs, one a row", heads, rows, kind="runs")
    told = _DOT.join(text for text in settings[0] if text in shared)
    same = f"The same in all runs: {told}." if told else ""
    unknown = unknown_words(row for row in best if row)
    bounds = _BOUNDS if any(row and row.test_interval for row in best) else ""
    note = " ".join(filter(None, (bounds, same, unknown)))
    return Drawing("What each run found", table, note, wide=True)


def _settings(report: RunReport) -> tuple[str, ...]:
    """Return what a run was asked, of what data, and how far it came."""
    sizes = split_sizes(report.data).items()
    samples = ", ".join(
        f"{grouped(size)} {SPLITS[name].lower()}" for name, size in sizes
    )
    return (
        f"{report.data.kind} {task_words(report.task)}",
        outcome_words(report),
        f"{samples} samples",
        f"ranked by {objective_name(report.objective, report.task)}",
        report.state,
    )


def _labels(reports: Sequence[RunReport]) -> tuple[str, ...]:
    """Return what the figures of a run are called, in the order of `_figures`."""
    names = {metric_name(report.objective, report.task) for report in reports}
    metric = names.pop() if len(names) == 1 else "score"
    scores = (f"Test {metric}", f"Val. {metric}")
    return (*scores, "Params", "MACs", "p50 ms", "MB", "Trials", "Time")


def _name(
    place: int, report: RunReport, settings: Sequence[str], shared: Container[str]
) -> Markup:
    """Return the row's own head: the name, and what only this run was asked."""
    own = _DOT.join(text for text in settings if text not in shared)
    key = element("i", class_=f"key {look(place)}")
    return element(
        "th",
        key,
        shorten(report.name, LONGEST_NAME),
        element("small", own) if own else "",
        scope="row",
        title=report.name if len(report.name) > LONGEST_NAME else None,
    )


def _model(report: RunReport, row: TrialRow | None) -> Markup:
    if row is None:
        return element("td", "none yet", class_="model")
    name = f"{row.label} {shorten(row.architecture, LONGEST_ARCHITECTURE)}"
    more = "" if report.recommended else element("small", "best so far")
    return element("td", name, more, class_="model")


def _figures(
    report: RunReport, row: TrialRow | None, labels: Sequence[str]
) -> list[Markup]:
    """Return the cells of scores and costs; each says what it is for narrow windows."""
    texts = (
        *(_scores_and_costs(report, row) if row else [("", "")] * 6),
        (str(len(report.trials)), ""),
        (duration(report.seconds), counted(report.workers, "worker")),
    )
    return [
        element(
            "td",
            text or DASH,
            element("small", more) if more else "",
            class_="n",
            data_label=label,
        )
        for label, (text, more) in zip(labels, texts, strict=True)
    ]


def _scores_and_costs(report: RunReport, row: TrialRow) -> list[tuple[str, str]]:
    """Return the figures of a model, each with what stands small below it."""
    objective = report.objective
    bounds = interval(row.test_interval, objective) if row.test_interval else ""
    return [
        (headline(row.test_score, objective), bounds),
        (headline(row.val_score, objective), ""),
        (count(row.params), ""),
        (macs_words(row), ""),
        (figure(row.latency_ms), ""),
        (figure(row.size_mb), ""),
    ]
