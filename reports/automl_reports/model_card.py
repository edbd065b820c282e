"""The card that goes with an exported model: facts of the run, and nothing else.

Source:
    Mitchell et al. (2019), Model Cards for Model Reporting, FAT* '19.
"""

from __future__ import annotations

from automl_reports.figures import count, figure, metric_name
from automl_reports.rows import ModelDetail, RunReport, TrialRow
from automl_reports.subject import (
    baseline_words,
    grouped,
    num_samples,
    outcome_words,
    preparation,
    shape_words,
    task_words,
)

_ESCAPED = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|&"})

_INPUTS = {
    "image": "images of any size, `[batch, height, width, channels]`",
    "series": "series of any length, `[batch, length, channels]`, NaN where a "
    "value is missing",
    "audio": "waveforms in [-1, 1] of any length at the sample rate above, "
    "`[batch, samples, 1]`",
    "text": "texts as strings, `[batch]`",
    "volume": "volumes of any size at the spacing above, "
    "`[batch, depth, height, width, channels]`",
    "video": "videos of any number and size of frames, "
    "`[batch, frames, height, width, channels]`",
}
_FILES = {
    "image": "encoded images, where they have 8 bits and 1 or 3 channels",
    "audio": "wav files of 16 bits at the sample rate above",
}
_ANSWERS = {
    "classification": "`label`, `score` and `probabilities`, one a class",
    "multilabel": "`probabilities`, one a label; `labels`, true from one half on; "
    "`label` and `score` of the most probable one",
    "regression": "`value`, one a target in the unit of the data",
}
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
        _data(report),
        _scores(report, row),
        _limits(report),
        _use(report),
        _environment(report),
    )
    title = f"# {_text(report.name)}: {_text(row.architecture)}"
    return "\n\n".join([title, *sections]) + "\n"


def _text(value: object) -> str:
    """Return text that no Markdown reader takes for markup."""
    return " ".join(str(value).split()).translate(_ESCAPED)


def _bullets(title: str, *lines: str) -> str:
    return "\n".join([f"## {title}", "", *(f"- {line}" for line in lines)])


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _model(report: RunReport, row: TrialRow) -> str:
    data = report.data
    return _bullets(
        "Model",
        f"Task: {task_words(report.task)}, {_text(outcome_words(report))}; inputs of "
        f"kind {data.kind}, prepared to {shape_words(data)}",
        f"Trial {_text(row.trial)}, proposed by {_text(row.origin)}; trained with "
        f"{_text(row.optimizer)} for {row.epochs} epochs, best epoch {row.best_epoch}",
        f"{count(row.params)} parameters, {count(row.macs)} multiply-accumulates, "
        f"{figure(row.size_mb)} MB of weights",
        f"Latency of one sample where it was trained: {figure(row.latency_ms)} ms "
        f"(median), {figure(row.latency_p95_ms)} ms (95th percentile)",
    )


def _data(report: RunReport) -> str:
    data = report.data
    sizes = {name: num_samples(data, name) for name in ("train", "val", "test")}
    told = ", ".join(f"{name} {grouped(size)}" for name, size in sizes.items() if size)
    return _bullets(
        "Data",
        f"Source: {_text(data.source)}",
        f"Samples: {told}",
        *(f"{_text(name)}: {_text(value)}" for name, value in preparation(data)),
        *(_text(note) for note in data.notes),
        f"{data.num_skipped} files were skipped",
    )


def _scores(report: RunReport, row: TrialRow) -> str:
    low, high = row.test_interval or (None, None)
    text = _bullets(
        "Scores",
        f"Test {_text(metric_name(report.objective, report.task))}: "
        f"{figure(row.test_score)} (95 % interval {figure(low)} to {figure(high)}), "
        "on samples that the search never saw",
        f"Validation: {figure(row.val_score)}; the search selected on it, so it is "
        "better than the model deserves",
        f"{baseline_words(report.task)}: {figure(report.baseline_score)}",
        *(
            f"Test {_text(metric_name(name, report.task))}: {figure(value)}"
            for name, value in row.test_metrics.items()
            if name != report.objective.removeprefix("val_")
        ),
        *(
            f"The {export.format} export, scored again in a fresh process: "
            f"{figure(export.test_score)}"
            for export in report.exports
        ),
    )
    detail = next((m for m in report.models if m.trial == row.trial), None)
    table = "" if detail is None else _detail_table(report, detail)
    return f"{text}\n\n{table}" if table else text


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
        (_text(name), figure(p), figure(r), figure(f), str(n))
        for name, p, r, f, n in columns
    ]
    return _table(("class", "precision", "recall", "F1", "test samples"), rows)


def _per_label(detail: ModelDetail) -> str:
    rows: list[tuple[str, ...]] = [
        (
            _text(label.name),
            *map(figure, (label.precision, label.recall, label.f1, label.auc)),
            str(label.support),
        )
        for label in detail.labels
    ]
    return _table(("label", "precision", "recall", "F1", "AUC", "test samples"), rows)


def _per_target(detail: ModelDetail) -> str:
    rows: list[tuple[str, ...]] = [
        (_text(item.name), *map(figure, (item.mae, item.rmse, item.r2, item.bias)))
        for item in detail.regression
    ]
    return _table(("target", "MAE", "RMSE", "R\N{SUPERSCRIPT TWO}", "bias"), rows)


def _limits(report: RunReport) -> str:
    lines = [_text(warning) for warning in report.warnings]
    if report.data.kind in _LIMITS:
        lines.append(_LIMITS[report.data.kind])
    lines.append("Scores hold for data like the test split, and for no other")
    return _bullets("Limits", *lines)


def _use(report: RunReport) -> str:
    commands = "\n".join(report.commands)
    taken = _INPUTS.get(report.data.kind, "the numbers as the data set held them")
    signatures = f"`serving_default(inputs)` takes {taken}"
    if report.data.kind in _FILES:
        signatures += f"; `serve_bytes(bytes)` takes {_FILES[report.data.kind]}"
    return (
        "## How to use it\n\n"
        f"```\n{commands}\n```\n\n"
        f"SavedModel signatures: {signatures}. The answer holds "
        f"{_ANSWERS[report.task]}. `labels.txt` has the names in order."
    )


def _environment(report: RunReport) -> str:
    pairs = (f"{_text(name)}: {_text(value)}" for name, value in report.reproduce)
    return _bullets("Made with", f"`{report.command}`", *pairs)
