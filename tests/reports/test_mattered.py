"""What mattered: axes, importance, progress, workers; and the costs to choose from."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from automl_reports.charts import importance, parallel, pareto, progress, timeline
from automl_reports.charts.parallel import axis_data
from automl_reports.dimensions import UNUSED, dimensions, share
from automl_reports.front import COSTS, comparable, fronts, pareto_front
from automl_reports.importance import Importance
from automl_reports.leaderboard import ordered
from automl_reports.rows import RunReport, TrialRow
from tests.reports.synthetic import all_failed, make_report

FOUND = Importance(
    83,
    0.31,
    0.012,
    (("filters", 0.41, 0.05), ("family", 0.1, 0.02), ("bias", 0.0, 0.1)),
)


def run_of(*rows: TrialRow, direction: str = "max") -> RunReport:
    return replace(make_report(0), trials=rows, direction=direction, seconds=100.0)


def trained(trial: str, score: float | None, **hyperparameters: object) -> TrialRow:
    return TrialRow(
        trial, "completed", "plain", "random", val_score=score, params=10,
        hyperparameters=hyperparameters,
    )  # fmt: skip


def test_axes_hold_the_values_of_the_rows_in_order() -> None:
    report = make_report(40)
    found = {axis.name: axis for axis in dimensions(report)}
    rows = ordered(report.trials)
    for row, value in zip(rows, found["accuracy"].values, strict=True):
        expected = row.val_score
        assert value is None if expected is None else value == pytest.approx(expected)
    family = found["family"] if "family" in found else found["optimizer"]
    read = "family" if "family" in found else "optimizer"
    for row, place in zip(rows, family.values, strict=True):
        if row.val_score is not None and place is not None:
            own = row.hyperparameters.get(read) or row.optimizer
            assert family.categories[int(place)] == own
    assert list(found)[-1] == "accuracy"


def test_wide_ranges_are_logarithmic_and_flat_ones_have_no_axis() -> None:
    rows = [trained(str(n), n / 10, rate=10.0**-n, fixed=3, few=n) for n in range(5)]
    found = {axis.name: axis for axis in dimensions(run_of(*rows))}
    assert set(found) == {"rate", "few", "accuracy"}
    assert found["rate"].log
    assert not found["few"].log
    assert share(found["rate"], 0.01) == pytest.approx(0.5)


def test_what_a_trial_does_not_have_is_a_gap_or_a_category() -> None:
    rows = [trained("0", 0.1, size=1, kind="a"), trained("1", 0.2, size=2, kind=True)]
    found = {a.name: a for a in dimensions(run_of(*rows, trained("2", 0.3)))}
    assert found["size"].gaps
    assert found["size"].values == (1, 2, None)
    assert found["kind"].categories == ("True", "a", UNUSED)


def test_trials_without_a_score_neither_stretch_an_axis_nor_add_a_category() -> None:
    rows = [trained("0", 0.1, size=1, kind="a"), trained("1", 0.2, size=2, kind="b")]
    report = run_of(*rows, trained("2", None, size=900, kind="c"))
    found = {a.name: a for a in dimensions(report)}
    assert found["size"].high == 2
    assert found["size"].values[2] is None
    assert found["kind"].categories == ("a", "b")
    assert found["kind"].values[2] is None


def test_important_hyperparameters_come_first() -> None:
    report = replace(make_report(40), importance=FOUND)
    assert [axis.name for axis in dimensions(report)][:2] == ["filters", "family"]


@pytest.mark.parametrize("report", [make_report(0), make_report(1), all_failed()])
def test_nothing_to_compare_draws_nothing(report: RunReport) -> None:
    assert parallel.draw(report) is None
    assert axis_data(report) == [] or len(report.trials) > 1


def test_every_axis_has_fields_for_those_who_do_not_drag() -> None:
    report = make_report(30)
    drawing = parallel.draw(report)
    assert drawing is not None
    for number, axis in enumerate(dimensions(report)):
        fields = re.findall(rf'<input[^>]* data-axis="{number}"', drawing.body)
        assert len(fields) == (len(axis.categories) or 2)


def test_lines_are_the_best_of_very_many() -> None:
    report = make_report(1000)
    drawing = parallel.draw(report)
    assert drawing is not None
    drawn = re.findall(r'class="line t\d" data-t="(\d+)"', drawing.body)
    best = [row.trial for row in ordered(report.trials)][: parallel.MOST_LINES]
    assert sorted(drawn) == sorted(best)
    assert "outside the best 200" in drawing.note


def test_importance_draws_what_lies_above_the_noise_and_names_the_rest() -> None:
    drawing = importance.draw(replace(make_report(3), importance=FOUND))
    assert drawing is not None
    assert drawing.body.count('class="bar"') == 2
    assert "No evidence for: bias." in drawing.note
    assert "83 trials" in drawing.note


def test_importance_says_why_there_is_none() -> None:
    reason = "12 trials can be compared; at least 30 are needed."
    report = replace(make_report(3), importance=Importance(12, hidden=reason))
    drawing = importance.draw(report)
    assert drawing is not None
    assert reason in drawing.body
    assert "<svg" not in drawing.body
    assert importance.draw(make_report(3)) is None


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("max", [(1.0, 0.5), (3.0, 0.7)]), ("min", [(1.0, 0.5), (2.0, 0.4)])],
)
def test_best_so_far_only_gets_better(
    direction: str, expected: list[tuple[float, float]]
) -> None:
    rows = [
        replace(trained(str(n), value), ended_seconds=float(n))
        for n, value in ((3, 0.7), (1, 0.5), (2, 0.4))
    ]
    found = progress.ended(run_of(*rows))
    assert progress.steps_of_best(found, direction) == expected


def test_idle_time_counts_overlaps_once_and_gaps_whole() -> None:
    spans = ((0, 0.0, 40.0), (0, 20.0, 50.0), (0, 75.0, 100.0), (1, 0.0, 10.0))
    row = replace(trained("0", 0.5), spans=spans, worker=0)
    report = run_of(row)
    lanes = timeline.spans_by_worker(report)
    assert timeline.busy_seconds(lanes[0]) == 75.0
    drawing = timeline.draw(report)
    assert drawing is not None
    assert "worker 0, idle 25 %" in drawing.body
    assert "worker 1, idle 90 %" in drawing.body
    assert "only the first start" not in drawing.note


def test_the_time_line_explains_the_colours_that_it_has() -> None:
    drawing = timeline.draw(all_failed())
    assert drawing is None
    drawing = timeline.draw(make_report(30))
    assert drawing is not None
    told = re.findall(r'<i class="key [^"]*"></i>([^<]*)<', drawing.body)
    assert told == ["completed", "recommended", "failed", "stopped early", "idle"]


def test_of_very_many_lines_only_the_best_are_strong() -> None:
    drawing = parallel.draw(make_report(1000))
    assert drawing is not None
    tones = re.findall(r'class="line t(\d)"', drawing.body)
    assert [tones.count(str(tone)) for tone in range(parallel.TONES)] == [40] * 5


def test_old_records_say_that_their_spans_are_rough() -> None:
    drawing = timeline.draw(make_report(10))
    assert drawing is not None
    assert "only the first start and the last end" in drawing.note


def test_every_cost_has_a_chart_and_a_button() -> None:
    report = make_report(50)
    drawing = pareto.draw(report)
    assert drawing is not None
    assert re.findall(r'type="radio"[^>]*value="(\w+)"', drawing.body) == list(COSTS)
    charts = drawing.body.split('<div class="by by-')[1:]
    for chart, cost in zip(charts, COSTS, strict=True):
        tree = ElementTree.fromstring(
            chart[chart.index("<svg") : chart.index("</svg>") + 6]
        )
        drawn = {m.attrib["data-t"] for m in (*tree.iter("circle"), *tree.iter("rect"))}
        assert drawn == {row.trial for row, _, _ in comparable(report, cost)}


def test_fronts_name_the_costs_a_model_is_best_at() -> None:
    report = make_report(50)
    found = fronts(report)
    for cost in COSTS:
        expected = {row.trial for row in pareto_front(report, cost)}
        assert {trial for trial, costs in found.items() if cost in costs} == expected


def test_what_lies_outside_the_scale_of_the_progress_is_counted() -> None:
    good = [
        replace(trained(str(n), 0.9 + n / 1000), ended_seconds=float(n), rank=10 - n)
        for n in range(10)
    ]
    drawing = progress.draw(run_of(*good))
    assert drawing is not None
    assert drawing.note == ""
    bad = replace(trained("bad", 0.1), ended_seconds=20.0, rank=11)
    drawing = progress.draw(run_of(*good, bad))
    assert drawing is not None
    assert re.fullmatch(r"1 below 0\.\d+ are drawn at the edge\.", drawing.note)
