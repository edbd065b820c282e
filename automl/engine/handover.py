"""The recommended model, exported, and proved in fresh processes."""

from __future__ import annotations

from typing import Any

from automl.engine.explaining import explain_finalists
from automl.engine.jobs import run_job
from automl.engine.judgement import Judgement, handed_over
from automl.engine.setting import Setting
from automl.export.ensemble import predicted
from automl.export.job import ExportRequest, export_model, remove
from automl.export.names import FILES
from automl.export.outcome import ExportFailedError, FailedExport
from automl.export.verification import Reference, verify
from automl.metrics.catalog import metric_of
from automl.workers.messages import Broke, Job

_TIME_LIMIT_SECONDS = 900.0


def hand_over(setting: Setting, judgement: Judgement) -> None:
    """Export the recommended model, or an ensemble that pays, to `best/`; prove it.

    A format that can't be written, or that does not predict what the trained model
    does, is removed and noted with its reason; the others stay. The finalists are
    explained for the report.

    Raises:
        ExportFailedError: If no format is left.
    """
    best = setting.run.best
    model = handed_over(setting, judgement)
    request = ExportRequest(
        model, setting.request.export, best, setting.request.quantize
    )
    failed: list[FailedExport] = _run(setting, request)
    written = [f for f in request.formats if f not in {x.format for x in failed}]
    reference = Reference(
        setting.data.split("test").file("inputs.npy"),
        predicted(model, "test"),
        setting.answers("test"),
    )
    verified, unproved = verify(best, written, reference, quantize=request.quantize)
    for failure in unproved:
        remove(best / FILES[failure.format])
    metric = metric_of(setting.objective).name
    setting.run.update(
        exports=[v.to_json(metric, reference.answers) for v in verified],
        failed_exports=[vars(failure) for failure in (*failed, *unproved)],
    )
    for failure in (*failed, *unproved):
        setting.progress.message(failure.reason)
    if not verified and (failed or unproved):
        raise ExportFailedError((*failed, *unproved)[0].reason)
    explain_finalists(setting, judgement)


def _run(setting: Setting, request: ExportRequest) -> Any:
    job = Job(export_model, request, _TIME_LIMIT_SECONDS)
    event = run_job(setting.pool, "exporting", job, setting.run.log)
    if isinstance(event, Broke):
        setting.run.log(event.details)
        raise ExportFailedError(f"The model can't be exported: {event.reason}.")
    return event.result
