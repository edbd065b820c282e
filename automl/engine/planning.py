"""Deciding the plan: read it, or measure and decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from typing import Any

from automl.engine.clock import Clock
from automl.engine.jobs import run_jobs
from automl.engine.plan import Plan, pace_of, plan_for_data, plan_without_budget
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.training.assignment import SpaceRequest
from automl.training.calibration import CalibrationRequest, Speed, measure_speed
from automl.training.spaces import load_space
from automl.workers.interface import Workers
from automl.workers.messages import Broke, Ended, Job
from automl_datasets.spec import DataSpec
from automl_reports.terminal import Progress
from automl_search_spaces.limits import NO_LIMITS, Limits

_TIME_LIMIT_SECONDS = 300.0
_NUM_MEASURED = 2


def make_plan(
    run: RunDirectory,
    request: SearchRequest,
    spec: DataSpec,
    pool: Workers,
    clock: Clock,
    progress: Progress,
) -> Plan:
    """Return the run's plan; with a first budget, this machine is measured for it.

    A run that was planned without a budget is planned again when it gets one, but for
    the epochs of a full training: trials that were begun are to be promoted yet.
    """
    known = run.read().get("plan")
    plan = plan_without_budget(spec, request.epochs, request.folds)
    if known is not None:
        plan = Plan.from_json(known)
        if plan.for_budget or request.budget_seconds is None:
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
            num_formats=len(request.export),
            ensemble=request.ensemble or 0,
        )
    run.update(plan=plan.to_json())
    run.log(f"plan: {plan}")
    return plan


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
        RuntimeError: If none of them trains.
    """
    space = space_request(run, request, plan)
    landmarks = load_space(space, spec).landmarks()
    # A user's own space has no landmarks: its default values stand for it.
    measured = [landmark.values for landmark in landmarks[:_NUM_MEASURED]] or [{}]
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
        raise RuntimeError(f"No network could be trained: {reasons[0]}")
    return [_median(speeds, macs) for macs in sorted({speed.macs for speed in speeds})]


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
