"""The card that goes with an exported model: facts of the run, and nothing else.

Source:
    Mitchell et al. (2019), Model Cards for Model Reporting, FAT* '19.
"""

from __future__ import annotations

from dataclasses import replace

from automl_reports.calls import how_to_use, precision
from automl_reports.figures import count, figure, metric_name, score
from automl_reports.macs import macs_words, unknown_words
from automl_reports.markdown import code, escaped
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import ExportRow, RunReport, TrialRow
from automl_reports.subject import (
    MULTILABEL,
    SAMPLES,
    baseline_words,
    grouped,
    outcome_words,
    preparation,
    shape_words,
    split_sizes,
    task_words,
)
from automl_reports.verdict import unseen_words

_MOST_NAMES = 20
_FIXED = (
    "The `.keras` file takes samples of the prepared shape only, the SavedModel any"
)
_LIMITS = {
    "image": "`serve_bytes` reads PNG, JPEG, GIF, BMP and WebP; it does not read TIFF "
    "and does not turn photos by their EXIF orientation, `automl predict` does",
    "series": _FIXED,
    "audio": f"{_FIXED}; neither resamples, `automl predict` does",
    "volume": f"{_FIXED}; neither resamples to the spacing or turns to the "
    "orientation of the training data, `automl predict` does",
    "video": _FIXED,
}


def render(report: RunReport) -> str:
    """Return the recommended model's card as Markdown.

    Args:
        report: A run with a recommended model.

    Raises:
        ValueError: If the run has none.
    """
    row = report.recommended
    if row is None:
        raise ValueError(f"The run {report.name} has no recommended model.")
    sections = (
        _model(report, row),
        _intended_use(report),
        _data(report),
        _scores(report, row),
        _calibration(_detail(report, row), report.task),
        _ensemble(report),
        _exports(report),
        _limits(report),
        how_to_use(report),
        _environment(report),
    )
    title = f"# {escaped(report.name)}: {escaped(row.architecture)}"
    return "\n\n".join([title, *filter(None, sections)]) + "\n"


def _detail(report: RunReport, row: TrialRow) -> ModelDetail | None:
    return next((m for m in report.models if m.trial == row.trial), None)


def _bullets(title: str, *lines: str) -> str:
    return "\n".join([f"## {title}", "", *(f"- {line}" for line in lines)])


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _model(report: RunReport, row: TrialRow) -> str:
    data = report.data
    made = [
        f"Trial {escaped(row.trial)}, proposed by {escaped(row.origin)}; "
        f"{_training(row)}"
    ]
    if row.is_ensemble:
        made = [f"An ensemble, the {escaped(row.architecture)}; see below"]
        made += _members(report)
    why = report.verdict.replace(report.ensemble_verdict, "").strip()
    unknown = unknown_words([row]).removesuffix(".")  # as the other bullets
    return _bullets(
        "Model",
        f"Task: {task_words(report.task)}, {escaped(outcome_words(report))}; inputs of "
        f"kind {data.kind}, prepared to {shape_words(data)}",
        *made,
        *([escaped(why)] if why else []),
        f"{count(row.params)} parameters, {macs_words(row)} multiply-accumulates, "
        f"{figure(row.size_mb)} MB of weights",
        *([escaped(unknown)] if unknown else []),
        f"Latency of one sample where it was trained: {figure(row.latency_ms)} ms "
        f"(median), {figure(row.latency_p95_ms)} ms (95th percentile)",
    )


def _training(row: TrialRow) -> str:
    """Return how the weights were trained that are handed over, and what chose them."""
    trained = (
        f"trained with {escaped(row.optimizer)} for {row.epochs} epochs, best epoch "
        f"{row.best_epoch}"
    )
    if row.refit_epochs is None:
        return trained
    chosen = "its folds" if row.cross_validated else f"a network {trained}"
    return (
        f"chosen by the validation scores of {chosen}. Its weights here are those of "
        f"a further training with {escaped(row.optimizer)}, on training and validation "
        f"samples together, after its last epoch, {row.refit_epochs}: no sample was "
        "left to find a best one"
    )


def _members(report: RunReport) -> list[str]:
    """Return how each member of the ensemble was trained."""
    members = report.ensemble.members if report.ensemble else ()
    rows = (report.row_of(trial) for trial, _ in members)
    return [f"{escaped(row.label)}: {_training(row)}" for row in rows if row]


def _intended_use(report: RunReport) -> str:
    """Return what the model was made for, as far as data and task tell."""
    data = report.data
    names = [*data.classes, *data.targets]
    told = ", ".join(escaped(name) for name in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if names[_MOST_NAMES:] else ""
    asked = {
        "classification": "says which one class a sample belongs to",
        "multilabel": "says which of the labels a sample has, any number of them",
        "regression": "estimates numbers",
    }[report.task]
    return _bullets(
        "Intended use",
        f"It {asked}: {told}{more}",
        f"It is for {SAMPLES.get(data.kind, 'samples')} taken in the same way as those "
        "of the data below. It answers to whatever it is given: it was not trained to "
        "say that an input is of none of these kinds, nor tested on other data",
        "Nobody has judged here whether its errors are acceptable for a purpose, or "
        "whether they fall on some people more than on others: look at the figures "
        "of each class below, and test it on your own cases",
    )


def _data(report: RunReport) -> str:
    data = report.data
    sizes = split_sizes(data).items()
    told = ", ".join(f"{name} {grouped(size)}" for name, size in sizes if size)
    return _bullets(
        "Data",
        f"Source: {escaped(data.source)}",
        f"Splits: {told} samples; the search saw train and val only",
        *(f"{escaped(name)}: {escaped(value)}" for name, value in preparation(data)),
        *(escaped(note) for note in data.notes),
        f"{data.num_skipped} files were skipped",
    )


def _scores(report: RunReport, row: TrialRow) -> str:
    low, high = row.test_interval or (None, None)
    others = [m for m in row.test_metrics if m != report.objective.removeprefix("val_")]
    text = _bullets(
        "Scores",
        f"Test {escaped(metric_name(report.objective, report.task))}: "
        f"{score(row.test_score)} (95 % interval {score(low)} to {score(high)}), "
        f"on samples {unseen_words(row)}",
        f"Validation: {score(row.val_score)}; the search selected on it, so it is "
        "better than the model deserves",
        f"{baseline_words(report.objective, report.task)}: "
        f"{score(report.baseline_score)}",
        *(
            f"Test {escaped(metric_name(name, report.task))}: "
            f"{score(row.test_metrics[name])}{_interval_text(row, name)}"
            for name in others
        ),
    )
    detail = _detail(report, row)
    table = "" if detail is None else _detail_table(report, detail)
    return f"{text}\n\n{table}" if table else text


def _interval_text(row: TrialRow, metric: str) -> str:
    if metric not in row.test_intervals:
        return ""
    low, high = map(score, row.test_intervals[metric])
    return f" (95 % interval {low} to {high})"


def _detail_table(report: RunReport, detail: ModelDetail) -> str:
    if detail.labels:
        return _per_label(detail)
    if detail.regression:
        return _per_target(detail)
    return _per_class(report, detail) if detail.f1 else ""


def _per_class(report: RunReport, detail: ModelDetail) -> str:
    columns = zip(
        report.data.classes,
        detail.precision,
        detail.recall,
        detail.f1,
        detail.support,
        strict=True,
    )
    rows: list[tuple[str, ...]] = [
        (escaped(name), score(p), score(r), score(f), str(n))
        for name, p, r, f, n in columns
    ]
    return _table(("class", "precision", "recall", "F1", "test samples"), rows)


def _per_label(detail: ModelDetail) -> str:
    rows: list[tuple[str, ...]] = [
        (
            escaped(label.name),
            *map(score, (label.precision, label.recall, label.f1, label.auc)),
            str(label.support),
        )
        for label in detail.labels
    ]
    return _table(("label", "precision", "recall", "F1", "AUC", "test samples"), rows)


def _per_target(detail: ModelDetail) -> str:
    rows: list[tuple[str, ...]] = [
        (
            escaped(item.name),
            *map(figure, (item.mae, item.rmse)),
            score(item.r2),
            figure(item.bias),
        )
        for item in detail.regression
    ]
    return _table(("target", "MAE", "RMSE", "R\N{SUPERSCRIPT TWO}", "bias"), rows)


def _calibration(detail: ModelDetail | None, task: str) -> str:
    """Return whether probabilities mean what they say."""
    if detail is None or detail.calibration is None:
        return ""
    told, share = "answers on test are right", "share right"
    if task == MULTILABEL:
        told, share = "labels are there on test", "share that has the label"
    text = _bullets(
        "Calibration",
        f"How often {told}, by the probability that the model gives them; the mean "
        "distance of the two, weighted by samples, is "
        f"{figure(detail.calibration.error)}",
    )
    rows: list[tuple[str, ...]] = [
        (
            f"{figure(item.low)} to {figure(item.high)}",
            score(item.confidence),
            score(item.correct),
            str(item.count),
        )
        for item in detail.calibration.bins
    ]
    header = ("probability", "mean probability", share, "answers")
    return f"{text}\n\n{_table(header, rows)}"


def _ensemble(report: RunReport) -> str:
    """Return what was tried and found, and what it costs beside the single model."""
    ensemble = report.ensemble
    if ensemble is None:
        return ""
    text = _bullets("Ensemble", escaped(report.ensemble_verdict))
    if ensemble.gain is None:
        return text
    single = [
        replace(row, latency_ms=ensemble.single_latency_ms)
        for row in report.trials
        if row.trial == ensemble.single
    ]
    rows: list[tuple[str, ...]] = [
        (
            escaped(row.trial),
            score(row.test_score),
            count(row.params),
            macs_words(row),
            figure(row.size_mb),
            figure(row.latency_ms),
        )
        for row in (ensemble.row, *single)
    ]
    header = ("model", "test score", "parameters", "MACs", "MB", "latency, ms")
    return f"{text}\n\n{_table(header, rows)}"


def _exports(report: RunReport) -> str:
    """Return what each format did in a process of its own."""
    if not report.exports:
        return ""
    text = _bullets(
        "Exports",
        "Each was loaded in a fresh process with its own runtime only, and predicted "
        "the test split; the difference is the largest one to the trained model, and "
        "latencies are the median and the 95th percentile of a call",
    )
    rows = [_export_cells(export) for export in report.exports]
    header = (
        *("file", "precision", "test score", "difference", "MB"),
        *("batch of 1, ms", "batch of 32, ms"),
    )
    return f"{text}\n\n{_table(header, rows)}"


def _export_cells(export: ExportRow) -> tuple[str, ...]:
    timed = (export.latency_ms.get(batch) for batch in (1, 32))
    return (
        f"`{export.path.rpartition('/')[2]}`",
        precision(export),
        score(export.test_score),
        figure(export.max_difference),
        figure(export.size_mb),
        *(f"{figure(t[0])} / {figure(t[1])}" if t else "not timed" for t in timed),
    )


def _limits(report: RunReport) -> str:
    lines = [escaped(warning) for warning in report.warnings]
    if report.data.kind in _LIMITS:
        lines.append(_LIMITS[report.data.kind])
    lines.append("Scores hold for data like the test split, and for no other")
    return _bullets("Limits", *lines)


def _environment(report: RunReport) -> str:
    command = code(report.command) if report.command else []
    pairs = (f"- {escaped(name)}: {escaped(value)}" for name, value in report.reproduce)
    return "\n".join(["## Made with", "", *command, *pairs])
