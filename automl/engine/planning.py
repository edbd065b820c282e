"""Deciding the plan: read it, or measure and decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
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
    """Return the run's plan; a new run with a budget measures this machine first."""
    known = run.read().get("plan")
    if known is not None:
        return Plan.from_json(known)
    plan = plan_without_budget(spec.num_train, request.epochs, request.folds)
    speeds: list[Speed] = []
    if request.budget_seconds is not None or request.max_latency_ms is not None:
        progress.phase("measuring how fast this machine trains")
        speeds = _measure(run, request, spec, pool, plan)
        run.log(f"speeds: {speeds}")
        plan = replace(plan, pace=pace_of(speeds))
    if request.budget_seconds is not None:
        plan = plan_for_data(
            clock.remaining(),
            workers=request.workers or len(pool.idle()),
            spec=spec,
            speeds=speeds,
            epochs=request.epochs,
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
    jobs = {
        f"measuring speed {number}": partial(
            _calibration_job, run, space, values, latency=latency
        )
        for number, values in enumerate(measured, 1)
    }
    outcomes = [event for _, event in run_jobs(pool, jobs, run.log)]
    speeds = [event.result for event in outcomes if isinstance(event, Ended)]
    reasons = [event.reason for event in outcomes if isinstance(event, Broke)]
    if not speeds:
        raise RuntimeError(f"No network could be trained: {reasons[0]}")
    return sorted(speeds, key=lambda speed: speed.macs)


def _calibration_job(
    run: RunDirectory, space: SpaceRequest, values: Mapping[str, Any], *, latency: bool
) -> Job:
    request = CalibrationRequest(run.prepared, space, values, latency)
    return Job(measure_speed, request, _TIME_LIMIT_SECONDS, trains=True)
