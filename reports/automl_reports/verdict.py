"""The words that the page and the terminal share about what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from automl_reports.figures import (
    count,
    duration,
    figure,
    headline,
    interval,
    is_number,
    is_share,
    metric_name,
)
from automl_reports.leaderboard import ordered, statuses
from automl_reports.rows import ExportRow, RunReport, TrialRow
from automl_reports.subject import (
    baseline_words,
    counted,
    grouped,
    num_samples,
    outcome_words,
    sample_words,
    shape_words,
    task_words,
)

STATES = {
    "running": "The search is still running: what you see is not final. "
    "This page is written again while it runs, at most once a minute; reload it.",
    "interrupted": "The search was interrupted: only what had finished is here.",
    "failed": "The search failed: no model can be recommended.",
    "finished": "",
}


@dataclass(frozen=True)
class Card:
    """The first thing a reader sees.

    Attributes:
        title: Name of the run and how many networks were trained.
        subtitle: Task, objective, time, counts.
        state: What a reader must know about an unfinished run; may be empty.
        kicker: What the headline is, for example `Recommended for deployment`.
        headline: Trial, family and score.
        row: The trial the card is about, if any.
        sentences: Interval, what it was selected on, why.
        comparisons: The best landmark and the trivial baseline.
        latencies: Label and text of each latency that was measured, of one export.
        size: Label and text of the size of the same export, or of the weights while
            nothing is exported.
    """

    title: str
    subtitle: str
    state: str
    kicker: str
    headline: str
    row: TrialRow | None
    sentences: tuple[str, ...]
    comparisons: tuple[str, ...]
    latencies: tuple[tuple[str, str], ...] = ()
    size: tuple[str, str] = ("", "")


def card(report: RunReport) -> Card:
    """Return the verdict of a run in words."""
    row = report.recommended or best_so_far(report)
    return Card(
        title=title(report),
        subtitle=subtitle(report),
        state=STATES.get(report.state, report.state),
        kicker=_kicker(report, row),
        headline=_headline(report, row),
        row=row,
        sentences=_sentences(report, row),
        comparisons=comparisons(report),
        latencies=latencies(report, row) if row else (),
        size=file_size(report, row) if row else ("", ""),
    )


def latencies(report: RunReport, row: TrialRow) -> tuple[tuple[str, str], ...]:
    """Return the median and 95th percentile by batch size, of the export if timed."""
    export = shown_export(report, row)
    timed: Mapping[int, tuple[float | None, float | None]]
    if export is not None and export.latency_ms:
        whose, timed = _file_name(export), export.latency_ms
    else:
        whose, timed = "network", {1: (row.latency_ms, row.latency_p95_ms)}
    return tuple(
        (
            f"p50 / p95 of {whose}, batch {batch}",
            f"{figure(median)} / {figure(high)} ms",
        )
        for batch, (median, high) in timed.items()
    )


def file_size(report: RunReport, row: TrialRow) -> tuple[str, str]:
    """Return label and text of the size of the same export, else of the weights."""
    export = shown_export(report, row)
    if export is None:
        return "Size of weights", f"{figure(row.size_mb)} MB"
    return f"Size of {_file_name(export)}", f"{figure(export.size_mb)} MB"


def shown_export(report: RunReport, row: TrialRow) -> ExportRow | None:
    """Return the one export whose cost stands below the headline, if there is one.

    The first that was timed, of those as precise as the model that the headline scores:
    a quantized file is smaller and quicker, but scores differently. With none as
    precise, the first of the others.
    """
    exports = report.exports if row.recommended else ()
    exact = [item for item in exports if item.quantize == "none"] or exports
    return next((item for item in exact if item.latency_ms), next(iter(exact), None))


def _file_name(export: ExportRow) -> str:
    name = export.path.rpartition("/")[2]
    return name if export.quantize == "none" else f"{name} ({export.quantize})"


def best_so_far(report: RunReport) -> TrialRow | None:
    """Return the trial that leads on validation, if any has a score."""
    rows = ordered(report.trials)
    return next((row for row in rows if row.rank and is_number(row.val_score)), None)


def title(report: RunReport) -> str:
    """Return for example `birds: 83 of 100 CNNs trained`, if only for an epoch.

    A training that failed has left no network, however far it came.
    """
    trained = sum(
        row.status == "completed" or (row.epochs > 0 and row.status != "failed")
        for row in report.trials
    )
    return f"{report.name}: {trained} of {len(report.trials)} CNNs trained"


def subtitle(report: RunReport) -> str:
    """Return task, data, objective, time and counts on one line."""
    others = [
        f"{number} {status}"
        for status, number in statuses(report).items()
        if status != "completed"
    ]
    parts = [
        f"{report.data.kind} {task_words(report.task)}",
        outcome_words(report),
        shape_words(report.data),
        f"objective: {objective_name(report.objective, report.task)}",
        f"{duration(report.seconds)} on {counted(report.workers, 'worker')}",
        ", ".join(others),
        f"{report.created[:16].replace('T', ' ')} UTC" if report.created else "",
    ]
    return " \N{MIDDLE DOT} ".join(part for part in parts if part)


def objective_name(objective: str, task: str) -> str:
    """Return for example `validation accuracy` for `val_accuracy`."""
    split = "validation " if objective.startswith("val_") else ""
    return split + metric_name(objective, task)


def told(value: float | None, report: RunReport) -> str:
    """Return a score by the objective, with its name where the figure needs one.

    A percentage speaks for itself: `94.0 %`, but `RMSE 12.5`.
    """
    text = headline(value, report.objective)
    if is_share(report.objective):
        return text
    return f"{metric_name(report.objective, report.task)} {text}"


def test_sentence(report: RunReport, row: TrialRow) -> str:
    """Return how sure the test score is, or that there is none."""
    name = metric_name(report.objective, report.task)
    if not is_number(shown_score(row)[0]):
        return f"Its {name} is not a number: do not trust it."
    if not is_number(row.test_score):
        return (
            f"This is the validation {name}, which the search selects on: expect "
            "worse on new data. It has not been scored on the test split."
        )
    number = num_samples(report.data, "test")
    samples = f"{grouped(number)} test {sample_words(report.data.kind, number)}"
    bounds = interval(row.test_interval, report.objective)
    known = f"95 % interval {bounds}" if row.test_interval else f"Test {name}"
    return f"{known} on {samples} {unseen_words(row)}."


def unseen_words(row: TrialRow) -> str:
    """Return what never saw the test samples that score a model."""
    if row.is_ensemble:
        return "that no training saw, but that decided that the ensemble is kept"
    return "that the search never saw"


def test_figures(report: RunReport, row: TrialRow) -> list[tuple[str, str]]:
    """Return every metric on the test split as pairs of a name and a figure."""
    return [
        (metric_name(name, report.task), headline(value, name))
        for name, value in row.test_metrics.items()
    ]


def comparisons(report: RunReport) -> tuple[str, ...]:
    """Return sentences about the best landmark and the trivial baseline."""
    found = []
    landmark = best_landmark(report)
    if landmark and landmark is not report.recommended:
        value, split = shown_score(landmark)
        found.append(
            f"Best landmark: {landmark.origin} {headline(value, report.objective)} "
            f"({split}) at {figure(landmark.latency_ms)} ms, "
            f"{count(landmark.params)} params."
        )
    if is_number(report.baseline_score):
        baseline = headline(report.baseline_score, report.objective)
        found.append(
            f"{baseline_words(report.objective, report.task)}: {baseline} (test)."
        )
    return tuple(found)


def best_landmark(report: RunReport) -> TrialRow | None:
    """Return the best completed landmark: by test score where it has one."""
    rows = [
        row
        for row in ordered(report.trials)
        if row.landmark and row.status == "completed" and is_number(row.val_score)
    ]
    tested = [row for row in rows if is_number(row.test_score)]
    if not tested:  # the first by rank: validation scores may be of two kinds
        return next(iter(rows), None)
    sign = 1 if report.direction == "max" else -1
    return max(tested, key=lambda row: sign * (row.test_score or 0))


def shown_score(row: TrialRow) -> tuple[float | None, str]:
    """Return the score to show and the split it comes from, test before validation."""
    if is_number(row.test_score):
        return row.test_score, "test"
    return row.val_score, "validation"


def _kicker(report: RunReport, row: TrialRow | None) -> str:
    if row is None:
        return "No model yet" if report.state == "running" else "No model"
    if row.recommended:
        return "Recommended for deployment"
    return "Best on validation" if report.state == "finished" else "Best so far"


def _headline(report: RunReport, row: TrialRow | None) -> str:
    if row is None and not report.trials:
        return "No trial has been started"
    if row is None:
        waiting = report.state == "running" or "running" in statuses(report)
        return "No trial has a final score yet" if waiting else "No trial succeeded"
    value, split = shown_score(row)
    name = _short_name(report, row)
    if not is_number(value):
        return f"{name} \N{MIDDLE DOT} no score"
    text = f"{name} \N{MIDDLE DOT} {told(value, report)}"
    return text if split == "test" else f"{text} on validation"


def _short_name(report: RunReport, row: TrialRow) -> str:
    """Return for example `#0007 resnet`, or `Ensemble of 3 networks`."""
    if row.is_ensemble and report.ensemble is not None:
        return f"Ensemble of {len(report.ensemble.members)} networks"
    family = row.origin if row.landmark else row.architecture.partition(" ")[0]
    return f"{row.label} {family}"


def _sentences(report: RunReport, row: TrialRow | None) -> tuple[str, ...]:
    if row is None:
        return failure_sentences(report)
    found = [test_sentence(report, row)]
    if is_number(row.test_score):
        found.append(_selection_sentence(report, row))
    if report.verdict:
        found.append(report.verdict)
    return tuple(found)


def _selection_sentence(report: RunReport, row: TrialRow) -> str:
    value = headline(row.val_score, report.objective)
    if row.is_ensemble:
        return f"Its members were selected on validation, where it scored {value}."
    return (
        f"Selected on validation, where it scored {value}; "
        "validation only ranks, the test score is the one to quote."
    )


def failure_sentences(report: RunReport) -> tuple[str, ...]:
    """Return why there is no model: the reasons, most frequent first."""
    reasons = [row.reason for row in report.trials if row.reason]
    ranked = sorted(dict.fromkeys(reasons), key=lambda text: -reasons.count(text))
    return tuple(
        f"{reasons.count(text)} \N{MULTIPLICATION SIGN} {text}" for text in ranked[:3]
    )
