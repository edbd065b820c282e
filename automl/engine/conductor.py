"""From a request to a finished run, and from a stopped run on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import keras_tuner

from automl.engine.clock import Clock
from automl.engine.cross_validation import choose_by_folds, cross_validate
from automl.engine.end_phase import candidates, shortlisted
from automl.engine.final_training import FinalTraining
from automl.engine.groundwork import lay_out, search_workers, settle_request
from automl.engine.handover import hand_over
from automl.engine.interrupt import listening
from automl.engine.judgement import Judgement, judge
from automl.engine.ledger import Ledger
from automl.engine.opening import refuse_changed_space, reopen_run
from automl.engine.run_data import refuse_changed_data, run_data
from automl.engine.setting import Setting
from automl.engine.telling import all_callbacks, told
from automl.engine.trial_loop import TrialLoop
from automl.errors import NoTrialSucceededError
from automl.oracles.mended import forget
from automl.oracles.registry import make_oracle
from automl.reporting import write_run_report
from automl.run.directory import (
    FAILED,
    FINISHED,
    IN_PROGRESS,
    INTERRUPTED,
    RunDirectory,
)
from automl.run.request import SearchRequest
from automl.tracking.callback import Callback
from automl.training.spaces import discover_hyperparameters, load_space
from automl_reports.rows import RunReport
from automl_reports.terminal import Progress
from automl_search_spaces.deployability import sentences
from automl_search_spaces.space import SearchSpace


def conduct(
    run: RunDirectory,
    progress: Progress,
    *,
    started: float,
    callbacks: Sequence[Callback] = (),
    reopened: dict[str, Any] | None = None,
) -> RunReport:
    """Carry a run to its end: prepare, search, train out, judge, export, report.

    Every phase takes up what an earlier session left, so that the same call begins a
    run and resumes one.

    Args:
        run: A run that `begin_run` made, locked by the caller.
        progress: Shows what happens.
        started: `time.monotonic()` at the start of the command.
        callbacks: Who is told what happens, beside the trackers of the request.
        reopened: The request of a run that goes on, as JSON values, if it changed.

    Returns:
        The report, which is also on disk; its state tells whether the run finished or
        was interrupted.

    Raises:
        NoTrialSucceededError: If there is no model to hand over.
        DataError: If the data can't be used.
        RequestError: If the run's search space or data has changed.
    """
    refuse_changed_space(run, run.request())
    refuse_changed_data(run, run.request(), progress)
    with ExitStack() as stack:
        if reopened is not None:
            reopen_run(run, reopened)
        request = run.request()
        clock = _clock(run, request, started)
        interrupt = stack.enter_context(listening())
        try:
            pool = stack.enter_context(search_workers(run, request))
            run.update(state=IN_PROGRESS, workers=len(pool.idle()))
            progress.phase("preparing data")
            data = run_data(run, request)
            request = settle_request(run, request, data)
            progress.objective(request.objective or "", request.direction)
            setting = lay_out(run, request, data, pool, clock, progress, interrupt)
            stack.enter_context(told(setting, all_callbacks(setting, callbacks)))
            return _carry_out(setting)
        except NoTrialSucceededError:
            raise
        except BaseException:
            run.update(state=INTERRUPTED, seconds=clock.elapsed())
            _write_last_report(run)
            raise


def _write_last_report(run: RunDirectory) -> None:
    """Write the page of a run that a fault, or an impatient user, broke off.

    What goes wrong in that is logged: the fault before it is the one to be told.
    """
    try:
        if run.read_trials():  # without any, a new run may leave nothing behind
            write_run_report(run)
    except Exception as error:
        run.log(f"the report could not be written: {error!r}")


def _clock(run: RunDirectory, request: SearchRequest, started: float) -> Clock:
    values = run.read()
    return Clock(
        request.budget_seconds,
        started=started,
        before_seconds=values["seconds"],
        budget_since=values.get("budget_since", 0.0),
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
    tried = candidates(setting)
    if setting.plan.cross_validates:
        setting.progress.phase(f"cross-validating, {setting.plan.folds} folds")
        cross_validate(setting, tried)
    shortlist = shortlisted(setting, tried)
    choice = choose_by_folds(setting, shortlist)
    if choice is None and not setting.interrupt.requested:
        setting.progress.phase("training the shortlist out")
        FinalTraining(setting, shortlist).run()
    if setting.interrupt.requested:
        return None
    setting.progress.phase("scoring the shortlist on the test split")
    finalists = [r for r in setting.ledger.ranked() if r in shortlist]
    folded = sum(record.cross_validated for record in tried)
    return judge(setting, finalists, choice, cross_validated=folded)


def _search(setting: Setting) -> str:
    setting.progress.phase("searching")
    request = setting.request
    space = load_space(setting.space, setting.data.spec)
    if type(space) is SearchSpace:  # the others are not narrowed by formats
        for text in sentences(setting.data.spec, request.export, request.quantize):
            setting.progress.message(text)
    landmarks = space.landmarks()
    oracle = make_oracle(
        setting.request.strategy,
        discover_hyperparameters(space),
        [
            keras_tuner.Objective(setting.objective, setting.direction),
            *(keras_tuner.Objective(cost, "min") for cost in request.costs),
        ],
        max_epochs=setting.plan.max_epochs,
        seed=setting.request.seed,
        landmarks=[landmark.values for landmark in landmarks],
        fits=space.fits,
    )
    try:
        return TrialLoop(setting, oracle, landmarks).run()
    finally:
        forget(oracle)


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
    available = setting.clock.elapsed() * setting.num_workers
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
