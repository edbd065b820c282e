"""A report of a run that hands over an ensemble."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

from automl_reports import comparison, markdown
from automl_reports.charts import landmarks, metrics
from automl_reports.leaderboard import to_csv, to_json
from automl_reports.model_detail import ModelDetail
from automl_reports.notebook import leaderboard_html
from automl_reports.page import render
from automl_reports.rows import ENSEMBLE, EnsembleRow, RunReport, TrialRow
from automl_reports.terminal.final import final_lines
from automl_reports.verdict import card, comparisons
from tests.reports.synthetic import make_report


def averaged() -> RunReport:
    """Return a run of which the mean of the best three is exported."""
    report = make_report(30)
    members = tuple((row.trial, 1 / 3) for row in report.trials[:3])
    mean = TrialRow(
        ENSEMBLE,
        "completed",
        "mean of three",
        "ensemble",
        val_score=0.96,
        test_score=0.955,
        test_interval=(0.94, 0.97),
        test_metrics={"accuracy": 0.955, "auc": 0.99},
        recommended=True,
    )
    ensemble = EnsembleRow(mean, members[0][0], members, 0.01, (0.005, 0.02))
    models = (ModelDetail(ENSEMBLE), *report.models)
    return replace(report, ensemble=ensemble, models=models)


def test_a_row_is_found_by_its_name() -> None:
    report = averaged()
    found = report.row_of(ENSEMBLE)
    assert found is report.recommended
    assert found is not None
    assert found.label == "ensemble"
    assert report.row_of(report.trials[4].trial) is report.trials[4]
    assert report.trials[4].label == f"#{report.trials[4].trial}"
    assert report.row_of("none") is None


def test_the_headline_and_the_sentences_are_those_of_an_ensemble() -> None:
    verdict = card(averaged())
    assert verdict.headline.startswith("Ensemble of 3 networks")
    assert "that no training saw, but that decided" in verdict.sentences[0]
    assert "members were selected on validation" in verdict.sentences[1]


def test_json_and_csv_tell_what_was_exported_and_keep_one_recommended_row() -> None:
    report = averaged()
    assert report.ensemble is not None
    content = json.loads(to_json(report))
    rows = list(csv.DictReader(io.StringIO(to_csv(report), newline="")))
    members = dict(report.ensemble.members)
    assert content["best"]["trial"] == ENSEMBLE
    assert content["best"]["members"] == content["ensemble"]["members"] == members
    assert content["ensemble"]["exported"] is True
    for told in (content["leaderboard"], rows):
        (single,) = (r["trial"] for r in told if r["recommended"] in (True, "true"))
        assert single == content["ensemble"]["single"]
        shares = {r["trial"]: r["share_in_best"] for r in told if r["share_in_best"]}
        assert {trial: float(share) for trial, share in shares.items()} == members


def test_an_ensemble_that_does_not_pay_is_in_no_row() -> None:
    report = averaged()
    assert report.ensemble is not None
    row = replace(report.ensemble.row, recommended=False)
    report = replace(report, ensemble=replace(report.ensemble, row=row))
    content = json.loads(to_json(report))
    assert content["ensemble"]["exported"] is False
    assert content["best"]["members"] == {report.trials[0].trial: 1.0}
    assert "of the ensemble" not in render(report)


def test_every_table_tags_the_members_and_calls_no_trial_recommended() -> None:
    report = averaged()
    assert report.ensemble is not None
    single = report.ensemble.single
    landmark = replace(report.trials[5], landmark=True, origin="ResNet-18")
    trials = (*report.trials[:5], landmark, *report.trials[6:])
    report = replace(report, trials=trials)
    page = render(report).replace("\xa0", " ")
    assert page.count('<i class="tag strong">33 % of the ensemble</i>') == 3
    assert page.count('<i class="tag strong">best single</i>') == 1
    for text in (page, leaderboard_html(report), markdown.render(report)):
        assert f"#{single} recommended" not in text
        assert "(recommended" not in text.replace("three (recommended)", "")
        assert "its members are tagged with their share of it" in text
    table = landmarks.draw(report)
    assert table is not None
    assert "ensemble mean of three (recommended)" in table.body
    assert "(33 % of the ensemble, best single)" in table.body.replace("\xa0", " ")
    texts = comparison.render([report, report]).replace("\xa0", " ")
    assert texts.count('<i class="tag strong">33 % of the ensemble</i>') == 6


def test_the_terminal_recommends_the_ensemble() -> None:
    lines = final_lines(averaged(), Path("runs/x"))
    assert "Recommended: ensemble mean of three, 95.5" in "\n".join(lines)


def test_nothing_calls_it_a_trial_that_the_search_never_saw() -> None:
    report = averaged()
    texts = (
        render(report),
        markdown.render(report),
        "\n".join(final_lines(report, Path("runs/x"))),
    )
    for text in texts:
        assert "that the search never saw" not in text
        assert "#ensemble" not in text


def test_its_metrics_are_shown() -> None:
    report = averaged()
    drawing = metrics.draw(report, report.models[0])
    assert drawing is not None
    assert "AUC" in drawing.body


def test_a_landmark_that_is_the_best_alone_is_compared_with_it() -> None:
    report = averaged()
    first = replace(report.trials[0], landmark=True, origin="ResNet-18")
    report = replace(report, trials=(first, *report.trials[1:]))
    assert comparisons(report)[0].startswith("Best landmark: ResNet-18")
    single = replace(report, ensemble=None)
    assert not comparisons(single)[0].startswith("Best landmark")
