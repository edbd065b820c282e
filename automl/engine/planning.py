"""Deciding the plan: read it, or measure and decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from automl.engine.budgeting import plan_for_data, plan_without_budget
from automl.engine.clock import Clock
from automl.engine.jobs import run_jobs
from automl.engine.plan import Plan
from automl.engine.speeds import pace_of
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.training.assignment import SpaceRequest
from automl.training.calibration import CalibrationRequest, Speed, measure_speed
from automl.training.samples import most_folds
from automl.training.spaces import Space, discover_hyperparameters, load_space
from automl.workers.interface import Workers
from automl.workers.messages import Broke, Ended, Job
from automl_datasets.preparation import PreparedData
from automl_datasets.spec import DataSpec
from automl_reports.terminal import Progress
from automl_search_spaces.errors import SpaceError
from automl_search_spaces.limits import NO_LIMITS, Limits

_TIME_LIMIT_SECONDS = 300.0
_NUM_MEASURED = 2


def make_plan(
    run: RunDirectory,
    request: SearchRequest,
    data: PreparedData,
    pool: Workers,
    clock: Clock,
    progress: Progress,
) -> Plan:
    """Return the run's plan; with a first budget, this machine is measured for it.

    A run that was planned without a budget is planned again when it gets one, but for
    the epochs of a full training: trials that were begun are to be promoted yet.

    Raises:
        SpaceError: If the networks of a user's own space can't be built or trained.
    """
    known = run.read().get("plan")
    spec = data.spec
    plan = plan_without_budget(spec, request.epochs, request.folds)
    if known is not None:
        plan = Plan.from_json(known)
        if request.budget_seconds is None or plan.for_budget:
            return plan
    speeds: list[Speed] = []
    if request.budget_seconds is not None or request.max_latency_ms is not None:
        progress.phase("measuring how fast this machine trains")
        speeds = _measure(run, request, spec, pool, plan)
        run.log(f"speeds: {speeds}")
        plan = replace(plan, pace=pace_of(speeds))
    if request.budget_seconds is not None:
        plan = plan_for_data(
            clock.remaining(),
            workers=len(pool.idle()),
            spec=spec,
            speeds=speeds,
            epochs=request.epochs if known is None else plan.max_epochs,
            folds=request.folds,
            most_folds=_most_folds(request, data),
            num_formats=len(request.export),
            ensemble=request.ensemble or 0,
        )
    run.update(plan=plan.to_json(), seconds=clock.elapsed())
    run.log(f"plan: {plan}")
    return plan


def _most_folds(request: SearchRequest, data: PreparedData) -> int:
    """Return into how many folds the data can be cut; 1 for none.

    Folds are shuffled: of samples in the order of time, most trainings would learn from
    what comes after those that they are scored on.
    """
    return 1 if request.split == "time" else most_folds(data)


def space_request(
    run: RunDirectory,
    request: SearchRequest,
    plan: Plan,
    *,
    limits: Limits = NO_LIMITS,
) -> SpaceRequest:
    """Return what names the run's search space: the same one whenever it is asked for.

    Args:
        run: The run.
        request: What was asked for, with its objective.
        plan: How the budget is spent; it bounds the ranges.
        limits: What a network that is proposed must not exceed.
    """
    macs = [n for n in (request.max_macs, plan.max_training_macs) if n is not None]
    return SpaceRequest(
        request.space,
        plan.max_epochs,
        min(macs, default=None),
        request.objective,
        run.trunk,
        limits,
        request.export,
        request.quantize,
    )


def _measure(
    run: RunDirectory,
    request: SearchRequest,
    spec: DataSpec,
    pool: Workers,
    plan: Plan,
) -> list[Speed]:
    """Return the speed of two landmarks, the cheaper first.

    Every worker trains at once, as in the search: they share memory bandwidth.

    Raises:
        SpaceError: If no network of a user's own space can be built and trained.
        RuntimeError: If none of ours trains.
    """
    space = space_request(run, request, plan)
    measured = _measured(load_space(space, spec))
    latency = request.max_latency_ms is not None
    number = max(len(measured), len(pool.idle()))
    jobs = {
        f"measuring speed {place}": partial(
            _calibration_job, run, space, values, latency=latency
        )
        for place, values in enumerate(islice(cycle(measured), number), 1)
    }
    outcomes = [event for _, event in run_jobs(pool, jobs, run.log)]
    speeds = [event.result for event in outcomes if isinstance(event, Ended)]
    reasons = [event.reason for event in outcomes if isinstance(event, Broke)]
    if not speeds:
        raise _untrainable(request.space, reasons[0])
    return [_median(speeds, macs) for macs in sorted({speed.macs for speed in speeds})]


def _measured(space: Space) -> list[Mapping[str, Any]]:
    """Return the values of the networks to measure: of two landmarks, if there are any.

    A user's own space has none: its default values stand for it. They are built here
    first, so that a fault of the user's code is told as one.

    Raises:
        SpaceError: If they can't be built.
    """
    landmarks = space.landmarks()[:_NUM_MEASURED]
    if not landmarks:
        discover_hyperparameters(space)
    return [landmark.values for landmark in landmarks] or [{}]


def _untrainable(space: str, reason: str) -> Exception:
    """Return the error that says why not one network could be trained."""
    if Path(space).suffix == ".py":
        return SpaceError(
            f"{space}: its first network can't be trained here ({reason}); mend it, or "
            "have the hyperparameters begin with values that can."
        )
    return RuntimeError(f"No network could be trained: {reason}")


def _median(speeds: Sequence[Speed], macs: int) -> Speed:
    """Return the middle one of a network's speeds, or the slower of two."""
    alike = [speed for speed in speeds if speed.macs == macs]
    by_time = sorted(alike, key=lambda speed: speed.seconds_per_sample)
    return by_time[len(alike) // 2]


def _calibration_job(
    run: RunDirectory, space: SpaceRequest, values: Mapping[str, Any], *, latency: bool
) -> Job:
    request = CalibrationRequest(run.prepared, space, values, latency)
    return Job(measure_speed, request, _TIME_LIMIT_SECONDS, trains=True)
