"""What a worker is told of a training."""

import math
from pathlib import Path

from automl.engine.budgeting import plan_for_budget
from automl.engine.dispatch import submit_training
from automl.training.calibration import Speed
from tests.automl.one_worker import OneWorker
from tests.automl.settings import SPEC, StillClock, add_trial, make_setting


def test_a_training_that_goes_on_is_not_killed_for_its_length(tmp_path: Path) -> None:
    """However short the budget: its phase ends, and what is silent is killed."""
    speeds = [Speed(400_000, 4e-4), Speed(4_000_000, 4e-3)]
    plan = plan_for_budget(600, workers=2, spec=SPEC, speeds=speeds, epochs=60, folds=5)
    pool, clock = OneWorker([]), StillClock(600)
    setting = make_setting(tmp_path, pool=pool, plan=plan, clock=clock)
    record = add_trial(setting, 0.5)
    submit_training(setting, 0, record, record.trainings[0], span=(1, 60))
    ((_, job),) = pool.submitted
    assert job.time_limit_seconds == math.inf
    assert job.silence_limit_seconds <= 600
