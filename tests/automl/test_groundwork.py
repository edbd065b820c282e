"""What a search begins with: workers, a decided request, and a report now and then."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl.engine import groundwork
from automl.engine.clock import Clock
from automl.engine.groundwork import (
    lay_out,
    running_workers,
    search_workers,
    settle_request,
)
from automl.engine.interrupt import Interrupt
from automl.engine.setting import Setting
from automl.errors import UnsuitableRequestError
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.workers.devices import Device
from automl_datasets.errors import DataError
from automl_reports.terminal.silent import SilentProgress
from tests.automl.settings import StillClock, make_setting, write_targets


@pytest.mark.parametrize(
    ("asked", "devices", "started"), [(3, 0, 3), (None, 2, 2), (None, 0, 4)]
)
def test_as_many_workers_as_were_asked_for_or_the_machine_has(
    asked: int | None,
    devices: int,
    started: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pools: list[Any] = []

    def pool(count: int, **options: Any) -> Any:
        closing = SimpleNamespace(count=count, closed=False)
        closing.close = lambda: setattr(closing, "closed", True)
        pools.append(closing)
        return closing

    monkeypatch.setattr(groundwork, "WorkerPool", pool)
    monkeypatch.setattr(groundwork, "usable_devices", lambda: ("GPU",) * devices)
    monkeypatch.setattr(groundwork, "usual_workers", lambda: 4)
    with running_workers(RunDirectory(tmp_path), asked):
        assert [(pool.count, pool.closed) for pool in pools] == [(started, False)]
    assert pools[0].closed


def test_the_objective_is_decided_by_the_data_and_written_down(tmp_path: Path) -> None:
    setting = make_setting(tmp_path)
    setting.run.write({"request": setting.request.to_json()})
    decided = settle_request(setting.run, setting.request, setting.data)
    assert decided.objective == "val_accuracy"
    assert setting.run.request() == decided


def test_folds_that_the_data_can_not_be_cut_into_are_refused(tmp_path: Path) -> None:
    request = SearchRequest("data", folds=500)
    setting = make_setting(tmp_path, request=request)
    write_targets(setting, train=np.arange(6) % 2, val=np.arange(2))
    with pytest.raises(DataError, match="500 folds"):
        settle_request(setting.run, request, setting.data)


def laid_out(folder: Path, clock: Clock) -> Setting:
    """Return a new search as `lay_out` makes it."""
    given = make_setting(folder)
    given.run.write({"request": given.request.to_json()})
    pool: Any = SimpleNamespace(training_bytes=10**9)
    return lay_out(
        given.run, given.request, given.data, pool, clock, SilentProgress(), Interrupt()
    )


@pytest.mark.parametrize(
    ("seconds", "pause"),
    [(0.0, 60.0), (6.0, 300.0)],  # no more than a fiftieth of the time goes into it
)
def test_the_report_is_written_now_and_then(
    seconds: float, pause: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, written = [1000.0], list[float]()

    def write(run: RunDirectory) -> None:
        written.append(now[0])
        now[0] += seconds

    monkeypatch.setattr(groundwork, "write_run_report", write)
    monkeypatch.setattr(groundwork, "time", SimpleNamespace(monotonic=lambda: now[0]))
    clock = StillClock()
    setting = laid_out(tmp_path, clock)
    clock.now = 7.0
    setting.refresh_report()
    assert (written, setting.run.read()["seconds"]) == ([1000.0], 7.0)
    end = now[0]
    now[0] = end + pause - 1
    setting.refresh_report()
    assert written == [1000.0]
    now[0] = end + pause
    setting.refresh_report()
    assert written == [1000.0, end + pause]


def test_shuffled_folds_of_data_in_the_order_of_time_are_refused(
    tmp_path: Path,
) -> None:
    request = SearchRequest("data", folds=5, split="time")
    setting = make_setting(tmp_path, request=request)
    with pytest.raises(UnsuitableRequestError, match="Both 5 folds and a split by"):
        settle_request(setting.run, request, setting.data)


def test_the_time_is_noted_every_few_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(groundwork, "write_run_report", lambda run: None)
    monkeypatch.setattr(groundwork, "time", SimpleNamespace(monotonic=lambda: now[0]))
    clock = StillClock()
    setting = laid_out(tmp_path, clock)
    noted = []
    for second in range(12):
        clock.now = float(second)
        now[0] = 1000.0 + second
        setting.refresh_report()
        noted.append(setting.run.read()["seconds"])
    assert noted == 5 * [0.0] + 5 * [5.0] + 2 * [10.0]


def test_the_gpus_are_put_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = SimpleNamespace(close=lambda: None)
    device = Device("GPU-1f", "NVIDIA L4", 10**10, 8.9)
    monkeypatch.setattr(groundwork, "WorkerPool", lambda *_, **__: pool)
    monkeypatch.setattr(groundwork, "usable_devices", lambda: (device,))
    run, request = RunDirectory(tmp_path), SearchRequest("data")
    run.write({"request": request.to_json()})
    with search_workers(run, request) as workers:
        assert workers is pool
    told = [{"name": "NVIDIA L4", "precision": "mixed_bfloat16"}]
    assert run.read()["devices"] == told
