"""A run in a notebook: complete, escaped, without scripts."""

import pytest

from automl_reports.notebook import MOST_ROWS, leaderboard_html
from automl_reports.rows import RunReport
from tests.reports.synthetic import make_hostile, make_report
from tests.reports.test_page import STATES, Page


@pytest.mark.parametrize("report", STATES.values(), ids=STATES)
def test_every_state_is_balanced_and_holds_no_script(report: RunReport) -> None:
    page = Page(leaderboard_html(report))
    assert page.open == []
    tags = {"p", "b", "table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in page.elements} <= tags


def test_the_best_come_first_and_the_rest_are_counted() -> None:
    report = make_report(50)
    page = Page(leaderboard_html(report))
    assert f"#{report.trials[0].trial}" in page.text
    assert page.text.endswith(f"{50 - MOST_ROWS} more trials.")
    assert sum(tag == "tr" for tag, _ in page.elements) == MOST_ROWS + 1


def test_names_are_text() -> None:
    assert "<img" not in leaderboard_html(make_hostile(make_report(5)))
