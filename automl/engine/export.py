"""Exporting any trial of a run, after the search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl.engine.groundwork import running_workers
from automl.engine.jobs import run_job
from automl.engine.plan import Plan
from automl.engine.planning import space_request
from automl.engine.retraining import retrain
from automl.engine.run_data import run_data
from automl.errors import RequestError
from automl.export.ensemble import NAME, EnsembleRequest, predicted
from automl.export.job import ExportRequest, export_model
from automl.export.outcome import ExportFailedError, FailedExport, gravest
from automl.export.runtimes import require_export
from automl.export.staging import put_in_place, staging
from automl.export.untrusted import check_keras_file
from automl.export.verification import Reference, Verification, verify
from automl.metrics.answers import Answers
from automl.metrics.catalog import metric_of
from automl.reporting import write_run_report
from automl.run.atomic import write_json
from automl.run.checks import check_formats
from automl.run.directory import RunDirectory
from automl.run.trial import TrialRecord
from automl.training.checkpoint import BEST
from automl.training.scoring import ScoringRequest, score_model
from automl.workers.messages import Broke, Job

_TIME_LIMIT_SECONDS = 1800.0
_BEST = "best"
_PYTHON = ".py"


@dataclass(frozen=True)
class ExportOptions:
    """How a trial is to be exported.

    Attributes:
        formats: Keys of `FILES`.
        quantize: How LiteRT's weights are kept.
        out: Folder to write to; by default `best/` for the best, else
            `trials/<id>/export`.
        space: The Python file that the networks of the run come from, where they do:
            it is executed, and so has to be named.
    """

    formats: tuple[str, ...]
    quantize: str = "none"
    out: str | Path | None = None
    space: str | Path | None = None


@dataclass(frozen=True)
class Exported:
    """What came of it.

    Attributes:
        paths: Where each format lies.
        figures: Of each format its score, difference, size and latencies.
        failed: The formats that are not handed over.
        retrained: Whether the trial's weights were gone, and it was trained again.
    """

    paths: dict[str, Path]
    figures: list[dict[str, Any]]
    failed: list[FailedExport]
    retrained: bool


def export_trial(run: RunDirectory, trial: str, options: ExportOptions) -> Exported:
    """Export a trial, and run each export on the test split in a fresh process.

    Of the best trial exported to `best/` the figures go to `run.json` and the report,
    else to `export.json` beside the exports. A trial whose weights are gone is trained
    again, with its own seed. Where an export fails, what was there before stays.

    Args:
        run: The run.
        trial: `best`, which may be an ensemble; `ensemble`, if it is; or the number of
            a trial.
        options: How.

    Raises:
        RequestError: If there is no such trial or format, if it was never trained, or
            if the space is a Python file that was not named; if the exports would go
            to `best/`, which holds another model; if no format can hold the model, or
            not in that precision.
        ExportFailedError: If no format is left because of a fault.
    """
    check_formats(options.formats, options.quantize)
    require_export(options.formats)
    _refuse_unnamed_code(run, options.space)
    if trial == NAME and _members(run):  # as `--json` calls the best
        trial = _BEST
    record = _find(run, trial)
    members = _members(run) if trial == _BEST else []
    target = _target(run, trial, record, options.out)
    with staging(target) as stage:
        with _worker(run) as call:
            request, retrained = _model(run, record, members, call)
            wanted = ExportRequest(request, options.formats, stage, options.quantize)
            failed: list[FailedExport] = call(export_model, wanted)
        written = [f for f in options.formats if f not in {x.format for x in failed}]
        reference = _reference(run, request)
        verified, unproved = verify(
            stage, written, reference, quantize=options.quantize
        )
        put_in_place(stage, target, [v.path.name for v in verified])
    failed = [*failed, *unproved]
    figures = _figures(run, reference, verified)
    if _is_best(run, target):
        _note(run, figures, failed)
    elif verified:
        name = NAME if members else record.trial
        note = {"trial": name, "retrained": retrained, "exports": figures}
        write_json(target / "export.json", note)
    if not verified:
        told = gravest(failed)
        refusal = RequestError if told.limited else ExportFailedError
        raise refusal(told.reason)
    paths = {v.format: target / v.path.name for v in verified}
    return Exported(paths, figures, failed, retrained)


def _target(
    run: RunDirectory, trial: str, record: TrialRecord, out: str | Path | None
) -> Path:
    """Return the folder to export a trial to.

    Args:
        run: The run.
        trial: What was asked for.
        record: The trial that this names.
        out: The folder that was asked for, if one was.

    Raises:
        RequestError: If it is a file, or is `best/` and the trial is not what the run
            handed over.
    """
    default = run.best if trial == _BEST else run.trial(record.trial) / "export"
    target = Path(out) if out is not None else default
    if target.is_file():
        raise RequestError(
            f"The exports go to a folder, but {target} is a file; choose another --out."
        )
    recommended = (run.read().get("selection") or {}).get("recommended")
    is_handed_over = record.trial == recommended and not _members(run)
    if _is_best(run, target) and trial != _BEST and not is_handed_over:
        raise RequestError(
            f"{target} is for the model that the run recommends, which trial "
            f"{record.trial} is not; choose another --out."
        )
    return target


def _is_best(run: RunDirectory, folder: Path) -> bool:
    """Whether a folder, however it is written, is the run's `best/`."""
    return folder.resolve() == run.best.resolve()


def _refuse_unnamed_code(run: RunDirectory, allowed: str | Path | None) -> None:
    """Refuse to execute a file of which the record of a run alone says to."""
    space = run.request().space
    named = allowed is not None and Path(allowed).resolve() == Path(space).resolve()
    if Path(space).suffix == _PYTHON and not named:
        raise RequestError(
            f"The networks of {run.path} come from the Python file {space}, which "
            f"would be executed; if you trust it, say so with --space {space}."
        )
    if run.trunk is not None:
        check_keras_file(run.trunk)


def _find(run: RunDirectory, trial: str) -> TrialRecord:
    records = run.read_trials()
    if trial == _BEST:
        trial = (run.read().get("selection") or {}).get("recommended", "")
        if not trial:
            raise RequestError(
                f"{run.path} has no recommended model yet; go on with "
                f"`automl resume {run.path}` or name one with --trial."
            )
    number = trial.removeprefix("#").zfill(4)
    if number not in records or not number.isdigit():
        raise RequestError(
            f"{run.path} has no trial {trial!r}; it has {len(records)} trials, "
            "see its leaderboard."
        )
    return records[number]


@contextmanager
def _worker(run: RunDirectory) -> Iterator[Any]:
    """Yield a function that makes a call in a worker and returns its result."""
    with running_workers(run, 1) as pool:

        def call(
            function: Any,
            argument: Any,
            *,
            seconds: float = _TIME_LIMIT_SECONDS,
            trains: bool = False,
        ) -> Any:
            job = Job(function, argument, seconds, trains=trains)
            event = run_job(pool, "exporting", job, run.log)
            if isinstance(event, Broke):
                raise ExportFailedError(f"The model can't be exported: {event.reason}.")
            return event.result

        yield call


def _members(run: RunDirectory) -> list[dict[str, Any]]:
    """Return the members of the ensemble that the run handed over, if it did."""
    ensemble = (run.read().get("selection") or {}).get("ensemble") or {}
    return list(ensemble["members"]) if ensemble.get("pays") else []


def _model(
    run: RunDirectory, record: TrialRecord, members: list[dict[str, Any]], call: Any
) -> tuple[ScoringRequest | EnsembleRequest, bool]:
    """Return what names the weights, and whether some had to be made again."""
    run_data(run, run.request())
    if not members:
        return _trained(run, record, call)
    records = run.read_trials()
    found = [_trained(run, records[m["trial"]], call, m["training"]) for m in members]
    weights = tuple(float(m["weight"]) for m in members)
    ensemble = EnsembleRequest(tuple(request for request, _ in found), weights)
    return ensemble, any(retrained for _, retrained in found)


def _trained(
    run: RunDirectory, record: TrialRecord, call: Any, name: str | None = None
) -> tuple[ScoringRequest, bool]:
    """Return one trial's scored weights, and whether they had to be made again.

    Args:
        run: The run.
        record: The trial.
        call: Makes a call in a worker.
        name: Which of its trainings; the best by default.
    """
    training = record.best_training(run.request().direction)
    if name is not None:
        training = next((t for t in record.trainings if t.name == name), None)
    if training is None:
        raise RequestError(
            f"Trial {record.trial} was never trained ({record.status}: "
            f"{record.reason}); choose one that was."
        )
    folder = run.training(record.trial, training.name)
    space = space_request(run, run.request(), Plan.from_json(run.read()["plan"]))
    request = ScoringRequest(folder, run.prepared, space, record.hyperparameters)
    retrained = not (folder / BEST).exists()
    if retrained:
        folder = retrain(run, record, training, request.space, call)
        request = replace(request, folder=folder)
    call(score_model, request)
    return request, retrained


def _reference(
    run: RunDirectory, request: ScoringRequest | EnsembleRequest
) -> Reference:
    data = run_data(run, run.request())
    test = data.split("test")
    return Reference(
        test.file("inputs.npy"),
        predicted(request, "test"),
        Answers.of(data.spec, test.targets),
    )


def _figures(
    run: RunDirectory, reference: Reference, verified: list[Verification]
) -> list[dict[str, Any]]:
    task = run.read()["spec"]["task"]
    metric = metric_of(run.request().for_task(task).objective or "").name
    return [v.to_json(metric, reference.answers) for v in verified]


def _note(
    run: RunDirectory, figures: list[dict[str, Any]], failed: list[FailedExport]
) -> None:
    """Write down what `best/` holds now, and write the report again.

    A format that failed this time may be there from before, and has not failed then.
    """
    values = run.read()
    exports = {row["format"]: row for row in (*values.get("exports", ()), *figures)}
    told = (*values.get("failed_exports", ()), *(vars(failure) for failure in failed))
    failures = {row["format"]: row for row in told if row["format"] not in exports}
    run.update(exports=list(exports.values()), failed_exports=list(failures.values()))
    write_run_report(run)
