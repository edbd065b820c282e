"""What is decided before a search: what is measured, and how the data may be cut."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.engine.budgeting import plan_without_budget
from automl.engine.plan import Plan
from automl.engine.planning import make_plan
from automl.engine.setting import Setting
from automl.run.request import SearchRequest
from automl.training.calibration import Speed
from automl.training.samples import most_folds
from automl.workers.messages import Broke, Ended, Event
from automl_datasets.spec import DataSpec
from automl_search_spaces.errors import SpaceError
from tests.automl.one_worker import OneWorker
from tests.automl.settings import StillClock, make_setting, write_targets

SPEC = DataSpec(
    "series", (12, 1), "float32", "classification", ("a", "b"), 100, 20, 20,
    (0.0,), (1.0,), class_counts=(50, 50),
)  # fmt: skip
BROKEN = "def build(hp):\n    return hp.Coice('a', [1])\n"
SOUND = """
import keras

def build(hp):
    layers = [keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential([keras.Input((12, 1)), *layers])
    model.compile(loss="sparse_categorical_crossentropy")
    return model
"""
FAST = [Ended(0, Speed(400_000, 1e-6)), Ended(0, Speed(4_000_000, 1e-5))]
BROKE = Broke(0, "ValueError: no such layer")


def setting_of(folder: Path, *events: Event, **options: Any) -> Setting:
    """Return a new search whose only worker ends its measurements so."""
    setting = make_setting(
        folder,
        spec=SPEC,
        request=SearchRequest("data", **options),
        pool=OneWorker(list(events)),
        clock=StillClock(options.get("budget_seconds")),
    )
    setting.run.write({"request": setting.request.to_json()})
    return setting


def planned(setting: Setting) -> Plan:
    return make_plan(
        setting.run,
        setting.request,
        setting.data,
        setting.pool,
        setting.clock,
        setting.progress,
    )


@pytest.mark.parametrize(
    ("split", "groups", "most", "folds"),
    [
        ("stratified", None, 120, 5),
        ("stratified", 40 * ["a", "b", "a"], 2, None),
        ("time", None, 120, None),
    ],
)
def test_folds_are_cut_from_samples_or_from_groups_but_not_from_time(
    split: str,
    groups: list[str] | None,
    most: int,
    folds: int | None,
    tmp_path: Path,
) -> None:
    setting = setting_of(tmp_path, *FAST, budget_seconds=600.0, split=split)
    write_targets(setting, train=np.arange(100) % 2, val=np.arange(20) % 2)
    if groups is not None:
        for name, part in (("train", groups[:100]), ("val", groups[100:])):
            setting.data.split(name).file("groups.json").write_text(json.dumps(part))
    assert most_folds(setting.data) == most
    assert planned(setting).folds == folds


def test_a_space_of_the_user_s_that_can_not_be_built_is_refused(tmp_path: Path) -> None:
    space = tmp_path / "mine.py"
    space.write_text(BROKEN, encoding="utf-8")
    setting = setting_of(tmp_path, space=str(space), budget_seconds=60.0)
    with pytest.raises(SpaceError, match=r"mine\.py, line 2: AttributeError"):
        planned(setting)


def test_a_first_network_that_can_not_be_trained_is_the_user_s_fault(
    tmp_path: Path,
) -> None:
    space = tmp_path / "mine.py"
    space.write_text(SOUND, encoding="utf-8")
    setting = setting_of(tmp_path, BROKE, space=str(space), budget_seconds=60.0)
    words = r"mine\.py: its first network can't be trained here"
    with pytest.raises(SpaceError, match=words):
        planned(setting)


def test_a_landmark_that_can_not_be_trained_is_ours(tmp_path: Path) -> None:
    setting = setting_of(tmp_path, BROKE, BROKE, budget_seconds=60.0)
    with pytest.raises(RuntimeError, match="No network could be trained: ValueError"):
        planned(setting)


def test_a_run_that_has_no_budget_now_waits_for_its_trainings(tmp_path: Path) -> None:
    """Earlier versions wrote down six hours."""
    setting = setting_of(tmp_path, trials=3)
    plan = plan_without_budget(SPEC, None)
    setting.run.update(plan=plan.to_json() | {"trial_seconds": 21600.0})
    assert planned(setting) == plan
