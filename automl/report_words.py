"""The words of the report that only the record of the run can supply."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from automl.run.directory import FINISHED
from automl.run.formats import FORMATS
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
        length = f" for {chosen.refit_epochs} epochs" if chosen.refit_epochs else ""
        text += (
            " Then it was trained again on training and validation samples together"
            f"{length}, as data is scarce; this model is tested and exported."
        )
    return text


def _reason_of_choice(
    chosen: TrialRow, selection: Mapping[str, Any], costs: Sequence[str]
) -> str:
    finalists = len(selection["trainings"])
    if finalists == 1 and costs:
        return "The only network on the front among the better half by score."
    if finalists == 1:
        return "The only network that was trained far enough to be a finalist."
    if chosen.trial == selection["best"]:
        return _reason_of_best(selection, finalists)
    near = selection.get("near")  # older runs did not record it
    those = f"the {len(near)} finalists" if near else "the finalists"
    return (
        f"The cheapest, within a tenth, of {those} within one standard error of the "
        f"best {_kind(selection)} score and of its loss; #{selection['best']} scored "
        "best."
    )


def _reason_of_best(selection: Mapping[str, Any], finalists: int) -> str:
    """Return why the best of several finalists is recommended."""
    compared = len(selection.get("compared", selection["trainings"]))
    if compared == 1:
        return f"The only one of {finalists} finalists that was trained on every fold."
    those = f"{compared} finalists"
    if compared < finalists:
        those = f"{compared} of {finalists} finalists that were trained on every fold"
    text = f"Best {_kind(selection)} score of the {those}."
    if (tried := selection.get("cross_validated", 0)) > finalists:
        text = f"Best {_kind(selection)} score of the {those}, out of {tried} networks."
    if others := len(selection["tied"]) - 1:
        text += (
            f" {others} of them tied with it, but none that is cheaper by more "
            "than a tenth comes within one standard error."
        )
    return text


def _kind(selection: Mapping[str, Any]) -> str:
    return "cross-validated" if selection.get("by_folds") else "validation"


def commands(path: Path, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what to type next; without an export nothing else can be done yet."""
    folder = shlex.quote(str(path))
    if values["state"] != FINISHED:
        return (f"automl resume {folder}",)
    predict, evaluate, serve = (
        f"automl predict {folder} FILE",
        f"automl evaluate {folder} --data PATH",
        f"automl serve {folder}",
    )
    if not values.get("exports"):
        return export_first(path, values), predict, evaluate, serve
    export = f"automl export {folder}{_named_space(values)}"
    return predict, evaluate, f"{export} --format savedmodel,keras --out FOLDER", serve


def export_first(run: Path, values: Mapping[str, Any]) -> str:
    """Return the command that exports the model of a run that has no export yet."""
    command = f"automl export {shlex.quote(str(run))}{_named_space(values)}"
    return f"{command} --format {_untried_format(values)}"


def _named_space(values: Mapping[str, Any]) -> str:
    """Return the option without which a space that is code is not executed."""
    space = values["request"]["space"]
    return f" --space {shlex.quote(space)}" if space.endswith(".py") else ""


def _untried_format(values: Mapping[str, Any]) -> str:
    """Return the first format that did not fail; `savedmodel` if all of them did."""
    failed = {failure["format"] for failure in values.get("failed_exports", ())}
    return next((name for name in FORMATS if name not in failed), "savedmodel")


def reproduce(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what it takes to do it again, and what ended the search."""
    request = values["request"]
    environment = values.get("environment", {})
    pairs = [("seed", str(request["seed"])), ("workers", str(values.get("workers", 1)))]
    folds = (values.get("plan") or {}).get("folds") or 1
    if folds > 1:
        pairs.append(("validation scores of the best", _folds_text(folds)))
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
        ("budget kept for the shortlist, at most", "final_share", percent),
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
