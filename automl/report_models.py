"""What the test split says of the finalists, as far as it is still there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.metrics.baselines import baseline_score
from automl.metrics.catalog import metric_of
from automl.report_details import model_detail
from automl.report_ensemble import ensemble_predictions
from automl.run.directory import RunDirectory
from automl.run.predictions import load_predictions, predictions_file
from automl_datasets.errors import DataError
from automl_datasets.preparation import open_prepared
from automl_datasets.spec import DataSpec
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import ENSEMBLE, TrialRow

_WITHOUT_DATA = (
    "Figures of the top models and the baseline are left out, and MODEL_CARD.md stays "
    "as it was"
)


@dataclass(frozen=True)
class Finalists:
    """What is told of the finalists beside their rows.

    Attributes:
        models: The details of each, the recommended first.
        baseline: What the best answer that ignores its input scores on test.
        missing: What is left out because a file is gone, one sentence each.
        test_groups: How many groups, such as patients, the test split holds; `None`
            where samples have none.
    """

    models: tuple[ModelDetail, ...] = ()
    baseline: float | None = None
    missing: tuple[str, ...] = ()
    test_groups: int | None = None


def finalists(
    run: RunDirectory,
    selection: Mapping[str, Any],
    rows: Sequence[TrialRow],
    objective: str | None,
) -> Finalists:
    """Return what the prepared data and the predictions of the test split tell.

    Args:
        run: The run.
        selection: What the run recorded of its choice; empty before there is one.
        rows: The trials.
        objective: For example `val_accuracy`; `None` before it is decided.

    Raises:
        DataError: If prepared data is there, but broken.
        RequestError: If predictions are there, but broken.
    """
    if not selection:
        return Finalists()
    try:
        prepared = open_prepared(run.prepared)
    except DataError as error:
        return Finalists(missing=(f"{_WITHOUT_DATA}: {error}",))
    train, test = (prepared.split(name) for name in ("train", "test"))
    if gone := _gone([split.file("targets.npy") for split in (train, test)]):
        return Finalists(missing=(f"{_WITHOUT_DATA}: {gone} is gone.",))
    models, missing = _models(run, selection, rows, prepared.spec, test.targets)
    baseline = None
    if objective is not None:
        metric = metric_of(objective).name
        baseline = baseline_score(metric, prepared.spec, train.targets, test.targets)
    groups = None if test.groups is None else len(set(test.groups))
    return Finalists(models, baseline, missing, groups)


def _models(
    run: RunDirectory,
    selection: Mapping[str, Any],
    rows: Sequence[TrialRow],
    spec: DataSpec,
    targets: np.ndarray,
) -> tuple[tuple[ModelDetail, ...], tuple[str, ...]]:
    """Return the finalists' details, and why some are left out."""
    details: list[ModelDetail] = []
    missing: list[str] = []
    for trial in _order(selection, rows):
        folders = _folders(run, selection, trial)
        if gone := _gone([predictions_file(folder, "test") for folder in folders]):
            missing.append(
                f"Figures of model {trial} are left out, and MODEL_CARD.md stays as it "
                f"was: {gone} is gone."
            )
        elif trial == ENSEMBLE:
            mean = ensemble_predictions(run, selection)
            details.append(model_detail(trial, spec, targets, mean))
        else:
            (folder,) = folders
            own = load_predictions(folder, "test")
            details.append(model_detail(trial, spec, targets, own, folder=folder))
    return tuple(details), tuple(missing)


def _order(selection: Mapping[str, Any], rows: Sequence[TrialRow]) -> list[str]:
    """Return the recommended trial, then the others; before all an exported mean."""
    pays = (selection.get("ensemble") or {}).get("pays")
    first = [ENSEMBLE] if pays else []
    first += [row.trial for row in rows if row.recommended]
    return list(dict.fromkeys([*first, *selection["trainings"]]))


def _folders(run: RunDirectory, selection: Mapping[str, Any], trial: str) -> list[Path]:
    """Return the folder of a model's training, or those of all members."""
    if trial != ENSEMBLE:
        return [run.training(trial, selection["trainings"][trial])]
    members = selection["ensemble"]["members"]
    return [run.training(member["trial"], member["training"]) for member in members]


def _gone(needed: Iterable[Path]) -> Path | None:
    """Return the first file that is not there."""
    return next((file for file in needed if not file.exists()), None)
