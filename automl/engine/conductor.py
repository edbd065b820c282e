"""From a request to a finished run, and from a stopped run on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import keras_tuner

from automl.engine.clock import Clock
from automl.engine.cross_validation import choose_by_folds, cross_validate
from automl.engine.final_training import FinalTraining
from automl.engine.handover import hand_over
from automl.engine.interrupt import Interrupt, listening
from automl.engine.judgement import Judgement, judge
from automl.engine.ledger import Ledger
from automl.engine.plan import SHORTLIST_SIZE, Plan
from automl.engine.planning import make_plan, memory_for_training
from automl.engine.setting import Setting
from automl.engine.trial_loop import TrialLoop
from automl.errors import NoTrialSucceededError, RequestError
from automl.oracles.registry import make_oracle
from automl.reporting import write_run_report
from automl.run.directory import (
    FAILED,
    FINISHED,
    IN_PROGRESS,
    INTERRUPTED,
    RunDirectory,
    lock_run,
)
from automl.run.environment import (
    git_revision,
    hardware,
    package_versions,
    usable_cores,
)
from automl.run.request import SearchRequest
from automl.training.assignment import Fold, SpaceRequest
from automl.training.samples import held_out_rows
from automl.training.spaces import (
    check_space,
    discover_hyperparameters,
    load_space,
    space_fingerprint,
)
from automl.workers.pool import WorkerPool, default_memory_limit
from automl_datasets.preparation import PreparedData, prepare
from automl_reports.rows import RunReport
from automl_reports.terminal import Progress
from automl_search_spaces.deployability import sentences
from automl_search_spaces.limits import Limits

_SECONDS_BETWEEN_REPORTS = 60.0


def begin_run(request: SearchRequest, folder: Path, command: str) -> RunDirectory:
    """Make the folder of a new run and write down the request.

    Raises:
        RequestError: If a run lies there already.
        SpaceError: If the search space is not known.
    """
    check_space(request.space)
    run = RunDirectory(folder)
    run.refuse_existing()
    run.write(
        {
            "name": folder.name,
            "state": IN_PROGRESS,
            "command": command,
            "request": request.to_json(),
            "space_fingerprint": space_fingerprint(request.space),
            "seconds": 0.0,
            "environment": {
                "versions": package_versions(),
                "hardware": hardware(),
                "git": git_revision(Path.cwd()),
            },
        }
    )
    return run


def reopen_run(
    run: RunDirectory, request: dict[str, Any], *, budget_changed: bool
) -> None:
    """Write down a changed request of a run that goes on.

    A run that was planned without a budget is planned again when it gets one.
    """
    values = run.read()
    if budget_changed and values["request"]["budget_seconds"] is None:
        values.pop("plan", None)
    run.write({**values, "request": request})


def conduct(run: RunDirectory, progress: Progress, *, started: float) -> RunReport:
    """Carry a run to its end: prepare, search, train out, judge, export, report.

    Every phase takes up what an earlier session left, so that the same call begins a
    run and resumes one.

    Args:
        run: A run that `begin_run` made.
        progress: Shows what happens.
        started: `time.monotonic()` at the start of the command.

    Returns:
        The report, which is also on disk; its state tells whether the run finished or
        was interrupted.

    Raises:
        NoTrialSucceededError: If there is no model to hand over.
        DataError: If the data can't be used.
        RequestError: If another process works on the run, or its search space or data
            has changed.
    """
    values = run.read()
    request = run.request()
    clock = Clock(
        request.budget_seconds, started=started, before_seconds=values["seconds"]
    )
    _refuse_changed_space(run, request)
    with ExitStack() as stack:
        stack.enter_context(lock_run(run))
        interrupt = stack.enter_context(listening())
        workers = request.workers or usable_cores()
        run.update(state=IN_PROGRESS, workers=workers)
        pool = stack.enter_context(_workers(run, workers))
        try:
            data = _prepare(run, request, progress)
            request = _settle(run, request, data)
            progress.objective(request.objective or "", request.direction)
            setting = _setting(run, request, data, pool, clock, progress, interrupt)
            return _carry_out(setting)
        except NoTrialSucceededError:
            raise
        except BaseException:
            run.update(state=INTERRUPTED, seconds=clock.elapsed())
            raise


def _refuse_changed_space(run: RunDirectory, request: SearchRequest) -> None:
    known = run.read().get("space_fingerprint")
    if known is not None and known != space_fingerprint(request.space):
        raise RequestError(
            f"The search space {request.space} has changed since {run.path} was begun; "
            "search anew with another --out."
        )


@contextmanager
def _workers(run: RunDirectory, workers: int) -> Iterator[WorkerPool]:
    """Start the workers early: they import while the data is being prepared."""
    pool = WorkerPool(
        workers,
        threads=max(1, usable_cores() // workers),
        log_file=run.path / "log.txt",
        memory_limit=default_memory_limit(workers),
    )
    try:
        yield pool
    finally:
        pool.close()


def _prepare(
    run: RunDirectory, request: SearchRequest, progress: Progress
) -> PreparedData:
    progress.phase("preparing data")
    data = prepare(request.data_options(), run.prepared)
    known = run.read().get("data_fingerprint")
    if known not in (None, data.fingerprint):
        raise RequestError(
            f"The data at {request.data} has changed since {run.path} was begun; "
            "search it anew with another --out."
        )
    run.update(
        data_fingerprint=data.fingerprint,
        spec=data.spec.to_json(),
        profile=data.profile.to_json(),
    )
    return data


def _settle(
    run: RunDirectory, request: SearchRequest, data: PreparedData
) -> SearchRequest:
    """Return the request with its objective, and write it down.

    Raises:
        UnsuitableRequestError: If the objective asked for does not suit the data.
        DataError: If the data can't be cut into the folds asked for.
    """
    if request.folds is not None and request.folds > 1:
        held_out_rows(data, Fold(0, request.folds, request.seed))
    decided = request.for_task(data.spec.task)
    run.update(request=decided.to_json())
    return decided


def _setting(
    run: RunDirectory,
    request: SearchRequest,
    data: PreparedData,
    pool: WorkerPool,
    clock: Clock,
    progress: Progress,
    interrupt: Interrupt,
) -> Setting:
    plan = make_plan(run, request, data.spec, pool, clock, progress)
    limits = [n for n in (request.max_macs, plan.max_training_macs) if n is not None]
    return Setting(
        run=run,
        request=request,
        plan=plan,
        data=data,
        space=SpaceRequest(
            request.space,
            plan.max_epochs,
            min(limits, default=None),
            request.objective,
            run.trunk,
            _limits(request, plan),
            request.export,
            request.quantize,
        ),
        ledger=Ledger(run, request.direction),
        pool=pool,
        clock=clock,
        progress=progress,
        interrupt=interrupt,
        refresh_report=_reporter(run, clock),
    )


def _limits(request: SearchRequest, plan: Plan) -> Limits:
    """Return what a network must not exceed, for the user and for the budget."""
    workers = request.workers or usable_cores()
    return Limits(
        max_params=request.max_params,
        max_macs=request.max_macs,
        max_size_mb=request.max_size_mb,
        max_latency_ms=request.max_latency_ms,
        max_training_bytes=memory_for_training(workers),
        max_sample_seconds=plan.max_sample_seconds,
        pace=plan.pace,
    )


def _carry_out(setting: Setting) -> RunReport:
    reason = _search(setting)
    setting.run.update(stop_reason=reason, seconds=setting.clock.elapsed())
    if setting.interrupt.requested:
        return _finish(setting, INTERRUPTED)
    if not setting.ledger.ranked():
        _finish(setting, FAILED)
        raise NoTrialSucceededError(_no_success_sentence(setting.ledger))
    judgement = _judge(setting)
    if judgement is None:
        return _finish(setting, INTERRUPTED)
    setting.run.update(selection=judgement.to_json())
    setting.progress.phase("exporting, and scoring the exports in fresh processes")
    hand_over(setting, judgement)
    return _finish(setting, FINISHED)


def _judge(setting: Setting) -> Judgement | None:
    """Train the shortlist out and judge it; `None` if the user asked to stop."""
    choice = None
    shortlist = setting.ledger.ranked()[:SHORTLIST_SIZE]
    if setting.plan.folds is not None and setting.plan.folds > 1:
        setting.progress.phase(f"cross-validating, {setting.plan.folds} folds")
        cross_validate(setting, shortlist)
        choice = choose_by_folds(setting, shortlist)
    if choice is None and not setting.interrupt.requested:
        setting.progress.phase("training the shortlist out")
        FinalTraining(setting, shortlist).run()
    if setting.interrupt.requested:
        return None
    setting.progress.phase("scoring the shortlist on the test split")
    return judge(
        setting, [r for r in setting.ledger.ranked() if r in shortlist], choice
    )


def _search(setting: Setting) -> str:
    setting.progress.phase("searching")
    request = setting.request
    for sentence in sentences(setting.data.spec, request.export, request.quantize):
        setting.progress.message(sentence)
    space = load_space(setting.space, setting.data.spec)
    landmarks = space.landmarks()
    oracle = make_oracle(
        setting.request.strategy,
        discover_hyperparameters(space),
        keras_tuner.Objective(setting.objective, setting.direction),
        max_epochs=setting.plan.max_epochs,
        seed=setting.request.seed,
        landmarks=[landmark.values for landmark in landmarks],
        fits=space.fits,
    )
    return TrialLoop(setting, oracle, landmarks).run()


def _finish(setting: Setting, state: str) -> RunReport:
    setting.run.update(
        state=state,
        seconds=setting.clock.elapsed(),
        time_shares=_time_shares(setting),
    )
    return write_run_report(setting.run)


def _time_shares(setting: Setting) -> dict[str, str]:
    """Return what share of the workers' time went into what."""
    records = setting.ledger.records.values()
    trainings = [t for r in records for t in (*r.trainings, *r.folds)]
    available = setting.clock.elapsed() * len(setting.pool.idle() + setting.pool.busy())
    steps = sum(training.seconds for training in trainings) / available
    overhead = sum(training.overhead_seconds for training in trainings) / available
    return {
        "worker time in training and validation steps": f"{100 * steps:.0f} %",
        "worker time in building, tracing, measuring, checkpoints": (
            f"{100 * overhead:.0f} %"
        ),
        "worker time in the rest": f"{100 * (1 - steps - overhead):.0f} %",
    }


def _no_success_sentence(ledger: Ledger) -> str:
    counts = ledger.status_counts()
    last = next((r for r in reversed(ledger.records.values()) if r.reason), None)
    why = f"; the last one because {last.reason}" if last else ""
    return (
        f"No trial succeeded: {counts['failed']} failed and {counts['skipped']} were "
        f"skipped{why}. Give a larger --budget or wider limits."
    )


def _reporter(run: RunDirectory, clock: Clock) -> Callable[[], None]:
    """Return a function that rewrites the page when the last one is a minute old."""
    written = time.monotonic()

    def refresh() -> None:
        nonlocal written
        if time.monotonic() - written < _SECONDS_BETWEEN_REPORTS:
            return
        run.update(seconds=clock.elapsed())
        write_run_report(run)
        written = time.monotonic()

    return refresh
