"""Several runs on one page, and the report for a forge."""

import re
from dataclasses import replace
from typing import Any

import pytest

from automl_reports import comparison, markdown
from automl_reports.charts import run_table
from automl_reports.figures import percent
from automl_reports.rows import ENSEMBLE, EnsembleRow, RunReport, TrialRow
from tests.reports.synthetic import HOSTILE, all_failed, make_hostile, make_report
from tests.reports.synthetic_tasks import make_multilabel, make_regression
from tests.reports.test_page import STATES, Page


def named(name: str, seed: int, **changes: object) -> RunReport:
    report = make_report(20, seed=seed)
    fields: dict[str, Any] = {"name": name, "fingerprint": "same", **changes}
    return replace(report, **fields)


def test_every_run_is_shown_with_its_own_figures() -> None:
    runs = [named("first", 1), named("second", 2), named("third", 3)]
    page = Page(comparison.render(runs))
    for run in runs:
        best = run.recommended
        assert best is not None
        assert run.name in page.text
        assert f"#{best.trial} {best.architecture}" in page.text
        assert percent(best.test_score).replace("\xa0", " ") in page.text.replace(
            "\xa0", " "
        )
    assert comparison.cautions(runs) == []


def test_what_all_runs_share_is_said_once_and_what_differs_by_each_name() -> None:
    runs = [named("one", 1), named("two", 2), named("three", 3, state="interrupted")]
    table = run_table.draw(runs)
    assert "ranked by validation accuracy" in table.note
    assert "ranked by" not in table.body
    assert "finished" not in table.note
    assert (table.body.count("finished"), table.body.count("interrupted")) == (2, 1)


def test_every_figure_is_named_where_the_head_of_the_table_is_hidden() -> None:
    body = run_table.draw([named("one", 1), named("two", 2)]).body
    labels = re.findall(r'data-label="(.*?)"', body)
    heads = re.findall(r'<th scope="col" class="n">(.*?)</th>', body)
    assert labels == 2 * heads
    assert heads[:2] == ["Test accuracy", "Val. accuracy"]


def test_runs_of_one_name_are_told_apart() -> None:
    text = comparison.render([named("digits", 1), named("digits", 2), named("a", 3)])
    for name in ("digits (1)", "digits (2)", "a"):
        assert f"</i>{name}</h2>" in text


def test_a_number_makes_no_second_run_of_another_s_name() -> None:
    names = ("digits", "digits", "digits (2)")
    text = comparison.render([named(name, seed) for seed, name in enumerate(names, 1)])
    assert re.findall(r"</i>(.*?)</h2>", text) == [
        "digits (1)",
        "digits (3)",
        "digits (2)",
    ]


def test_a_model_that_nothing_recommends_yet_is_the_best_so_far() -> None:
    running = named("one", 1, state="running")
    rows = tuple(replace(row, recommended=False) for row in running.trials)
    running = replace(running, trials=rows)
    body = run_table.draw([running, named("two", 2)]).body
    assert body.count("best so far") == 1


def test_a_run_without_a_model_has_dashes() -> None:
    table = run_table.draw([all_failed(), named("one", 1)])
    assert "none yet" in table.body
    assert ">0.0" not in table.body


def test_what_must_not_be_compared_is_said() -> None:
    other = named("other", 1, objective="val_loss", fingerprint="another")
    first, second = comparison.cautions([named("one", 1), other])
    assert "val_accuracy, val_loss" in first
    assert "different data" in second
    text = comparison.render([named("one", 1), other])
    assert first in text
    assert "<svg" not in text


@pytest.mark.parametrize(
    "runs",
    [
        [make_report(0, state="running"), all_failed()],
        [make_hostile(make_report(8)), make_hostile(make_report(3))],
        [make_regression(), make_multilabel()],
        [make_report(1)] * 12,
    ],
    ids=["nothing", "hostile", "tasks", "many"],
)
def test_any_runs_make_a_balanced_page_that_asks_for_nothing(
    runs: list[RunReport],
) -> None:
    page = Page(comparison.render(runs))
    assert page.open == []
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        assert tag not in {"img", "link", "iframe"}
        assert not any(name.startswith("on") or name == "style" for name in attributes)
    assert sum(tag == "script" for tag, _ in page.elements) == 1


def test_no_run_is_no_page() -> None:
    with pytest.raises(ValueError, match="At least one run"):
        comparison.render([])


@pytest.mark.parametrize("report", STATES.values(), ids=STATES)
def test_markdown_tables_have_as_many_cells_as_heads(report: RunReport) -> None:
    text = markdown.render(report)
    width = 0
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        if cells and width:
            assert cells == width
        width = cells


def test_markdown_tells_verdict_warnings_and_reasons() -> None:
    report = make_report(60)
    text = markdown.render(report)
    best = report.recommended
    assert best is not None
    assert f"Recommended for deployment: \\#{best.trial}" in text
    failed = next(row for row in report.trials if row.status == "failed")
    assert f"\\#{failed.trial} | failed" in text
    assert failed.reason in text
    assert report.command in text


def test_markdown_takes_no_name_for_markup() -> None:
    text = markdown.render(make_hostile(make_report(12)))
    prose = re.sub(r"^(`{3,})$.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    prose = re.sub(r"`[^`]*`", "", prose)
    assert not re.search(r"(?<!\\)<", prose)
    assert HOSTILE[0].split()[1] in text


def test_code_that_holds_fences_stays_code() -> None:
    assert markdown.code("a\n```\nb")[0] == "````"


def test_means_over_folds_are_not_compared_with_one_split() -> None:
    folds = named("one", 1)
    rows = (replace(folds.trials[0], cross_validated=True), *folds.trials[1:])
    folds = replace(folds, trials=rows)
    (caution,) = comparison.cautions([folds, named("two", 2)])
    assert "cross-validated" in caution
    assert comparison.cautions([folds, replace(folds, name="two")]) == []


def test_an_ensemble_is_no_trial_of_its_own() -> None:
    report = named("one", 1)
    mean = TrialRow(ENSEMBLE, "completed", "mean", "ensemble", recommended=True)
    members = ((report.trials[0].trial, 1.0),)
    ensemble = EnsembleRow(mean, members[0][0], members)
    page = comparison.render([replace(report, ensemble=ensemble)])
    assert "ensemble mean" in page
    assert "#ensemble" not in page
