"""The recommended model, exported, and proved in fresh processes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from automl.engine.explaining import explain_finalists
from automl.engine.jobs import run_job
from automl.engine.judgement import Judgement, handed_over
from automl.engine.setting import Setting
from automl.errors import is_disk_full
from automl.export.ensemble import predicted
from automl.export.job import ExportRequest, export_model
from automl.export.names import FILES
from automl.export.outcome import ExportFailedError, FailedExport
from automl.export.staging import put_in_place, remove, staging
from automl.export.verification import Reference, Verification, verify
from automl.metrics.catalog import metric_of
from automl.run.directory import MODEL_CARD
from automl.workers.messages import Broke, Job

_TIME_LIMIT_SECONDS = 900.0


def hand_over(setting: Setting, judgement: Judgement) -> None:
    """Export the recommended model, or an ensemble that pays, to `best/`; prove it.

    A format that can't be written, or that does not predict what the trained model
    does, is noted with its reason; the others stay. That none is left loses nothing
    else of the run, and is for whoever asked for the search to say. The finalists are
    explained for the report.

    Raises:
        ExportFailedError: If the disk is full: there may be space when the run goes on.
    """
    model = handed_over(setting, judgement)
    reference = Reference(
        setting.data.split("test").file("inputs.npy"),
        predicted(model, "test"),
        setting.answers("test"),
    )
    with staging(setting.run.best) as stage:
        request = ExportRequest(
            model, setting.request.export, stage, setting.request.quantize
        )
        verified, failed = _proved(setting, request, reference)
        _replace_exports(setting, stage, verified)
    metric = metric_of(setting.objective).name
    setting.run.update(
        exports=[v.to_json(metric, reference.answers) for v in verified],
        failed_exports=[vars(failure) for failure in failed],
    )
    for failure in failed:
        setting.progress.message(failure.reason)
    explain_finalists(setting, judgement)


def _proved(
    setting: Setting, request: ExportRequest, reference: Reference
) -> tuple[list[Verification], list[FailedExport]]:
    """Return the formats that were written and proved, and the others."""
    failed = _unwritten(setting, request)
    written = [f for f in request.formats if f not in {x.format for x in failed}]
    verified, unproved = verify(
        request.folder, written, reference, quantize=request.quantize
    )
    failed = [*failed, *unproved]
    for failure in failed:
        if is_disk_full(failure.reason):
            raise ExportFailedError(failure.reason)
    return verified, failed


def _unwritten(setting: Setting, request: ExportRequest) -> list[FailedExport]:
    """Write every format in a worker, and return those that could not be written."""
    job = Job(export_model, request, _TIME_LIMIT_SECONDS)
    log, meanwhile = setting.run.log, setting.refresh_report
    event = run_job(setting.pool, "exporting", job, log, meanwhile)
    if isinstance(event, Broke):
        setting.run.log(event.details)
        reason = f"The model can't be exported: {event.reason}."
        return [FailedExport(name, reason) for name in request.formats]
    failed: list[FailedExport] = event.result
    return failed


def _replace_exports(
    setting: Setting, stage: Path, verified: Sequence[Verification]
) -> None:
    """Leave in `best/` the exports of this model alone.

    Others there, of a search that went on since, may be of another trial.
    """
    names = [verification.path.name for verification in verified]
    put_in_place(stage, setting.run.best, names)
    for name in {*FILES.values(), MODEL_CARD}.difference(names):  # the card comes last
        remove(setting.run.best / name)
