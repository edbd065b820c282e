"""Scores of two kinds in one run: no chart and no table compares them."""

import re
from dataclasses import replace

import pytest

from automl_reports import summary_table, table
from automl_reports.charts import (
    Chart,
    curves,
    landmarks,
    parallel,
    pareto,
    pareto_models,
    progress,
)
from automl_reports.cross_validation import FOLDS_ONLY, ONE_SPLIT, RANKS
from automl_reports.dimensions import dimensions
from automl_reports.front import comparable, pareto_front
from automl_reports.markdown import render
from automl_reports.page import render as render_page
from automl_reports.rows import RunReport, TrialRow
from automl_reports.verdict import best_landmark
from tests.reports.synthetic import make_report


def mixed() -> RunReport:
    """Return a run of which the best by their folds look worse than a lucky one."""
    report = make_report(30)
    return replace(report, trials=tuple(_mixed(row) for row in report.trials))


def _mixed(row: TrialRow) -> TrialRow:
    if (row.rank or 9) > 3:
        return row
    score = 0.3 + 0.01 * (row.rank or 0)
    return replace(
        row,
        val_score=score,
        val_interval=(score - 0.1, score + 0.1),
        cross_validated=True,
        split_score=row.val_score,
    )


def test_fronts_are_of_cross_validated_networks_alone() -> None:
    report = mixed()
    folds = {row.trial for row in report.trials if row.cross_validated}
    assert {row.trial for row, _, _ in comparable(report)} <= folds
    assert {row.trial for row in pareto_front(report, "params")} <= folds
    for drawing in (pareto.draw(report), pareto_models.draw(report)):
        assert drawing is not None
        assert FOLDS_ONLY in drawing.body + drawing.note


@pytest.mark.parametrize(
    "draw", [progress.draw, parallel.draw, curves.draw, landmarks.draw]
)
def test_what_shows_every_trial_shows_the_split_that_all_share(draw: Chart) -> None:
    plain, both = draw(make_report(30)), draw(mixed())
    assert plain is not None
    assert both is not None
    assert both.body == plain.body
    assert ONE_SPLIT in both.note
    assert ONE_SPLIT not in plain.note


def test_the_axis_of_the_score_is_that_of_one_split() -> None:
    assert dimensions(mixed())[-1].values == dimensions(make_report(30))[-1].values


def test_only_means_over_folds_have_bars_where_there_are_any() -> None:
    report = mixed()
    bar = table.interval_bars(report)
    for row in report.trials:
        drawn = bool(bar(row, "val"))
        assert drawn == row.cross_validated


def test_the_page_and_the_table_say_which_are_which() -> None:
    report = mixed()
    page = render_page(report)
    assert len(re.findall(r'<i class="tag">cross-validated</i>', page)) == 3
    assert RANKS in page
    text = render(report)
    assert RANKS in text
    assert text.count("cross-validated") >= 3
    assert RANKS not in summary_table.note(make_report(3))
    assert RANKS not in render_page(make_report(3))


def test_the_best_landmark_without_a_test_score_is_the_first_by_rank() -> None:
    first = TrialRow(
        "0", "completed", "a", "lenet5", rank=1, val_score=0.7, landmark=True,
        cross_validated=True,
    )  # fmt: skip
    lucky = TrialRow("1", "completed", "a", "vgg", rank=2, val_score=0.9, landmark=True)
    report = replace(make_report(0), trials=(lucky, first))
    assert best_landmark(report) == first
