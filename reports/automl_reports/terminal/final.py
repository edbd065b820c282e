"""The verdict at the end of a run, as lines of text."""

from __future__ import annotations

from pathlib import Path

from automl_reports.figures import count, figure, is_number
from automl_reports.macs import macs_words, unknown_words
from automl_reports.rows import RunReport, TrialRow
from automl_reports.terminal.words import one_line
from automl_reports.verdict import (
    best_so_far,
    comparisons,
    failure_sentences,
    subtitle,
    test_figures,
    test_sentence,
    title,
    told,
)


def final_lines(report: RunReport, run_dir: Path) -> list[str]:
    """Return what a person needs when the run has ended: verdict, paths, commands.

    Args:
        report: The run.
        run_dir: Its folder, as the user should type it.

    Returns:
        Lines without line ends or control codes; they say so when no trial
        succeeded.
    """
    row = report.recommended or best_so_far(report)
    body = _verdict(report, row) if row else _no_model(report)
    lines = [title(report), subtitle(report), "", *body]
    lines += [f"Warning: {warning}" for warning in report.warnings]
    page = (run_dir / "leaderboard.html").resolve().as_uri()  # which a terminal opens
    lines += ["", f"Report  {page}"]
    lines += [f"Model   {run_dir / item.path}" for item in report.exports]
    if report.commands:
        lines += ["", "Next:", *(f"  {command}" for command in report.commands)]
    return [one_line(line) for line in lines]


def _verdict(report: RunReport, row: TrialRow) -> list[str]:
    name = f"{row.label} {row.architecture}"
    unknown = unknown_words([row])
    if row.recommended and is_number(row.test_score):
        first = f"Recommended: {name}, {told(row.test_score, report)} on test"
    else:
        first = f"Best so far: {name}, {told(row.val_score, report)} on validation"
    return [
        first,
        test_sentence(report, row),
        *_all_metrics(report, row),
        *([report.verdict] if report.verdict else []),
        f"Cost: {figure(row.latency_ms)} ms (p50), {count(row.params)} params, "
        f"{macs_words(row)} MACs, {figure(row.size_mb)} MB",
        *([unknown] if unknown else []),
        *comparisons(report),
    ]


def _all_metrics(report: RunReport, row: TrialRow) -> list[str]:
    """Return one line of every test metric, where there is more than one."""
    pairs = test_figures(report, row)
    told = ", ".join(f"{name} {text}" for name, text in pairs)
    return [f"Test: {told}"] if len(pairs) > 1 else []


def _no_model(report: RunReport) -> list[str]:
    if not report.trials:
        return ["No trial was started: there is no model."]
    return ["No trial succeeded: there is no model.", *failure_sentences(report)]
