"""The recommended model, exported, and proved in fresh processes."""

from __future__ import annotations

from typing import Any

from automl.engine.explaining import explain_finalists
from automl.engine.judgement import Judgement, scoring_request
from automl.engine.setting import Setting
from automl.export.job import ExportRequest, export_model, remove
from automl.export.names import FILES
from automl.export.outcome import ExportFailedError, FailedExport
from automl.export.verification import Reference, verify
from automl.metrics.catalog import metric_of
from automl.run.predictions import load_predictions
from automl.workers.messages import Broke, Ended, Job

_TIME_LIMIT_SECONDS = 900.0


def hand_over(setting: Setting, judgement: Judgement) -> None:
    """Export the recommended model to `best/`, verify it, and note its scores.

    A format that can't be written, or that does not predict what the trained model
    does, is removed and noted with its reason; the others stay. The finalists are
    explained for the report.

    Raises:
        ExportFailedError: If no format is left.
    """
    trial = judgement.choice.recommended
    training = judgement.trainings[trial]
    record = setting.ledger.records[trial]
    best = setting.run.best
    request = ExportRequest(
        scoring_request(setting, record, training),
        setting.request.export,
        best,
        setting.request.quantize,
    )
    failed: list[FailedExport] = _run(setting, request)
    written = [f for f in request.formats if f not in {x.format for x in failed}]
    reference = Reference(
        setting.data.split("test").file("inputs.npy"),
        load_predictions(setting.run.training(trial, training), "test"),
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
    setting.pool.submit(setting.pool.idle()[0], job)
    while setting.pool.busy():
        for event in setting.pool.wait():
            if isinstance(event, Broke):
                setting.run.log(event.details)
                raise ExportFailedError(f"The model can't be exported: {event.reason}.")
            if isinstance(event, Ended):
                return event.result
    raise ExportFailedError("The worker that exports has gone.")
