import csv
import io
import json
import math
from dataclasses import replace
from typing import Any

import pytest

from automl_reports.leaderboard import ordered, to_csv, to_json
from automl_reports.rows import RunReport, TrialRow
from tests.reports.synthetic import HOSTILE, make_hostile, make_report

CONTRACT = (
    "rank,trial,status,architecture,val_score,test_score,params,macs,size_mb,"
    "latency_ms,epochs,best_epoch,train_seconds,optimizer,learning_rate,origin,reason"
)


def rows_of(report: RunReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(report), newline="")))


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def with_trials(*trials: TrialRow) -> RunReport:
    return replace(make_report(0), trials=trials)


def test_csv_begins_with_the_contract() -> None:
    header = to_csv(make_report(3)).splitlines()[0]
    assert header.startswith(CONTRACT + ",")


def test_csv_has_one_row_a_trial_with_every_digit() -> None:
    report = make_report(40)
    by_trial = {row["trial"]: row for row in rows_of(report)}
    assert len(by_trial) == len(report.trials) == 40
    for trial in report.trials:
        row = by_trial[trial.trial]
        assert row["status"] == trial.status
        for name in ("val_score", "test_score", "latency_ms", "learning_rate"):
            value = getattr(trial, name)
            assert row[name] == ("" if value is None else repr(value))


def test_ranked_rows_come_first_then_by_status() -> None:
    statuses = ("skipped", "failed", "stopped", "running", "completed", "completed")
    rows = [
        TrialRow(str(i), status, "plain", "random", rank={4: 2, 5: 1}.get(i))
        for i, status in enumerate(statuses)
    ]
    assert [row.trial for row in ordered(rows)] == ["5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize("value", [math.nan, math.inf, None])
def test_what_is_no_number_is_empty_in_csv_and_null_in_json(
    value: float | None,
) -> None:
    report = with_trials(TrialRow("0", "failed", "plain", "random", val_score=value))
    assert rows_of(report)[0]["val_score"] == ""
    assert strict(to_json(report))["leaderboard"][0]["val_score"] is None


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    report = with_trials(TrialRow(text, "failed", text, text, reason=text))
    row = rows_of(report)[0]
    assert row["trial"] == row["architecture"] == row["reason"] == f"'{text}"


def test_negative_numbers_stay_numbers() -> None:
    report = with_trials(TrialRow("0", "completed", "a", "b", val_score=-0.25))
    assert rows_of(report)[0]["val_score"] == "-0.25"


def test_reasons_with_commas_quotes_and_line_ends_stay_one_cell() -> None:
    reason = 'a, "b"\nc'
    rows = rows_of(with_trials(TrialRow("0", "failed", "a", "b", reason=reason)))
    assert [row["reason"] for row in rows] == [reason]


def test_json_holds_the_same_rows_with_request_best_and_data() -> None:
    report = make_report(30)
    content = strict(to_json(report))
    assert [row["trial"] for row in content["leaderboard"]] == [
        row["trial"] for row in rows_of(report)
    ]
    assert report.recommended is not None
    assert content["best"]["trial"] == report.recommended.trial
    assert content["best"]["test_score"] == report.recommended.test_score
    assert content["request"]["command"] == report.command
    assert content["request"]["objective"] == "val_accuracy"
    assert content["data"]["classes"] == list(report.data.classes)
    assert sum(content["trials"].values()) == 30


def test_json_holds_the_whole_request_as_it_was_decided() -> None:
    asked = {"data": "images/", "seed": 7, "task": "auto", "objective": None}
    content = strict(to_json(replace(make_report(3), request=asked)))["request"]
    assert (content["data"], content["seed"]) == ("images/", 7)
    assert content["task"] == "classification"
    assert content["objective"] == "val_accuracy"


def test_a_trial_that_still_runs_is_no_row() -> None:
    done = TrialRow("0", "completed", "a", "b", rank=1, val_score=0.5)
    runs = TrialRow("1", "running", "a", "b", val_score=0.9)
    report = with_trials(done, runs)
    assert [row["trial"] for row in rows_of(report)] == ["0"]
    content = strict(to_json(report))
    assert [row["trial"] for row in content["leaderboard"]] == ["0"]
    assert content["trials"]["running"] == 1


def test_a_column_tells_scores_of_two_kinds_apart() -> None:
    row = TrialRow("0", "completed", "a", "b", val_score=0.5, cross_validated=True)
    report = with_trials(row, TrialRow("1", "completed", "a", "b", val_score=0.9))
    assert [row["cross_validated"] for row in rows_of(report)] == ["true", "false"]
    assert ",cross_validated," in to_csv(report).splitlines()[0]


def test_a_column_names_the_layers_that_the_macs_leave_out() -> None:
    row = TrialRow("0", "completed", "a", "b", macs=832, unknown_layers=("x", "=y"))
    report = with_trials(row, TrialRow("1", "completed", "a", "b", macs=832))
    first, second = rows_of(report)
    assert (first["macs"], first["unknown_layers"]) == ("832", "x;=y")
    assert (second["macs"], second["unknown_layers"]) == ("832", "")
    told = strict(to_json(report))["leaderboard"]
    assert [trial["unknown_layers"] for trial in told] == [["x", "=y"], []]


def test_what_is_handed_over_is_one_trial_with_a_whole_share() -> None:
    report = make_report(30)
    assert report.recommended is not None
    trial = report.recommended.trial
    shares = {row["trial"]: row["share_in_best"] for row in rows_of(report)}
    assert {name: share for name, share in shares.items() if share} == {trial: "1.0"}
    best = strict(to_json(report))["best"]
    assert (best["members"], best["share_in_best"]) == ({trial: 1.0}, 1.0)


def test_json_has_no_best_while_nothing_is_recommended() -> None:
    report = make_report(5, state="running")
    assert strict(to_json(report))["best"] is None
    assert {row["share_in_best"] for row in rows_of(report)} == {""}


def test_hostile_names_survive_json() -> None:
    report = make_hostile(make_report(12))
    content = strict(to_json(report))
    assert {row["architecture"] for row in content["leaderboard"]} == set(HOSTILE)
