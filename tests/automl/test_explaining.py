"""An explanation that a worker takes with it is asked for again."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from automl.engine.explaining import explain_finalists
from automl.explanations.job import explain_model, show_data
from automl.explanations.record import load_explanation
from automl.run.directory import RunDirectory
from automl.run.trial import TrialRecord
from automl.workers.messages import Broke, Ended, Event
from automl_reports.terminal.silent import SilentProgress
from tests.automl.one_worker import OneWorker

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
    setting: Any = SimpleNamespace(
        pool=pool,
        run=RunDirectory(tmp_path),
        progress=SilentProgress(),
        clock=SimpleNamespace(remaining=lambda: 100.0),
        ledger=SimpleNamespace(records={"0001": TrialRecord("0001", {}, "random")}),
        data=SimpleNamespace(directory=tmp_path),
        space=None,
        refresh_report=lambda: None,
    )
    judgement: Any = SimpleNamespace(
        choice=SimpleNamespace(recommended="0001"), trainings={"0001": "search"}
    )
    explain_finalists(setting, judgement)
    assert pool.events == []
    assert [job.function for _, job in pool.submitted] == functions
    noted = load_explanation(setting.run.training("0001", "search"))
    assert list(noted.notes if noted else ()) == notes
