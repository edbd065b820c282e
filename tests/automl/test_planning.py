"""What is decided before a search: what is measured, and how the data may be cut."""

import math
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl.engine import planning
from automl.engine.plan import plan_without_budget
from automl.engine.planning import make_plan
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.training.samples import most_folds
from automl.workers.messages import Broke
from automl_datasets.spec import DataSpec
from automl_search_spaces.errors import SpaceError

SPEC = DataSpec(
    "series", (12, 1), "float32", "classification", ("a", "b"), 100, 20, 20,
    (0.0,), (1.0,), class_counts=(50, 50),
)  # fmt: skip
BROKEN = "def build(hp):\n    return hp.Coice('a', [1])\n"


def data_of(groups: list[str] | None) -> Any:
    """Return data whose validation split is half as large as its training split."""
    counts = {"train": 8, "val": 4}

    def split(name: str) -> Any:
        return SimpleNamespace(targets=np.zeros(counts[name]), groups=groups)

    return SimpleNamespace(spec=SPEC, split=split)


@pytest.mark.parametrize(("groups", "most"), [(None, 12), (["a", "b", "a"], 2)])
def test_folds_are_cut_from_samples_or_from_groups(
    groups: list[str] | None, most: int
) -> None:
    assert most_folds(data_of(groups)) == most
    request = SearchRequest("data")
    assert planning._most_folds(request, data_of(groups)) == most


def test_data_in_the_order_of_time_is_not_cut_into_folds() -> None:
    request = SearchRequest("data", split="time")
    assert planning._most_folds(request, data_of(None)) == 1


def measure(folder: Path, space: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure networks of which none can be trained."""

    def run_jobs(pool: Any, jobs: Any, log: Any) -> Iterator[tuple[str, Broke]]:
        for name in jobs:
            yield name, Broke(0, "ValueError: no such layer")

    monkeypatch.setattr(planning, "run_jobs", run_jobs)
    run = RunDirectory(folder)
    request = SearchRequest("data", space=space, budget_seconds=60.0)
    pool: Any = SimpleNamespace(idle=lambda: [0])
    plan = plan_without_budget(SPEC, None)
    planning._measure(run, request, SPEC, pool, plan)


def test_a_space_of_the_user_s_that_can_not_be_built_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = tmp_path / "mine.py"
    space.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(SpaceError, match=r"mine\.py, line 2: AttributeError"):
        measure(tmp_path, str(space), monkeypatch)


@pytest.mark.parametrize(
    ("space", "kind", "words"),
    [
        ("mine.py", SpaceError, r"mine\.py: its first network can't be trained here"),
        ("auto", RuntimeError, "No network could be trained: ValueError"),
    ],
)
def test_a_first_network_that_can_not_be_trained_is_the_user_s_fault_or_ours(
    space: str,
    kind: type[Exception],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = SimpleNamespace(landmarks=lambda: ())
    monkeypatch.setattr(planning, "load_space", lambda *_: loaded)
    monkeypatch.setattr(planning, "discover_hyperparameters", lambda _: None)
    with pytest.raises(kind, match=words):
        measure(tmp_path, space, monkeypatch)


def test_a_run_that_has_no_budget_now_waits_for_its_trainings(tmp_path: Path) -> None:
    """Earlier versions wrote down six hours."""
    known = plan_without_budget(SPEC, None).to_json() | {"trial_seconds": 21600.0}
    run = RunDirectory(tmp_path)
    request = SearchRequest("data", trials=3)
    run.write({"request": request.to_json(), "plan": known})
    given: Any = None
    made = make_plan(run, request, data_of(None), given, given, given)
    assert made.trial_seconds == math.inf
