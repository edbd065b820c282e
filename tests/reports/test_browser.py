"""Clicks in a real browser, on the page opened as a file and without a network."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from automl_reports.figures import DASH, GAP
from automl_reports.files import write_reports
from automl_reports.front import pareto_front
from automl_reports.leaderboard import to_csv
from automl_reports.page import render
from automl_reports.rows import RunReport
from tests.reports.synthetic import make_hostile, make_report

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is missing")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")
OPTIONS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or CHROMEDRIVER is None,
    reason="chromium or chromedriver is not installed",
)

Open = Callable[[RunReport], Any]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for option in OPTIONS.split():
        options.add_argument(option)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.set_capability("unhandledPromptBehavior", "ignore")
    service = Service(str(CHROMEDRIVER))
    browser = webdriver.Chrome(options=options, service=service)
    browser.set_page_load_timeout(30)
    yield browser
    browser.quit()


@pytest.fixture
def opened(driver: Any, tmp_path: Path) -> Iterator[Open]:
    def go(report: RunReport) -> Any:
        write_reports(report, tmp_path)
        size(driver, 1400)
        driver.get((tmp_path / "leaderboard.html").as_uri())
        return driver

    yield go
    assert driver.get_log("browser") == []


def size(driver: Any, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@cache
def usual() -> RunReport:
    return make_report(100)


def click(page: Any, selector: str) -> None:
    page.execute_script("document.querySelector(arguments[0]).click()", selector)


def trials(page: Any) -> list[str]:
    """Return the trials of the rows a person sees, in order."""
    script = (
        "return [...document.querySelectorAll('#trials tbody tr')]"
        ".filter(r => r.offsetParent).map(r => r.dataset.t)"
    )
    return list(page.execute_script(script))


def column(page: Any, number: int) -> list[str]:
    script = (
        "return [...document.querySelectorAll('#trials tbody tr')].filter(r =>"
        " r.offsetParent).map(r => r.cells[arguments[0]].dataset.v"
        " ?? r.cells[arguments[0]].textContent)"
    )
    return list(page.execute_script(script, number))


def heads(page: Any) -> list[str]:
    script = (
        "return [...document.querySelectorAll('#trials thead th')]"
        ".map(h => h.textContent.trim())"
    )
    return list(page.execute_script(script))


def sort_state(page: Any, number: int) -> str:
    script = (
        "return document.querySelectorAll('#trials thead th')[arguments[0]].ariaSort"
    )
    return str(page.execute_script(script, number))


def type_filter(page: Any, text: str) -> None:
    box = page.find_element("id", "filter")
    box.clear()
    box.send_keys(text)


def shown_count(page: Any) -> str:
    return str(page.find_element("id", "count").text)


@pytest.mark.parametrize(
    "name", [f"Test accuracy (95{GAP}%{GAP}interval)", "p50 ms", "MACs"]
)
def test_sorting_puts_rows_without_a_rank_and_empty_cells_last_both_ways(
    opened: Open, name: str
) -> None:
    page = opened(usual())
    number = heads(page).index(name)
    button = page.find_elements("css selector", "#trials thead button")[number]
    orders = {}
    for _ in range(2):
        button.send_keys("\ue007")  # the Enter key: headers are for keyboards too
        cells = column(page, number)
        empty = [text == DASH for text in cells]
        unranked = [text == DASH for text in column(page, 0)]
        last = list(zip(unranked, empty, strict=True))
        assert any(empty)
        assert any(unranked)
        assert last == sorted(last)
        orders[sort_state(page, number)] = [
            float(text) for text, gone in zip(cells, last, strict=True) if not any(gone)
        ]
    assert orders["ascending"] == sorted(orders["ascending"])
    assert orders["descending"] == sorted(orders["descending"], reverse=True)
    assert sort_state(page, 0) == "none"


def test_scores_sort_best_first_at_the_first_click(opened: Open) -> None:
    page = opened(usual())
    number = heads(page).index("Val. accuracy")
    page.find_elements("css selector", "#trials thead button")[number].click()
    assert sort_state(page, number) == "descending"


def test_filter_keeps_rows_with_every_word(opened: Open) -> None:
    report = usual()
    page = opened(report)
    type_filter(page, "resnet sgd")
    expected = {
        row.trial
        for row in report.trials
        if "resnet" in row.architecture + row.origin.lower() and row.optimizer == "sgd"
    }
    assert set(trials(page)) == expected
    assert shown_count(page) == f"{len(expected)} of 100 trials"
    click(page, "#reset")
    assert len(trials(page)) == 100


def test_filter_dims_the_marks_of_the_others(opened: Open) -> None:
    page = opened(usual())
    type_filter(page, "densenet")
    kept = set(trials(page))
    script = (
        "return [...document.querySelectorAll('figure circle[data-t]')]"
        ".map(m => [m.dataset.t, m.classList.contains('off')])"
    )
    states = page.execute_script(script)
    assert states
    assert all((trial in kept) != off for trial, off in states)


@pytest.mark.parametrize("status", ["completed", "stopped", "failed", "skipped"])
def test_status_boxes_hide_their_trials(opened: Open, status: str) -> None:
    report = usual()
    page = opened(report)
    page.find_element("css selector", f"[name=status][value={status}]").click()
    expected = {row.trial for row in report.trials if row.status != status}
    assert len(expected) < 100
    assert set(trials(page)) == expected


def test_pareto_only_keeps_the_front(opened: Open) -> None:
    report = usual()
    page = opened(report)
    page.find_element("id", "pareto").click()
    assert set(trials(page)) == {row.trial for row in pareto_front(report)}


def test_hyperparameters_come_and_go(opened: Open) -> None:
    page = opened(usual())
    cell = page.find_element("css selector", "#trials tbody td.hp")
    box = page.find_element("id", "hyperparameters")
    assert not cell.is_displayed()
    box.click()
    assert cell.is_displayed()
    box.click()
    assert not cell.is_displayed()


def allow_clipboard(page: Any) -> None:
    """Let a page write to the clipboard, and the test read it."""
    page.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )


def test_copied_rows_are_those_of_the_csv_file(opened: Open) -> None:
    report = usual()
    page = opened(report)
    allow_clipboard(page)
    type_filter(page, "failed")
    page.find_element("id", "csv").click()
    copied = page.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done, done)"
    )
    rows = list(csv.reader(io.StringIO(copied)))
    everything = list(csv.reader(io.StringIO(to_csv(report))))
    assert rows[0] == everything[0]
    assert rows[1:] == [row for row in everything[1:] if row[2] == "failed"]


def test_rows_are_copied_where_a_page_has_no_clipboard(opened: Open) -> None:
    """Over plain http a browser has none."""
    report = usual()
    page = opened(report)
    allow_clipboard(page)
    page.execute_script(
        "window.kept = navigator.clipboard;"
        "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
    )
    button = page.find_element("id", "csv")
    for _ in range(2):  # a second click must not keep the word of the first
        button.click()
        assert button.text == "Copied"
    copied = page.execute_async_script(
        "const done = arguments[0]; window.kept.readText().then(done, done)"
    )
    rows = list(csv.reader(io.StringIO(copied)))
    assert rows == list(csv.reader(io.StringIO(to_csv(report))))
    assert page.execute_script("return document.activeElement.id") == "csv"
    assert not page.find_elements("tag name", "textarea")


def test_a_copy_that_fails_is_said(opened: Open) -> None:
    page = opened(usual())
    page.execute_script(
        "Object.defineProperty(navigator, 'clipboard',"
        " {value: {writeText: () => Promise.reject(new Error('refused'))}});"
        "document.execCommand = () => false"
    )
    button = page.find_element("css selector", ".copy")
    button.click()
    assert button.text == "Not copied"


def test_hyperparameters_that_a_browser_ticks_again_are_there(
    driver: Any, tmp_path: Path
) -> None:
    box = 'id="hyperparameters"'
    text = render(make_report(201)).replace(box, f"{box} checked")
    path = tmp_path / "page.html"
    path.write_text(text, "utf-8")
    driver.get(path.as_uri())
    script = (
        "const t = document.getElementById('trials');"
        "return [t.tHead.rows[0], t.tBodies[0].rows[0]].map(r => r.cells.length)"
    )
    in_head, in_row = driver.execute_script(script)
    assert in_head == in_row > 30


def test_theme_switches_and_switches_back(opened: Open) -> None:
    page = opened(usual())

    def background() -> str:
        return str(
            page.find_element("tag name", "body").value_of_css_property(
                "background-color"
            )
        )

    first = background()
    page.find_element("id", "theme").click()
    second = background()
    page.find_element("id", "theme").click()
    assert first != second
    assert background() == first


def test_a_thousand_trials_are_paged(opened: Open) -> None:
    report = make_report(1000)
    page = opened(report)
    first = trials(page)
    assert len(first) == 100
    assert page.find_element("id", "page").text == "page 1 of 10"
    assert not page.find_element("id", "back").is_enabled()
    page.find_element("id", "next").click()
    assert len(set(trials(page)) & set(first)) == 0
    for _ in range(8):
        click(page, "#next")
    assert page.find_element("id", "page").text == "page 10 of 10"
    assert not page.find_element("id", "next").is_enabled()
    type_filter(page, "skipped")
    expected = {row.trial for row in report.trials if row.status == "skipped"}
    assert set(trials(page)) == expected
    assert page.find_element("id", "page").text == "page 1 of 1"


def test_hyperparameters_of_a_thousand_trials_come_from_json(opened: Open) -> None:
    report = make_report(1000)
    page = opened(report)
    page.find_element("id", "hyperparameters").click()
    number = heads(page).index("filters")
    by_trial = {row.trial: str(row.hyperparameters["filters"]) for row in report.trials}
    shown = dict(zip(trials(page), column(page, number), strict=True))
    assert shown == {trial: by_trial[trial] for trial in shown}
    click(page, f"#trials thead th:nth-child({number + 1}) button")
    values = [int(text) for text in column(page, number)]
    assert values == [8] * 100


@pytest.mark.parametrize("num_trials", [30, 250])
def test_hostile_names_open_no_dialog_and_log_no_error(
    opened: Open, num_trials: int
) -> None:
    from selenium.common.exceptions import NoAlertPresentException

    page = opened(make_hostile(make_report(num_trials)))
    page.find_element("id", "hyperparameters").click()
    type_filter(page, "onerror=alert(1)")
    assert trials(page)
    with pytest.raises(NoAlertPresentException):
        page.switch_to.alert.accept()
    assert page.execute_script("return document.images.length") == 0
