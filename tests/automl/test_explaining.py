"""An explanation that a worker takes with it is asked for again."""

from pathlib import Path
from typing import Any

import pytest

from automl.engine.explaining import explain_finalists
from automl.engine.judgement import Judgement
from automl.explanations.job import explain_model, show_data
from automl.explanations.record import load_explanation
from automl.selection.choice import Choice
from automl.workers.messages import Broke, Ended, Event
from tests.automl.one_worker import OneWorker
from tests.automl.settings import StillClock, add_trial, make_setting

LOST = Broke(0, "its machine left the cluster", lost=True)
BROKEN = Broke(0, "it ran out of memory")
DONE = Ended(0, None)


@pytest.mark.parametrize(
    ("events", "functions", "notes"),
    [
        ([LOST, DONE, DONE], [explain_model, show_data, explain_model], []),
        (
            [LOST, DONE, LOST, LOST],
            [explain_model, show_data, explain_model, explain_model],
            ["This model is not explained: its machine left the cluster."],
        ),
        (
            [BROKEN, DONE],
            [explain_model, show_data],
            ["This model is not explained: it ran out of memory."],
        ),
    ],
)
def test_an_explanation_is_tried_again_where_that_may_help(
    events: list[Event], functions: list[Any], notes: list[str], tmp_path: Path
) -> None:
    pool = OneWorker(list(events))
    setting = make_setting(tmp_path, pool=pool, clock=StillClock(100.0))
    add_trial(setting, 0.9)
    only = Choice("0001", "0001", tied=("0001",), near=("0001",), compared=("0001",))
    explain_finalists(setting, Judgement(only, {"0001": "search"}))
    assert pool.events == []
    assert [job.function for _, job in pool.submitted] == functions
    noted = load_explanation(setting.run.training("0001", "search"))
    assert list(noted.notes if noted else ()) == notes
