"""The recommended model, exported, and proved in fresh processes."""

from __future__ import annotations

from typing import Any

from automl.engine.judgement import Judgement, scoring_request
from automl.engine.setting import Setting
from automl.export.job import ExportRequest, export_model
from automl.export.verification import ExportFailedError, verify
from automl.metrics.catalog import metric_of
from automl.metrics.scores import score
from automl.run.predictions import load_predictions
from automl.workers.messages import Broke, Ended, Job

_TIME_LIMIT_SECONDS = 900.0


def hand_over(setting: Setting, judgement: Judgement) -> None:
    """Export the recommended model to `best/`, verify it, and note its scores.

    Raises:
        ExportFailedError: If a format can't be written or does not predict what the
            trained model does.
    """
    trial = judgement.choice.recommended
    training = judgement.trainings[trial]
    record = setting.ledger.records[trial]
    formats = setting.request.export
    request = ExportRequest(
        scoring_request(setting, record, training), formats, setting.run.best
    )
    _run(setting, Job(export_model, request, _TIME_LIMIT_SECONDS))
    folder = setting.run.training(trial, training)
    expected = load_predictions(folder, "test")
    test = setting.data.split("test")
    verified = verify(setting.run.best, formats, test.file("inputs.npy"), expected)
    name = metric_of(setting.objective).name
    exports: list[dict[str, Any]] = []
    for verification in verified:
        value = score(name, verification.predictions, setting.answers("test"))
        exports.append({**verification.to_json(), "test_score": value})
    setting.run.update(exports=exports)


def _run(setting: Setting, job: Job) -> None:
    setting.pool.submit(setting.pool.idle()[0], job)
    while setting.pool.busy():
        for event in setting.pool.wait():
            if isinstance(event, Broke):
                setting.run.log(event.details)
                raise ExportFailedError(f"The model can't be exported: {event.reason}.")
            if isinstance(event, Ended):
                return
