"""The words of the report that only the record of the run can supply."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from automl.run.directory import FINISHED
from automl.run.trial import REFIT
from automl_reports.figures import count, duration, percent
from automl_reports.rows import TrialRow


def verdict(
    rows: Sequence[TrialRow], selection: Mapping[str, Any], costs: Sequence[str] = ()
) -> str:
    """Return why the recommended model was chosen; empty while there is none.

    Args:
        rows: The trials.
        selection: What the run recorded of its choice.
        costs: What the search was told to make small beside its score.
    """
    chosen = next((row for row in rows if row.recommended), None)
    if chosen is None:
        return ""
    text = _reason_of_choice(chosen, selection, costs)
    if selection["trainings"][chosen.trial] == REFIT:
        text += (
            " Then it was trained again on training and validation samples together, "
            "as data is scarce; this model is tested and exported."
        )
    return text


def _reason_of_choice(
    chosen: TrialRow, selection: Mapping[str, Any], costs: Sequence[str]
) -> str:
    others = len(selection["tied"]) - 1
    finalists = len(selection["trainings"])
    kind = "cross-validated" if selection.get("by_folds") else "validation"
    if chosen.trial == selection["best"]:
        if finalists == 1 and costs:
            return "The only network on the front among the better half by score."
        if finalists == 1:
            return "The only network that was trained far enough to be a finalist."
        text = f"Best {kind} score of the {finalists} finalists."
        if others:
            text += (
                f" {others} of them tied with it, but none that is cheaper by more "
                "than a tenth comes within one standard error."
            )
        return text
    return (
        f"The cheapest, within a tenth, of {others + 1} finalists whose {kind} scores "
        "are tied; "
        f"#{selection['best']} scored highest, by less than one standard error."
    )


def commands(path: Path, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what to type next."""
    folder = shlex.quote(str(path))
    if values["state"] != FINISHED:
        return (f"automl resume {folder}",)
    return (
        f"automl predict {folder} FILE",
        f"automl evaluate {folder} --data PATH",
        f"automl export {folder} --format savedmodel,keras --out FOLDER",
        f"automl serve {folder}",
    )


def reproduce(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what it takes to do it again, and what ended the search."""
    request = values["request"]
    environment = values.get("environment", {})
    pairs = [("seed", str(request["seed"])), ("workers", str(values.get("workers", 1)))]
    folds = (values.get("plan") or {}).get("folds") or 1
    if folds > 1:
        pairs.append(("validation scores of the shortlist", _folds_text(folds)))
    pairs += _plan_words(values.get("plan") or {})
    pairs += list(environment.get("versions", {}).items())
    pairs += list(environment.get("hardware", {}).items())
    pairs += [
        ("git commit", environment.get("git") or "none"),
        ("search ended because", values.get("stop_reason", "it has not ended")),
    ]
    pairs += [(k, str(v)) for k, v in (values.get("time_shares") or {}).items()]
    return tuple(pairs)


def _plan_words(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the decisions that a repeated run would have to take again."""
    told = (
        ("epochs of a full training", "max_epochs", count),
        ("MACs of a network at most", "max_training_macs", count),
        ("winner trained again with validation samples", "refits", _yes_or_no),
        ("budget kept for the shortlist", "final_share", percent),
        ("time kept for export and report", "export_seconds", duration),
        ("a trial is stopped as stalled after", "trial_seconds", duration),
    )
    return [
        (name, write(plan[key]))
        for name, key, write in told
        if plan.get(key) is not None
    ]


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _folds_text(folds: int) -> str:
    return (
        f"means over {folds} folds of training and validation samples; ranked before "
        "those of one split; the recommended model was then trained on all of these "
        "samples"
    )
