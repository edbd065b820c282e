"""The card that goes with an exported model: facts of the run, and nothing else.

Source:
    Mitchell et al. (2019), Model Cards for Model Reporting, FAT* '19.
"""

from __future__ import annotations

from automl_reports.figures import count, figure
from automl_reports.rows import ModelDetail, RunReport, TrialRow

_ESCAPED = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|&"})


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
    return _bullets(
        "Model",
        f"Task: {report.task} of {len(report.data.classes)} classes, "
        f"inputs of kind {report.data.kind}, prepared shape {report.data.shape}",
        f"Trial {_text(row.trial)}, proposed by {_text(row.origin)}; trained with "
        f"{_text(row.optimizer)} for {row.epochs} epochs, best epoch {row.best_epoch}",
        f"{count(row.params)} parameters, {count(row.macs)} multiply-accumulates, "
        f"{figure(row.size_mb)} MB of weights",
        f"Latency of one sample where it was trained: {figure(row.latency_ms)} ms "
        f"(median), {figure(row.latency_p95_ms)} ms (95th percentile)",
    )


def _data(report: RunReport) -> str:
    data = report.data
    sizes = ", ".join(f"{name} {sum(n)}" for name, n in data.counts.items())
    return _bullets(
        "Data",
        f"Source: {_text(data.source)}",
        f"Samples: {sizes}",
        *(_text(note) for note in data.notes),
        f"{data.num_skipped} files were skipped",
    )


def _scores(report: RunReport, row: TrialRow) -> str:
    low, high = row.test_interval or (None, None)
    text = _bullets(
        "Scores",
        f"Test {_text(report.objective.removeprefix('val_'))}: "
        f"{figure(row.test_score)} (95 % interval {figure(low)} to {figure(high)}), "
        "on samples that the search never saw",
        f"Validation: {figure(row.val_score)}; the search selected on it, so it is "
        "higher than the model deserves",
        f"Always the largest class: {figure(report.baseline_score)}",
        *(
            f"The {export.format} export, scored again in a fresh process: "
            f"{figure(export.test_score)}"
            for export in report.exports
        ),
    )
    detail = next((m for m in report.models if m.trial == row.trial), None)
    return text if detail is None else f"{text}\n\n{_per_class(report, detail)}"


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


def _limits(report: RunReport) -> str:
    lines = [_text(warning) for warning in report.warnings]
    if report.data.kind == "image":
        lines += [
            "`serve_bytes` reads PNG, JPEG, GIF, BMP and WebP; it does not read TIFF "
            "and does not turn photos by their EXIF orientation, `automl predict` does",
            "Scores hold for data like the test split, and for no other",
        ]
    return _bullets("Limits", *lines)


def _use(report: RunReport) -> str:
    commands = "\n".join(report.commands)
    return (
        "## How to use it\n\n"
        f"```\n{commands}\n```\n\n"
        "SavedModel signatures: `serving_default(inputs)` takes the numbers as the "
        "data set held them, `serve_bytes(bytes)` encoded files; both return `label`, "
        "`score` and `probabilities`. `labels.txt` has the class names in order."
    )


def _environment(report: RunReport) -> str:
    pairs = (f"{_text(name)}: {_text(value)}" for name, value in report.reproduce)
    return _bullets("Made with", f"`{report.command}`", *pairs)
