"""The page in windows of every width, on paper, without scripts and by keyboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from automl_reports import comparison
from automl_reports.rows import RunReport
from tests.reports.synthetic import all_failed, make_report
from tests.reports.synthetic_tasks import make_multilabel, make_regression

# The fixtures of the browser are shared with the tests of the leaderboard.
from tests.reports.test_browser import Open, driver, opened, pytestmark, size, usual

__all__ = ["driver", "opened", "pytestmark"]


def with_long_paths(report: RunReport) -> RunReport:
    """Return the report of data that lies in a deep folder without a space."""
    path = "/" + 12 * "a-folder/" + "train.tsv"
    notes = (f"Splits kept as given by {path}.",)
    data = replace(report.data, source=path, notes=notes, skipped=((path, path),))
    return replace(report, data=data, command=path, warnings=(path,))


@pytest.mark.parametrize(
    "report",
    [
        make_report(0, state="running"),
        make_report(1),
        all_failed(),
        usual(),
        make_regression(),
        make_multilabel(),
        with_long_paths(make_report(3)),
    ],
    ids=["none", "one", "all failed", "usual", "regression", "labels", "long paths"],
)
@pytest.mark.parametrize("width", [400, 1400])
def test_no_state_is_wider_than_the_window(
    opened: Open, report: RunReport, width: int
) -> None:
    page = opened(report)
    size(page, width)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert page.find_element("id", "verdict-title").is_displayed()


@pytest.mark.parametrize("num_runs", [2, 3, 8])
def test_a_comparison_is_read_without_scrolling_sideways(
    driver: Any, tmp_path: Path, num_runs: int
) -> None:
    reports = [make_report(6, seed=seed) for seed in range(num_runs)]
    reports[0] = replace(reports[0], name="a-long-name-of-a-run" * 4, state="running")
    (tmp_path / "page.html").write_text(comparison.render(reports))
    driver.get((tmp_path / "page.html").as_uri())
    for width in (400, 768, 1280):
        size(driver, width)
        table = driver.find_element("css selector", ".runs")
        assert table.get_property("scrollWidth") <= table.get_property("clientWidth")
        whole = driver.execute_script("return document.documentElement.scrollWidth")
        assert whole <= width


def test_everything_is_there_without_scripts(opened: Open) -> None:
    report = replace(make_report(250), name="no scripts")
    page = opened(report)
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.refresh()
        assert len(page.find_elements("css selector", "#trials tbody tr")) == 250
        assert page.find_element("css selector", "figure svg").is_displayed()
        assert not page.find_element("id", "theme").is_displayed()
        last = page.find_elements("css selector", "#trials tbody tr")[-1]
        assert last.is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_every_control_is_reached_by_keyboard(opened: Open) -> None:
    page = opened(make_report(3))
    script = "return [document.activeElement.id, document.activeElement.textContent]"
    reached = set()
    for _ in range(60):
        page.switch_to.active_element.send_keys("\ue004")  # the Tab key
        name, text = page.execute_script(script)
        reached |= {name, text.strip()}
    assert {"theme", "filter", "pareto", "hyperparameters", "reset", "csv"} <= reached
    assert {"Rank", "Val. accuracy", "Copy"} <= reached


def test_print_shows_everything_but_the_controls(opened: Open) -> None:
    page = opened(usual())
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert page.find_element("tag name", "h1").is_displayed()
        last = "#models details:last-of-type figcaption"
        assert page.find_element("css selector", last).rect["height"] > 0
        assert not page.find_element("id", "filter").is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
