"""What is handed over, a trial or an ensemble, and what its trials are called."""

from __future__ import annotations

from automl_reports.figures import GAP
from automl_reports.rows import RunReport, TrialRow

RECOMMENDED = "recommended"
#: What the recommended trial is called where an ensemble is handed over in its place.
BEST_SINGLE = "best single"


def is_ensemble(report: RunReport) -> bool:
    """Return whether what is recommended is an ensemble and not a trial."""
    return report.recommended is not None and report.recommended.is_ensemble


def members(report: RunReport) -> dict[str, float]:
    """Return the trials that what is recommended is made of, with their shares.

    Returns:
        Shares by trial, which sum up to 1: one trial, or the members of an ensemble;
        empty while nothing is recommended.
    """
    if report.ensemble is not None and is_ensemble(report):
        return dict(report.ensemble.members)
    row = report.recommended
    return {row.trial: 1.0} if row else {}


def chosen_word(report: RunReport) -> str:
    """Return what the chosen trial is called, the best network alone."""
    return BEST_SINGLE if is_ensemble(report) else RECOMMENDED


def tags_of(row: TrialRow, report: RunReport) -> list[str]:
    """Return what a trial is to what is recommended; often nothing.

    Returns:
        `recommended`; or where an ensemble is, the share of it that the trial has, and
        whether the trial is the best network alone.
    """
    if row.is_ensemble or not is_ensemble(report):
        return [RECOMMENDED] if row.recommended else []
    share = members(report).get(row.trial)
    told = () if share is None else (f"{100 * share:.0f}{GAP}% of the ensemble",)
    return [*told, *([BEST_SINGLE] if row.recommended else [])]


def note(report: RunReport) -> str:
    """Return how to read the tags where an ensemble is recommended, else nothing."""
    if not is_ensemble(report):
        return ""
    return (
        "What is recommended and handed over is an ensemble: its members are tagged "
        f"with their share of it. Without it, the {BEST_SINGLE} would be recommended."
    )
