"""What a search stands on: workers, prepared data, a plan, limits."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from automl.engine.clock import Clock
from automl.engine.interrupt import Interrupt
from automl.engine.ledger import Ledger
from automl.engine.plan import Plan
from automl.engine.planning import make_plan, space_request
from automl.engine.setting import Setting
from automl.errors import UnsuitableRequestError
from automl.reporting import write_run_report
from automl.run.directory import RunDirectory
from automl.run.environment import usable_cores
from automl.run.request import SearchRequest
from automl.training.assignment import Fold
from automl.training.samples import held_out_rows
from automl.workers.capacity import default_memory_limit, usual_workers
from automl.workers.devices import Device, usable_devices
from automl.workers.interface import Workers
from automl.workers.parcels import foreign_name
from automl.workers.pool import WorkerPool
from automl_datasets.preparation import PreparedData
from automl_reports.terminal import Progress
from automl_search_spaces.limits import Limits

_SECONDS_BETWEEN_NOTES = 5.0
_SECONDS_BETWEEN_REPORTS = 60.0
_SHARE_OF_REPORTS = 0.02


@contextmanager
def search_workers(run: RunDirectory, request: SearchRequest) -> Iterator[Workers]:
    """Start the workers that were asked for, on this machine or on a cluster's.

    The GPUs of this machine are put on record.
    """
    if request.cluster is None:
        devices = usable_devices()
        told = [{"name": one.name, "precision": one.precision} for one in devices]
        run.update(devices=told)
        with running_workers(run, request.workers, devices) as pool:
            yield pool
    else:
        with closing(_cluster_workers(run, request, request.cluster)) as cluster:
            yield cluster


@contextmanager
def running_workers(
    run: RunDirectory, workers: int | None, devices: Sequence[Device] | None = None
) -> Iterator[WorkerPool]:
    """Start workers here, early: they import while the data is being prepared.

    Args:
        run: The run.
        workers: How many; `None` for one a GPU or, without any, one a core, as far as
            there is memory.
        devices: The GPUs; `None` for those that there are.
    """
    devices = usable_devices() if devices is None else devices
    count = workers or len(devices) or usual_workers()
    pool = WorkerPool(
        count,
        threads=max(1, usable_cores() // count),
        log_file=run.path / "log.txt",
        memory_limit=default_memory_limit(count),
        devices=devices,
    )
    with closing(pool):
        yield pool


def _cluster_workers(
    run: RunDirectory, request: SearchRequest, address: str
) -> Workers:
    from automl.workers.cluster import ClusterPool

    foreign = [request.space] if Path(request.space).is_file() else []
    for name in foreign:  # other machines read the copy
        copy = run.path / foreign_name(name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(name, copy)
    return ClusterPool(
        address,
        run.path,
        num_workers=request.workers,
        foreign=foreign,
        log=run.log,
    )


def settle_request(
    run: RunDirectory, request: SearchRequest, data: PreparedData
) -> SearchRequest:
    """Return the request with its objective, and write it down.

    Raises:
        UnsuitableRequestError: If the objective or the folds asked for do not suit the
            data.
        DataError: If the data can't be cut into the folds asked for.
    """
    if request.folds is not None and request.folds > 1:
        _check_folds(request, data, request.folds)
    decided = request.for_task(data.spec.task)
    run.update(request=decided.to_json())
    return decided


def _check_folds(request: SearchRequest, data: PreparedData, folds: int) -> None:
    if request.split == "time":
        raise UnsuitableRequestError(
            f"Both {folds} folds and a split by time are asked for, but folds are "
            "shuffled, so that networks would learn from what comes after the samples "
            "they are scored on; leave out --folds or --split time."
        )
    held_out_rows(data, Fold(0, folds, request.seed))


def lay_out(
    run: RunDirectory,
    request: SearchRequest,
    data: PreparedData,
    pool: Workers,
    clock: Clock,
    progress: Progress,
    interrupt: Interrupt,
) -> Setting:
    """Return the setting of the search; a new run with a budget measures first."""
    plan = make_plan(run, request, data, pool, clock, progress)
    return Setting(
        run=run,
        request=request,
        plan=plan,
        data=data,
        space=space_request(run, request, plan, limits=_limits(request, plan, pool)),
        ledger=Ledger(run, request.direction),
        pool=pool,
        clock=clock,
        progress=progress,
        interrupt=interrupt,
        refresh_report=_reporter(run, clock),
    )


def _limits(request: SearchRequest, plan: Plan, pool: Workers) -> Limits:
    """Return what a network must not exceed, for the user and for the budget."""
    return Limits(
        max_params=request.max_params,
        max_macs=request.max_macs,
        max_size_mb=request.max_size_mb,
        max_latency_ms=request.max_latency_ms,
        max_training_bytes=pool.training_bytes,
        max_sample_seconds=plan.max_sample_seconds,
        pace=plan.pace,
    )


def _time_noter(run: RunDirectory, clock: Clock) -> Callable[[], None]:
    """Return a function that writes how long the run has taken, every few seconds.

    A run that is killed gets no more of its budget back than that.
    """
    due = time.monotonic()

    def note() -> None:
        nonlocal due
        if time.monotonic() < due:
            return
        run.update(seconds=clock.elapsed())
        due = time.monotonic() + _SECONDS_BETWEEN_NOTES

    return note


def _reporter(run: RunDirectory, clock: Clock) -> Callable[[], None]:
    """Return a function that writes the page, and anew when the last is a minute old.

    A page of many trials takes long to write, and workers wait meanwhile: it is written
    so seldom that it takes no more than a small share of the time. The time is noted
    whenever the function is called.
    """
    note_time = _time_noter(run, clock)
    due = time.monotonic()

    def refresh() -> None:
        nonlocal due
        note_time()
        start = time.monotonic()
        if start < due:
            return
        write_run_report(run)
        end = time.monotonic()
        due = end + max(_SECONDS_BETWEEN_REPORTS, (end - start) / _SHARE_OF_REPORTS)

    return refresh
