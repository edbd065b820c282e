"""The page as text: complete, small, sealed and safe."""

import base64
import hashlib
import math
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from automl_reports import verdict
from automl_reports.figures import DASH
from automl_reports.page import render
from automl_reports.rows import RunReport, TrialRow
from tests.reports.synthetic import HOSTILE, all_failed, make_hostile, make_report
from tests.reports.synthetic_models import explained
from tests.reports.synthetic_states import (
    make_ensemble,
    make_idle_workers,
    make_lost_predictions,
    make_scaled_regression,
)
from tests.reports.synthetic_tasks import make_multilabel, make_regression

GOLDEN = Path(__file__).with_name("golden.html")
VOID = {"meta", "input", "br", "img", "link"}

STATES = {
    "empty": make_report(0, state="running"),
    "one": make_report(1),
    "thirty": make_report(30),
    "running": make_report(12, state="running"),
    "all failed": all_failed(),
    "two classes": make_report(10, num_classes=2),
    "thirty classes": make_report(10, num_classes=30),
    "many classes": make_report(10, num_classes=200),
    "hostile": make_hostile(make_report(30)),
    "regression": make_regression(),
    "multilabel": make_multilabel(),
    "ensemble": make_ensemble(),
    "large targets": make_scaled_regression(1e9),
    "tiny targets": make_scaled_regression(1e-15),
    "lost predictions": make_lost_predictions(),
    "idle workers": make_idle_workers(),
}


class Page(HTMLParser):
    """Collects elements, addresses and text; complains of unbalanced elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.mark.parametrize("report", STATES.values(), ids=STATES)
def test_every_state_is_balanced_and_asks_for_nothing(report: RunReport) -> None:
    page = Page(render(report))
    assert page.open == []
    for tag, attributes in page.elements:
        assert tag not in {"img", "link", "iframe", "object", "base", "form"}
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))


@pytest.mark.parametrize("report", STATES.values(), ids=STATES)
def test_ids_are_unique_and_links_lead_somewhere(report: RunReport) -> None:
    page = Page(render(report))
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = {(a["href"] or "")[1:] for tag, a in page.elements if tag == "a"}
    assert links <= set(ids)


@pytest.mark.parametrize("report", STATES.values(), ids=STATES)
def test_nothing_is_drawn_where_there_is_no_place_for_it(report: RunReport) -> None:
    places = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "d")
    for _, attributes in Page(render(report)).elements:
        for name in (*places, "points", "viewbox", "data-v"):
            assert not re.search("nan|inf", attributes.get(name) or "")


def test_policy_admits_exactly_the_style_and_the_script() -> None:
    text = render(make_report(3))
    policy = next(
        a["content"] or ""
        for tag, a in Page(text).elements
        if a.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for name in ("style", "script"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = hashlib.sha256(content.encode()).digest()
        assert rules[f"{name}-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"


def test_script_is_small() -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", render(make_report(1)), re.DOTALL)
    assert len(script.encode()) <= 12_000


@pytest.mark.parametrize(
    ("num_trials", "num_models", "limit"), [(100, 5, 800_000), (1000, 5, 2_000_000)]
)
def test_the_page_stays_small(num_trials: int, num_models: int, limit: int) -> None:
    report = make_report(num_trials, num_models=num_models)
    assert len(render(report).encode()) < limit


def test_hostile_names_are_text_and_no_elements() -> None:
    usual = Page(render(make_report(30)))
    hostile = Page(render(make_hostile(make_report(30))))
    tags = {tag for tag, _ in usual.elements}
    assert {tag for tag, _ in hostile.elements} <= tags
    scripts = [tag for tag, _ in hostile.elements if tag == "script"]
    assert len(scripts) == 2
    assert HOSTILE[0] in hostile.text
    assert HOSTILE[1] in hostile.text


def test_the_headline_is_the_test_score_and_says_what_selected() -> None:
    report = make_report(30)
    best = report.recommended
    assert best is not None
    assert best.test_score is not None
    text = Page(render(report)).text
    assert (
        f"#{best.trial} {best.architecture.split()[0]} · {best.test_score:.1%}".replace(
            "%", ""
        )
        in text.replace("\xa0", " ")
    )
    assert "Selected on validation" in text
    assert f"{sum(report.data.counts['test'])}"[-3:] in text
    assert report.verdict in text
    for command in report.commands:
        assert command in text
    for warning in report.warnings:
        assert warning in text
    for export in report.exports:
        assert export.path in text


def test_a_running_search_says_so_and_shows_validation_as_such() -> None:
    text = Page(render(STATES["running"])).text
    assert "still running" in text
    assert "on validation" in text
    assert "Recommended for deployment" not in text


def test_without_a_success_the_page_says_why() -> None:
    text = Page(render(all_failed())).text
    assert "No trial succeeded" in text
    assert "6 \N{MULTIPLICATION SIGN} Loss became NaN" in text


def test_every_failed_and_skipped_trial_is_there_with_its_reason() -> None:
    report = make_report(100)
    text = render(report)
    for row in report.trials:
        found = re.search(rf'<tr data-t="{row.trial}".*?</tr>', text, re.DOTALL)
        assert found is not None
        assert row.status in found[0]
        assert row.reason in found[0]


def test_a_picture_budget_is_counted_whatever_the_names_are() -> None:
    report = explained(make_hostile(make_report(5)))
    assert "\udcff" in render(report)  # the name of a file that is no Unicode


def test_what_failed_is_not_counted_as_trained() -> None:
    assert verdict.title(all_failed(4)).endswith("0 of 4 CNNs trained")


def test_a_score_that_is_no_number_is_no_headline() -> None:
    report = make_report(5)
    nan = float("nan")
    rows = tuple(replace(row, val_score=nan, test_score=None) for row in report.trials)
    card = verdict.card(replace(report, trials=rows))
    assert card.headline.endswith("no score")
    assert "not a number" in card.sentences[0]


def test_scores_that_are_no_number_are_dashes() -> None:
    row = TrialRow("0", "failed", "plain", "random", val_score=math.nan, params=None)
    text = render(replace(make_report(0), trials=(row,)))
    cells = re.findall(r"<td[^>]*>(.*?)</td>", text.partition("<tbody>")[2])
    assert cells[2:5] == [DASH] * 3
    assert "nan" not in text.lower().partition("<body>")[2].partition("<script")[0]


def test_skipped_files_are_named_with_reasons() -> None:
    report = make_report(3)
    data = replace(
        report.data,
        skipped=tuple((f"file{n}.png", f"reason {n}") for n in range(300)),
        num_skipped=1234,
    )
    text = Page(render(replace(report, data=data))).text
    assert "1234 files skipped" in text
    assert "file199.png reason 199" in text
    assert "1034 more are not listed" in text


def test_above_200_trials_hyperparameters_are_left_to_json() -> None:
    few, many = render(make_report(200)), render(make_report(201))
    assert 'data-size="100"' not in few
    assert 'data-size="100"' in many
    assert many.count('class="hp"') < few.count('class="hp"') / 5


def test_the_page_is_the_golden_one() -> None:
    """Set AUTOML_UPDATE_GOLDEN=1 to write the golden page again, then read the diff."""
    text = render(make_report(4, num_classes=2, num_models=1))
    for name in ("style", "script"):
        text = re.sub(
            rf"<{name}>.*?</{name}>", f"<{name}></{name}>", text, flags=re.DOTALL
        )
    text = re.sub(r"sha256-[^&]*", "sha256-", text)
    if os.environ.get("AUTOML_UPDATE_GOLDEN"):
        GOLDEN.write_text(text, "utf-8")
    assert "</html>" in text
    assert text == GOLDEN.read_text("utf-8")
