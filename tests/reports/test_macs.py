"""Multiply-accumulates of networks with layers that nobody can count."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from automl_reports import comparison, markdown, model_card, summary_table
from automl_reports.charts import pareto_models
from automl_reports.figures import DASH
from automl_reports.front import comparable
from automl_reports.macs import macs_words, unknown_words
from automl_reports.notebook import leaderboard_html
from automl_reports.page import render
from automl_reports.rows import RunReport, TrialRow
from automl_reports.terminal.final import final_lines
from tests.reports.synthetic import HOSTILE, make_report
from tests.reports.test_page import Page

NETWORK = TrialRow("0001", "completed", "lstm", "random", macs=2_080_000)
BOUND = "≥ 2.08 M"


def report_of(*names: str) -> RunReport:
    """Return a run whose recommended network has layers of these names."""
    report = make_report(20)
    first, *rest = report.trials
    assert first.recommended
    first = replace(first, macs=2_080_000, unknown_layers=names)
    return replace(report, trials=(first, *rest))


def told(report: RunReport) -> dict[str, str]:
    """Return every text that people read, by what it is."""
    drawing = pareto_models.draw(report)
    assert drawing is not None
    texts = {
        "page": render(report),
        "comparison": comparison.render([report]),
        "notebook": leaderboard_html(report),
        "front": drawing.body + drawing.note,
        "forge": markdown.render(report),
        "card": model_card.render(report),
        "terminal": "\n".join(final_lines(report, Path("runs/x"))),
    }
    return {name: text.replace("\xa0", " ") for name, text in texts.items()}


@pytest.mark.parametrize(
    ("macs", "names", "words"),
    [
        (2_080_000, (), "2.08 M"),
        (2_080_000, ("memory",), BOUND),
        (0, (), "0"),
        (0, ("memory",), DASH),
        (None, ("memory",), DASH),
    ],
)
def test_a_lower_bound_is_marked_and_never_zero(
    macs: int | None, names: tuple[str, ...], words: str
) -> None:
    row = replace(NETWORK, macs=macs, unknown_layers=names)
    assert macs_words(row).replace("\xa0", " ") == words


def test_layers_are_named_once_and_not_all_of_very_many() -> None:
    rows = [replace(NETWORK, unknown_layers=("a", f"b{n}")) for n in range(9)]
    words = unknown_words(rows)
    assert words.endswith(": a, b0, b1, b2, b3 and 5 more.")
    assert unknown_words([NETWORK]) == ""


def test_every_place_says_at_least_and_names_the_layer() -> None:
    for place, text in told(report_of("memory")).items():
        assert BOUND in text, place
        assert "are left out: memory" in text, place
        assert not re.search(r"(?<!≥ )2\.08 M\b", text), place


def test_a_network_that_is_counted_has_no_remark() -> None:
    for place, text in told(report_of()).items():
        assert "≥" not in text, place
        assert "MACs are not known, and are left out" not in text, place


def test_the_number_sorts_as_the_lower_bound() -> None:
    assert f'data-v="2080000">{BOUND}' in told(report_of("memory"))["page"]


def test_names_of_layers_are_text() -> None:
    report = report_of(*HOSTILE)
    for text in (render(report), comparison.render([report])):
        assert not [tag for tag, _ in Page(text).elements if tag == "img"]
    note = markdown.escaped(summary_table.note(report))
    assert note in markdown.render(report)


def test_no_front_takes_a_lower_bound_for_a_cost() -> None:
    report = make_report(30)
    rows = [replace(row, unknown_layers=("reader",)) for row in report.trials[:3]]
    report = replace(report, trials=(*rows, *report.trials[3:]))
    known = {row.trial for row, _, _ in comparable(report, "macs")}
    assert not known & {row.trial for row in rows}
    assert {row.trial for row, _, _ in comparable(report, "params")} > known
