"""The ensemble that was asked for, as the report tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.run.directory import RunDirectory
from automl.selection.ensemble import mean_of_files
from automl_reports.figures import count, figure
from automl_reports.macs import macs_words
from automl_reports.rows import ENSEMBLE, EnsembleRow, TrialRow


def ensemble_row(
    selection: Mapping[str, Any], rows: Sequence[TrialRow]
) -> EnsembleRow | None:
    """Return what the run's record tells of the ensemble, if one was asked for.

    Args:
        selection: What `run.json` says of the choice.
        rows: The trials, its members among them.
    """
    values = selection.get("ensemble")
    if not values:
        return None
    members = tuple((m["trial"], float(m["weight"])) for m in values["members"])
    interval, gained = values["test_interval"], values["gain_interval"]
    row = TrialRow(
        trial=ENSEMBLE,
        status="completed",
        architecture=f"mean of {_members_text(members)}",
        origin="ensemble",
        val_score=values["val_score"],
        test_score=values["test_score"],
        test_interval=(interval[0], interval[1]) if interval else None,
        params=values["params"],
        macs=values["macs"],
        size_mb=values["size_mb"],
        latency_ms=values["latency_ms"],
        latency_p95_ms=values["latency_p95_ms"],
        recommended=values["pays"],
        test_metrics=values["test_metrics"] or {},
        test_intervals=test_intervals(selection, pays=True),
        unknown_layers=_unknown_layers(members, rows),
    )
    gain_interval = (gained[0], gained[1]) if gained else None
    return EnsembleRow(
        row,
        values["single"],
        members,
        values["gain"],
        gain_interval,
        values.get("single_latency_ms"),
    )


def _unknown_layers(
    members: Sequence[tuple[str, float]], rows: Sequence[TrialRow]
) -> tuple[str, ...]:
    """Return the layers of all members that nobody can count, each name once."""
    trials = {trial for trial, _ in members}
    found = (row.unknown_layers for row in rows if row.trial in trials)
    return tuple(dict.fromkeys(name for names in found for name in names))


def test_intervals(
    selection: Mapping[str, Any], *, pays: bool
) -> dict[str, tuple[float, float]]:
    """Return the intervals of the model that is handed over, by metric.

    Args:
        selection: What `run.json` says of the choice.
        pays: Whether those of an ensemble are asked for, or of a single model; the
            other one, which is not handed over, has none.
    """
    if (selection.get("ensemble") or {}).get("pays", False) != pays:
        return {}
    found = selection.get("test_intervals", {})
    return {name: (low, high) for name, (low, high) in found.items()}


def ensemble_predictions(run: RunDirectory, selection: Mapping[str, Any]) -> np.ndarray:
    """Return the mean of what the members predict on the test split."""
    members = selection["ensemble"]["members"]
    folders = [run.training(m["trial"], m["training"]) for m in members]
    return mean_of_files(folders, [m["weight"] for m in members], "test")


def ensemble_verdict(ensemble: EnsembleRow | None, rows: Sequence[TrialRow]) -> str:
    """Return whether the ensemble pays, by how much, and what it costs."""
    if ensemble is None:
        return ""
    if ensemble.gain is None or ensemble.gain_interval is None:
        return (
            "An ensemble was asked for: on validation no mean of models that the "
            f"limits allow is better than #{ensemble.members[0][0]} alone, so a single "
            "model is exported."
        )
    row = ensemble.row
    low, high = map(figure, ensemble.gain_interval)
    worth = (
        f"the {row.architecture} gains {figure(ensemble.gain)} on test over "
        f"#{ensemble.single} alone (95 % interval of the gain {low} to {high})"
    )
    if row.recommended:
        told = (
            f"An ensemble pays and is exported: {worth}. Validation chose its members; "
            "that it is kept was decided on this test interval, so its test score is a "
            "little better than it deserves."
        )
    else:
        why = "an interval that is not wholly above zero"
        if ensemble.gain_interval[0] > 0:
            why = "but they answer too few test samples differently to tell them apart"
        told = (
            f"An ensemble does not pay: {worth}, {why}, so the single model is "
            "exported."
        )
    return f"{told} {_costs(ensemble, rows)}"


def whole_verdict(
    single: str, ensemble: EnsembleRow | None, rows: Sequence[TrialRow]
) -> str:
    """Return why the single model was chosen, and what the ensemble is worth."""
    told = ensemble_verdict(ensemble, rows)
    if ensemble is None or not single:
        return single
    if ensemble.row.recommended:
        return f"{told} The single model #{ensemble.single}: {single}"
    return f"{single} {told}"


def _members_text(members: Sequence[tuple[str, float]]) -> str:
    parts = [f"#{trial} ({100 * weight:.0f} %)" for trial, weight in members]
    return ", ".join(parts)


def _costs(ensemble: EnsembleRow, rows: Sequence[TrialRow]) -> str:
    """Return what the ensemble and the single model cost, side by side."""
    found = next(row for row in rows if row.trial == ensemble.single)
    single = replace(found, latency_ms=ensemble.single_latency_ms)
    together, alone = (_cost(row) for row in (ensemble.row, single))
    return f"Cost of the ensemble: {together}; of #{single.trial}: {alone}."


def _cost(row: TrialRow) -> str:
    parts = [
        f"{count(row.params)} params",
        f"{macs_words(row)} MACs",
        f"{figure(row.size_mb)} MB",
    ]
    if row.latency_ms is not None:
        parts.append(f"{figure(row.latency_ms)} ms")
    return ", ".join(parts)
