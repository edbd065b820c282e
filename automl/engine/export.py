"""Exporting any trial of a run, after the search."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

from automl.errors import RequestError
from automl.export.job import FORMATS, ExportRequest, export_model
from automl.export.verification import ExportFailedError, verify
from automl.run.directory import RunDirectory
from automl.run.predictions import load_predictions
from automl.run.trial import TrialRecord
from automl.training.assignment import SpaceRequest
from automl.training.checkpoint import BEST
from automl.training.scoring import ScoringRequest, score_model
from automl.workers.messages import Broke, Ended, Job
from automl.workers.pool import WorkerPool, default_memory_limit
from automl_datasets.preparation import prepare

_TIME_LIMIT_SECONDS = 1800.0


def export_trial(
    run: RunDirectory, trial: str, formats: tuple[str, ...], out: str | Path | None
) -> dict[str, Path]:
    """Export a trial, and run each export on the test split in a fresh process.

    Args:
        run: The run.
        trial: `best`, or a trial's identity.
        formats: Keys of `FORMATS`.
        out: Folder to write to; by default `best/` for the best, else
            `trials/<id>/export`.

    Returns:
        The path of each format.

    Raises:
        RequestError: If there is no such trial or format, or its weights are gone.
        ExportFailedError: If an export does not predict what the model does.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise RequestError(
            f"The export format {unknown[0]!r} is not known; "
            f"choose from {', '.join(FORMATS)}."
        )
    record = _find(run, trial)
    training = record.best_training(run.request().direction)
    folder = run.training(record.trial, training.name) if training else None
    if folder is None or not (folder / BEST).exists():
        raise RequestError(
            f"Trial {record.trial} has no weights ({record.status}: {record.reason}); "
            "choose one that was trained."
        )
    default = run.best if trial == "best" else run.trial(record.trial) / "export"
    target = Path(out) if out is not None else default
    request = ScoringRequest(folder, run.prepared, _space(run), record.hyperparameters)
    _export_and_verify(run, request, formats, target)
    return {name: target / FORMATS[name][0] for name in formats}


def _find(run: RunDirectory, trial: str) -> TrialRecord:
    records = run.read_trials()
    if trial == "best":
        trial = (run.read().get("selection") or {}).get("recommended", "")
        if not trial:
            raise RequestError(
                f"{run.path} has no recommended model yet; go on with "
                f"`automl resume {run.path}` or name one with --trial."
            )
    number = trial.removeprefix("#").zfill(4)
    if number not in records:
        raise RequestError(
            f"{run.path} has no trial {trial!r}; it has {len(records)} trials, "
            "see its leaderboard."
        )
    return records[number]


def _space(run: RunDirectory) -> SpaceRequest:
    values = run.read()
    request, plan = run.request(), values["plan"]
    limits = [n for n in (request.max_macs, plan["max_training_macs"]) if n is not None]
    return SpaceRequest(
        request.space, plan["max_epochs"], min(limits, default=None), request.objective
    )


def _export_and_verify(
    run: RunDirectory, request: ScoringRequest, formats: tuple[str, ...], target: Path
) -> None:
    data = prepare(run.request().data_options(), run.prepared)
    pool = WorkerPool(
        1,
        threads=multiprocessing.cpu_count(),
        log_file=run.path / "log.txt",
        memory_limit=default_memory_limit(1),
    )
    try:
        _run(pool, score_model, request)
        _run(pool, export_model, ExportRequest(request, formats, target))
    finally:
        pool.close()
    expected = load_predictions(request.folder, "test")
    verify(target, formats, data.split("test").file("inputs.npy"), expected)


def _run(pool: WorkerPool, function: Any, argument: Any) -> None:
    pool.submit(0, Job(function, argument, _TIME_LIMIT_SECONDS))
    while True:
        for event in pool.wait():
            if isinstance(event, Broke):
                raise ExportFailedError(f"The model can't be exported: {event.reason}.")
            if isinstance(event, Ended):
                return
