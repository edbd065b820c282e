"""What a run that goes on is asked for, and when that is written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl import api, resuming
from automl.engine import conductor, planning
from automl.engine.budgeting import plan_without_budget
from automl.engine.plan import Plan
from automl.errors import RequestError
from automl.run.directory import FINISHED, FORMAT, INTERRUPTED, RunDirectory, lock_run
from automl.run.request import SearchRequest
from automl.training.calibration import Speed
from automl.workers.messages import Ended
from automl_datasets.spec import DataSpec
from tests.automl.settings import StillClock, make_setting, write_targets

SPEC = DataSpec(
    "image", (8, 8, 1), "uint8", "classification", ("a", "b"),
    5_000, 500, 500, (0.0,), (1.0,),
)  # fmt: skip


@pytest.fixture
def reopened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the requests that runs are reopened with; nothing is trained."""
    found: list[Any] = []
    monkeypatch.setattr(resuming, "load_engine", lambda: None)
    monkeypatch.setattr(
        conductor, "conduct", lambda *_, reopened, **__: found.append(reopened)
    )
    return found


def record(folder: Path, state: str, **limits: Any) -> RunDirectory:
    run = RunDirectory(folder)
    request = SearchRequest("data", **limits).to_json()
    values = {"format": FORMAT, "name": "a", "state": state, "seconds": 60.0}
    run.write({**values, "request": request})
    return run


@pytest.mark.parametrize(
    ("state", "given", "limits"),
    [
        (FINISHED, {"trials": 20}, (None, 20)),
        (FINISHED, {"budget": "30s"}, (90.0, None)),
        (FINISHED, {"budget": "30s", "trials": 20}, (90.0, 20)),
        (INTERRUPTED, {}, (60.0, 8)),
        (INTERRUPTED, {"trials": 20}, (60.0, 20)),
    ],
)
def test_a_limit_that_ended_a_run_does_not_end_it_again(
    state: str,
    given: dict[str, Any],
    limits: tuple[Any, Any],
    tmp_path: Path,
    reopened: list[Any],
) -> None:
    record(tmp_path, state, budget_seconds=60.0, trials=8)
    api.resume(tmp_path, **given)
    (request,) = reopened
    assert (request["budget_seconds"], request["trials"]) == limits


def test_a_run_goes_on_with_other_workers_and_without_its_cluster(
    tmp_path: Path, reopened: list[Any]
) -> None:
    record(tmp_path, INTERRUPTED, trials=8, workers=4, cluster="head:6379")
    api.resume(tmp_path, quiet=True)
    api.resume(tmp_path, workers=2, cluster="none", quiet=True)
    asked = [(request["workers"], request["cluster"]) for request in reopened]
    assert asked == [(4, "head:6379"), (2, None)]
    with pytest.raises(RequestError, match=r"--workers must be .* got 0"):
        api.resume(tmp_path, workers=0)


def test_a_run_that_is_at_work_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "load_engine", lambda: None)
    monkeypatch.setattr(conductor, "refuse_changed_space", lambda run, request: None)
    run = record(tmp_path, INTERRUPTED, trials=8)
    before = run.read()
    with closing(lock_run(run)), pytest.raises(RequestError, match="Another command"):
        api.resume(tmp_path, budget="5m", trials=20)
    assert run.read() == before


def measuring(
    monkeypatch: pytest.MonkeyPatch, speed_of: Callable[[int, int], Speed]
) -> list[int]:
    """Have workers measure so much, of place and landmark; return what they did."""
    landmarks = [SimpleNamespace(values={"filters": n}) for n in (1, 2, 3)]
    space = SimpleNamespace(landmarks=lambda: landmarks)
    monkeypatch.setattr(planning, "load_space", lambda *_: space)
    measured: list[int] = []

    def measure(pool: Any, jobs: Any, log: Any) -> Any:
        for place, make in enumerate(jobs.values()):
            landmark = make().argument.hyperparameters["filters"]
            measured.append(landmark)
            yield "", Ended(0, speed_of(place, landmark))

    monkeypatch.setattr(planning, "run_jobs", measure)
    return measured


def planned(run: RunDirectory, *, workers: int, seconds: float) -> Plan:
    """Return the plan for so many workers and the seconds that are left."""
    pool: Any = SimpleNamespace(idle=lambda: list(range(workers)))
    clock = StillClock(61.0 + seconds)
    clock.now = 61.0
    setting = make_setting(run.path, spec=SPEC)
    write_targets(setting, train=np.zeros(9), val=np.zeros(9))
    return planning.make_plan(
        run, run.request(), setting.data, pool, clock, setting.progress
    )


def test_every_worker_measures_and_the_middle_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = record(tmp_path, INTERRUPTED, budget_seconds=600.0)
    measured = measuring(monkeypatch, lambda place, macs: Speed(macs, float(place)))
    counted: list[Speed] = []

    def plan(*_: Any, speeds: list[Speed], **__: Any) -> Plan:
        counted.extend(speeds)
        return plan_without_budget(SPEC, None)

    monkeypatch.setattr(planning, "plan_for_data", plan)
    planned(run, workers=6, seconds=600.0)
    assert measured == [1, 2, 1, 2, 1, 2]
    assert counted == [Speed(1, 2.0), Speed(2, 3.0)]


def test_a_first_budget_changes_no_training_s_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = plan_without_budget(SPEC, None)
    run = record(tmp_path, INTERRUPTED, budget_seconds=600.0)
    run.update(plan=known.to_json())
    speeds = [Speed(400_000, 1e-4), Speed(4_000_000, 5e-4)]
    measured = measuring(monkeypatch, lambda place, _: speeds[place])
    made = planned(run, workers=2, seconds=20.0)
    assert made.for_budget
    assert made.max_epochs == known.max_epochs
    assert planned(run, workers=2, seconds=20.0) == made
    assert measured == [1, 2]  # once
    assert run.read()["seconds"] == 61.0  # which a kill from now on counts
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made
