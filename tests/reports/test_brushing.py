"""Ranges drawn and typed, costs chosen, and no barrier that axe knows of."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from automl_reports import comparison
from automl_reports.dimensions import dimensions
from automl_reports.files import write_text
from automl_reports.front import pareto_front
from automl_reports.importance import Importance
from automl_reports.leaderboard import to_csv
from automl_reports.rows import RunReport
from tests.reports.synthetic import all_failed, make_report
from tests.reports.synthetic_models import explained
from tests.reports.synthetic_tasks import make_multilabel, make_regression

# The fixtures of the browser are shared with the tests of the leaderboard.
from tests.reports.test_browser import (
    Open,
    click,
    driver,
    opened,
    pytestmark,
    shown_count,
    size,
    trials,
    usual,
)

__all__ = ["driver", "opened", "pytestmark"]
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")


def axis_number(report: RunReport, name: str) -> int:
    return [axis.name for axis in dimensions(report)].index(name)


def drag(page: Any, number: int, *shares: float) -> None:
    """Press at the first share of an axis's height (0 is the top), and move on."""
    from selenium.webdriver.common.action_chains import ActionChains

    hit = page.find_element("css selector", f'g[data-axis="{number}"] .hit')
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", hit)
    height = hit.rect["height"]
    actions = ActionChains(page, duration=20)
    places = [round((share - 0.5) * height) for share in shares]
    actions.move_to_element_with_offset(hit, 0, places[0]).click_and_hold()
    for place in places[1:]:
        actions.move_to_element_with_offset(hit, 0, place)
    actions.release().perform()
    settle(page)


def settle(page: Any) -> None:
    page.execute_async_script(
        "const done = arguments[0];"
        "requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    )


def limits(page: Any, number: int) -> list[float]:
    fields = page.find_elements("css selector", f'input[data-axis="{number}"]')
    return [float(field.get_property("value")) for field in fields]


def recount(report: RunReport, column: str, low: float, high: float) -> set[str]:
    """Return the trials of the CSV file whose cell lies in a range."""
    rows = csv.DictReader(io.StringIO(to_csv(report)))
    return {
        row["trial"]
        for row in rows
        if row[column] and low <= float(row[column]) <= high
    }


@pytest.mark.parametrize("num_trials", [100, 1000])
def test_a_drawn_range_keeps_what_the_csv_file_counts(
    opened: Open, num_trials: int
) -> None:
    report = make_report(num_trials)
    page = opened(report)
    number = axis_number(report, "accuracy")
    drag(page, number, 0.02, 0.2, 0.35)
    expected = recount(report, "val_score", *limits(page, number))
    assert 0 < len(expected) < num_trials
    assert shown_count(page) == f"{len(expected)} of {num_trials} trials"
    assert set(trials(page)) <= expected
    assert page.find_elements("css selector", f'g[data-axis="{number}"] .brush')
    other = axis_number(report, "params")
    drag(page, other, 0.3, 0.9)
    expected &= recount(report, "params", *limits(page, other))
    assert shown_count(page) == f"{len(expected)} of {num_trials} trials"


def test_a_range_dims_every_chart_and_a_double_click_lets_go(opened: Open) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    report = usual()
    page = opened(report)
    number = axis_number(report, "accuracy")
    drag(page, number, 0.02, 0.3)
    kept = set(trials(page))
    script = (
        "return [...document.querySelectorAll('figure [data-t]')]"
        ".map(m => [m.dataset.t, m.classList.contains('off')])"
    )
    for trial, off in page.execute_script(script):
        assert off == (trial not in kept)
    hit = page.find_element("css selector", f'g[data-axis="{number}"] .hit')
    ActionChains(page).double_click(hit).perform()
    assert len(trials(page)) == 100
    assert not page.find_elements("css selector", ".brush")


def test_ranges_are_typed_and_ticked_with_the_keyboard(opened: Open) -> None:
    report = usual()
    page = opened(report)
    summary = page.find_element("css selector", "#mattered summary")
    summary.send_keys("\ue007")
    number = axis_number(report, "accuracy")
    low, high = page.find_elements("css selector", f'input[data-axis="{number}"]')
    low.send_keys("0.9")
    high.send_keys("0.93")
    expected = recount(report, "val_score", 0.9, 0.93)
    assert set(trials(page)) == expected
    place = axis_number(report, "optimizer")
    first = page.find_element("css selector", f'input[data-axis="{place}"]')
    first.send_keys(" ")
    without = {r.trial for r in report.trials if r.optimizer != "adam"}
    assert set(trials(page)) == expected & without
    click(page, "#reset")
    assert len(trials(page)) == 100
    assert low.get_property("value") == ""


def test_a_finger_draws_a_range(opened: Open) -> None:
    report = usual()
    page = opened(report)
    number = axis_number(report, "accuracy")
    hit = page.find_element("css selector", f'g[data-axis="{number}"] .hit')
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", hit)
    box = page.execute_script(
        "const b = arguments[0].getBoundingClientRect();"
        "return [b.x + b.width / 2, b.y, b.height]", hit,
    )  # fmt: skip
    for kind, share in (("Start", 0.02), ("Move", 0.2), ("Move", 0.4)):
        point = {"x": box[0], "y": box[1] + share * box[2]}
        page.execute_cdp_cmd(
            "Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": [point]}
        )
    page.execute_cdp_cmd(
        "Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []}
    )
    settle(page)
    expected = recount(report, "val_score", *limits(page, number))
    assert set(trials(page)) == expected
    assert len(expected) < 100


def test_another_cost_shows_its_chart_and_its_front(opened: Open) -> None:
    report = usual()
    page = opened(report)
    click(page, "#pareto")
    for cost in ("params", "macs", "latency_ms"):
        click(page, f"#cost-{cost}")
        shown = [
            chart.get_attribute("class")
            for chart in page.find_elements("css selector", ".by")
            if chart.is_displayed()
        ]
        assert shown == [f"by by-{cost}"]
        assert set(trials(page)) == {row.trial for row in pareto_front(report, cost)}


def test_another_cost_is_chosen_without_scripts(opened: Open) -> None:
    page = opened(usual())
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.refresh()
        page.find_element("id", "cost-macs").click()
        assert page.find_element("css selector", ".by-macs").is_displayed()
        assert not page.find_element("css selector", ".by-latency_ms").is_displayed()
        assert page.find_element("css selector", ".parallel svg").is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("report", [usual(), make_regression(), all_failed()])
def test_no_column_is_cut_off(opened: Open, report: RunReport) -> None:
    page = opened(report)
    size(page, 1300)
    script = (
        "const s = document.querySelector('#leaderboard .scroll');"
        "return s.scrollWidth - s.clientWidth"
    )
    assert page.execute_script(script) <= 0


FOUND = Importance(83, 0.3, 0.01, (("filters", 0.4, 0.1), ("family", 0.0, 0.1)))
PAGES = {
    "usual": explained(replace(make_report(30), importance=FOUND, rungs=(3, 10))),
    "failed": all_failed(),
    "running": make_report(0, state="running"),
    "regression": explained(make_regression()),
    "multilabel": explained(make_multilabel()),
}


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("report", PAGES.values(), ids=PAGES)
def test_axe_finds_no_violation(opened: Open, report: RunReport, theme: str) -> None:
    page = opened(report)
    assert violations(page, theme) == []


@pytest.mark.slow
def test_axe_finds_no_violation_where_runs_are_compared(
    driver: Any, tmp_path: Path
) -> None:
    page = tmp_path / "comparison.html"
    write_text(page, comparison.render([PAGES["usual"], PAGES["failed"]]))
    driver.get(page.as_uri())
    assert violations(driver, "dark") == []


def axe_source() -> str:
    """Return axe-core from the package that holds it, without a network."""
    # Found, not imported: only its script is wanted. The script in axe-core-python is
    # of 2022, and fails on colours that a style sheet mixes.
    package = find_spec("axe_playwright_python")
    for folder in (package and package.submodule_search_locations) or ():
        return (Path(folder) / "axe.min.js").read_text("utf-8")
    pytest.skip("axe-playwright-python, which holds axe-core, is not installed")


def violations(page: Any, theme: str) -> list[str]:
    """Return what axe finds, with every part of the page unfolded."""
    source = axe_source()
    page.execute_script(
        "document.documentElement.dataset.theme = arguments[0];"
        "for (const d of document.querySelectorAll('details')) d.open = true;",
        theme,
    )
    page.execute_script(source)
    script = (
        "const [rules, done] = arguments;"
        "axe.run(document, {runOnly: rules}).then(r => done(r.violations.map("
        "v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200)).join(' '))),"
        "e => done(['axe failed: ' + e]))"
    )
    return list(page.execute_async_script(script, RULES))
