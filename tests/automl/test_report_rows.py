"""Trials as rows: ranks, intervals, and scores of one kind."""

import json
from pathlib import Path

import pytest

from automl.report_rows import trial_row
from automl.reporting import run_report, write_run_report
from automl.run.directory import RunDirectory
from automl.run.request import SearchRequest
from automl.run.trial import REFIT, Training, TrialRecord
from automl_reports.charts import progress
from automl_reports.front import fronts
from automl_reports.leaderboard import RUNNING
from tests.automl.reported_runs import begun, folds, record


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return begun(tmp_path / "run")


def write_cross_validated(run: RunDirectory, **fields: object) -> None:
    """Write a lucky trial, and one that was cross-validated and did worse."""
    own = {"fold_score": 0.7, "fold_error": 0.06, **fields}
    run.write_trial(record("0001", "completed", 0.95))
    run.write_trial(record("0002", "completed", 0.9, folds=folds(0.6, 0.7, 0.8), **own))


def test_ranks_are_by_score_and_the_rest_has_none(run: RunDirectory) -> None:
    for item in (
        record("0001", "completed", 0.7),
        record("0002", "stopped", 0.9),
        record("0003", "failed", 0.99, reason="it broke"),
        record("0004", "skipped", None, reason="too large"),
    ):
        run.write_trial(item)
    rows = {row.trial: row for row in run_report(run).trials}
    assert [rows[t].rank for t in ("0002", "0001")] == [1, 2]
    assert rows["0003"].rank is None
    assert rows["0004"].rank is None
    low, high = rows["0002"].val_interval or (0, 0)
    assert low < 0.9 < high


def test_an_accuracy_of_samples_with_groups_has_no_interval(run: RunDirectory) -> None:
    request = SearchRequest("photos", objective="val_accuracy", group="patient")
    run.update(request=request.to_json())
    run.write_trial(record("0001", "completed", 0.9))
    run.write_trial(
        record("0002", "completed", 0.9, folds=folds(0.6, 0.7, 0.8), fold_score=0.7,
               fold_error=0.06)
    )  # fmt: skip
    rows = {row.trial: row for row in run_report(run).trials}
    assert rows["0001"].val_interval is None
    assert rows["0002"].val_interval is not None  # folds hold whole groups


def test_a_queued_trial_is_shown_as_running() -> None:
    assert trial_row(record("0001", "queued", None), "max").status == "running"


def test_the_best_of_several_seeds_speaks() -> None:
    item = record("0001", "completed", 0.8)
    item.trainings.append(
        Training("seed-1", 2, 18, epochs=18, best_epoch=17, val_score=0.9, seconds=5)
    )
    row = trial_row(item, "max")
    assert (row.val_score, row.epochs, row.best_epoch, row.seeds) == (0.9, 18, 17, 2)
    assert trial_row(item, "min").val_score == 0.8


def test_a_refit_is_told_beside_the_training_that_was_validated() -> None:
    item = record("0001", "completed", 0.8)
    assert trial_row(item, "max").refit_epochs is None
    item.trainings.append(Training(REFIT, 2, 5, epochs=5, val_score=0.8))
    row = trial_row(item, "max")
    assert (row.epochs, row.best_epoch, row.refit_epochs) == (3, 2, 5)


def test_layers_that_nobody_can_count_reach_the_row() -> None:
    trial = record("0001", "completed", 0.9, unknown_layers=["memory"])
    row = trial_row(TrialRecord.from_json(trial.to_json()), "max")
    assert (row.macs, row.unknown_layers) == (20, ("memory",))


def test_spans_of_workers_reach_the_rows() -> None:
    trial = record("0001", "completed", 0.9)
    trial.begin_span(0, 1.0)
    trial.begin_span(1, 2.0)
    trial.end_span(0, 5.0)
    row = trial_row(TrialRecord.from_json(trial.to_json()), "max")
    assert row.spans == ((0, 1.0, 5.0), (1, 2.0, 2.0))


def test_cross_validated_trials_come_first(run: RunDirectory) -> None:
    write_cross_validated(run)
    first, second = run_report(run).trials
    assert (first.trial, first.val_score, first.rank) == ("0002", 0.7, 1)
    low, high = first.val_interval or (0, 0)
    assert (low, high) == pytest.approx((0.7 - 4.303 * 0.06, 0.7 + 4.303 * 0.06), 1e-3)
    assert (second.trial, second.val_score) == ("0001", 0.95)
    assert (first.cross_validated, second.cross_validated) == (True, False)
    assert (first.search_score, second.search_score) == (0.9, 0.95)
    assert run.read_trials()["0002"].folds == folds(0.6, 0.7, 0.8)


def test_a_trial_that_still_runs_has_no_rank(run: RunDirectory) -> None:
    run.write_trial(record("0001", "running", 0.9))
    run.write_trial(record("0002", "completed", 0.8))
    rows = {row.trial: row for row in write_run_report(run).trials}
    assert (rows["0002"].rank, rows["0001"].rank) == (1, None)
    told = json.loads((run.path / "leaderboard.json").read_text("utf-8"))
    assert [row["trial"] for row in told["leaderboard"]] == ["0002"]
    assert told["trials"][RUNNING] == 1


def test_the_time_of_the_folds_is_training_time() -> None:
    trial = record("0001", "completed", 0.9, folds=folds(0.6, 0.7, 0.8))
    trial.trainings[0].seconds = 5.0
    assert trial_row(trial, "max").train_seconds == 5.0 + 3 * 2.0


def test_no_chart_compares_a_mean_over_folds_with_one_split(run: RunDirectory) -> None:
    write_cross_validated(run, ended_seconds=2.0)
    report = run_report(run)
    assert set(fronts(report)) == {"0002"}  # the lucky one does not beat it
    ((_, _, value),) = progress.ended(report)
    assert value == 0.9


@pytest.mark.parametrize(
    ("objective", "scores", "edge"),
    [
        ("val_accuracy", (0.95, 0.97, 0.99), (None, 1.0)),
        ("val_rmse", (0.001, 0.02, 0.1), (0.0, None)),
        ("val_r2", (-0.3, 0.9, 0.95), (None, 1.0)),
    ],
)
def test_intervals_hold_no_value_that_cannot_be(
    tmp_path: Path,
    objective: str,
    scores: tuple[float, ...],
    edge: tuple[float | None, float | None],
) -> None:
    run = begun(tmp_path / "run", objective=objective)
    mean = sum(scores) / len(scores)
    run.write_trial(
        record(
            "0001", "completed", 0.9, folds=folds(*scores), fold_score=mean,
            fold_error=0.2,
        )
    )  # fmt: skip
    low, high = run_report(run).trials[0].val_interval or (0.0, 0.0)
    assert low < mean < high
    for end, expected in zip((low, high), edge, strict=True):
        assert expected is None or end == expected


def test_the_front_of_what_was_asked_is_of_scores_of_one_kind(
    run: RunDirectory,
) -> None:
    request = SearchRequest("photos", objective="val_accuracy,params")
    run.update(request=request.to_json())
    write_cross_validated(run)
    assert {row.trial: row.pareto for row in run_report(run).trials} == {
        "0001": False,
        "0002": True,
    }
