"""What the time line says of workers that had nothing to do."""

import re
from dataclasses import replace

from automl_reports.charts import timeline
from automl_reports.rows import TrialRow
from tests.reports.synthetic import make_report
from tests.reports.synthetic_states import make_idle_workers


def test_workers_that_never_got_a_trial_are_idle_time() -> None:
    row = TrialRow("0", "completed", "", "", spans=((0, 0.0, 100.0), (1, 0.0, 100.0)))
    report = replace(make_report(0), trials=(row,), seconds=100.0, workers=4)
    drawing = timeline.draw(report)
    assert drawing is not None
    told = re.findall(r"worker \d+, idle \d+ %", drawing.body)
    assert told == [f"worker {n}, idle {100 * (n > 1)} %" for n in range(4)]
    assert "All workers together were idle for 50 %" in drawing.note


def test_a_worker_that_joined_later_has_a_lane_too() -> None:
    row = TrialRow("0", "completed", "", "", spans=((5, 0.0, 100.0),))
    report = replace(make_report(0), trials=(row,), seconds=100.0, workers=1)
    drawing = timeline.draw(report)
    assert drawing is not None
    assert re.findall(r"worker \d+", drawing.body) == ["worker 0", "worker 5"]


def test_idle_lanes_lie_below_each_other() -> None:
    drawing = timeline.draw(make_idle_workers(4))
    assert drawing is not None
    lanes = re.findall(r'y="([\d.]+)" height="24" class="idle"', drawing.body)
    assert len(lanes) == len(set(lanes)) == 4
