"""From the record to the rows of the report."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from automl.cli import cli
from automl.errors import RequestError
from automl.metrics.catalog import objectives_of
from automl.report_details import class_detail, label_detail, regression_detail
from automl.report_warnings import data_warnings, overfitting, result_warnings
from automl.reporting import (
    run_report,
    trial_row,
    write_comparison,
    write_run_report,
)
from automl.run.directory import FINISHED, IN_PROGRESS, RunDirectory
from automl.run.request import SearchRequest
from automl.run.trial import Training, TrialRecord
from automl_reports.rows import DataSummary, TrialRow

DATA = DataSummary(
    "photos",
    "image",
    (8, 8, 1),
    ("a", "b"),
    {"train": (50, 50), "val": (10, 10), "test": (20, 20)},
)


def record(
    trial: str, status: str, score: float | None, **fields: object
) -> TrialRecord:
    training = Training("search", 1, 9, epochs=3, best_epoch=2, val_score=score)
    values = {"params": 10, "macs": 20, **fields}
    return TrialRecord(
        trial,
        {},
        "auto",
        status=status,
        trainings=[training],
        **values,  # type: ignore[arg-type]
    )


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    directory = RunDirectory(tmp_path / "run")
    directory.write(
        {
            "name": "run",
            "state": IN_PROGRESS,
            "request": SearchRequest("photos", objective="val_accuracy").to_json(),
            "seconds": 3.0,
            "spec": {
                "kind": "image",
                "shape": [8, 8, 1],
                "dtype": "uint8",
                "task": "classification",
                "classes": ["a", "b"],
                "num_train": 100,
                "num_val": 20,
                "num_test": 40,
                "mean": [1.0],
                "std": [1.0],
                "resized": False,
            },
            "profile": {
                "source": "photos",
                "kind": "image",
                "why": "a folder",
                "counts": {"train": {"a": 50, "b": 50}},
                "notes": [],
                "skipped": [],
                "duplicate_count": 0,
                "duplicates": [],
                "sizes": None,
            },
        }
    )
    return directory


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


def test_a_run_without_a_trial_has_a_report(run: RunDirectory) -> None:
    report = write_run_report(run)
    assert report.trials == ()
    assert report.commands == (f"automl resume {run.path}",)
    assert "resume" in (run.path / "leaderboard.html").read_text()


def test_commands_follow_the_state(run: RunDirectory) -> None:
    run.update(state=FINISHED)
    commands = run_report(run).commands
    assert [command.split()[1] for command in commands] == [
        "predict",
        "evaluate",
        "export",
        "serve",
    ]


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


def test_confusion_and_per_class_figures() -> None:
    targets = np.array([0, 0, 0, 1, 1])
    predicted = np.array([0, 0, 1, 1, 1])
    detail = class_detail("0001", targets, predicted, 3)
    assert detail.confusion == ((2, 1, 0), (0, 2, 0), (0, 0, 0))
    assert detail.precision == (1.0, 2 / 3, None)
    assert detail.recall == (2 / 3, 1.0, None)
    assert detail.f1 == (0.8, 0.8, None)
    assert detail.support == (3, 2, 0)


def test_sound_data_earns_no_warning() -> None:
    assert data_warnings(DATA) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"counts": {"test": (3, 20)}}, "fewer than 10 test samples (a)"),
        ({"counts": {"train": (500, 5)}}, "5 to 500 training"),
        ({"duplicates_across_splits": 4}, "another split: 4"),
        ({"num_skipped": 9}, "Files skipped: 9"),
    ],
)
def test_what_is_wrong_with_the_data_is_said(
    changes: dict[str, object], words: str
) -> None:
    (warning,) = data_warnings(dataclasses.replace(DATA, **changes))  # type: ignore[arg-type]
    assert words in warning


def chosen(interval: tuple[float, float], gap: float) -> TrialRow:
    history = ({"epoch": 1.0, "val_accuracy": 0.7, "accuracy": 0.7 + gap},)
    return TrialRow(
        "0001",
        "completed",
        "cnn",
        "auto",
        val_score=0.7,
        best_epoch=1,
        test_interval=interval,
        history=history,
        recommended=True,
    )


def test_a_model_no_better_than_guessing_and_over_fitting_are_said() -> None:
    values = {"state": "running", "request": SearchRequest("x").to_json()}
    assert result_warnings([chosen((0.6, 0.8), 0.05)], values, 0.5) == []
    guess, overfit = result_warnings([chosen((0.4, 0.8), 0.25)], values, 0.5)
    assert "not clearly better" in guess
    assert "25 points" in overfit


def test_over_fitting_is_said_of_errors_too_and_of_the_epoch_that_counts() -> None:
    history = (
        {"epoch": 1.0, "val_rmse": 2.0, "rmse": 1.5},
        {"epoch": 2.0, "val_rmse": 3.0, "rmse": 1.0},
    )
    row = dataclasses.replace(chosen((0, 1), 0), history=history)
    assert overfitting(row, "val_rmse") is None
    said = overfitting(dataclasses.replace(row, best_epoch=2), "val_rmse")
    assert said == "its validation rmse is 3.0 times that of training"
    assert overfitting(row, "val_auc") is None  # was not recorded


def test_too_small_a_budget_and_a_better_landmark_are_said() -> None:
    values = {"state": "finished", "request": SearchRequest("x").to_json()}
    own = chosen((0.6, 0.8), 0.0)
    net = TrialRow("0002", "completed", "net", "lenet5", val_score=0.9, landmark=True)
    (few,) = result_warnings([own, net], values, None)
    assert "only 2" in few
    stopped = dataclasses.replace(own, recommended=False, status="stopped")
    landmarks = [dataclasses.replace(net, trial=f"1{n}") for n in range(3)]
    best = dataclasses.replace(net, recommended=True)
    (untrained,) = result_warnings([best, stopped, *landmarks], values, None)
    assert "only landmark networks" in untrained
    enough = [
        dataclasses.replace(own, trial=f"2{n}", recommended=False) for n in range(5)
    ]
    tested = dataclasses.replace(net, test_score=0.85)
    (better,) = result_warnings([own, tested, *enough], values, None)
    assert "lenet5 (#0002) scored better on test, 0.85" in better
    assert better.endswith("the recommended one was chosen on validation.")
    worse = dataclasses.replace(tested, test_score=0.79)
    assert result_warnings([own, worse, *enough], values, None) == []


def test_the_importance_is_kept_beside_the_report(run: RunDirectory) -> None:
    run.update(state=FINISHED)
    run.write_trial(record("0001", "completed", 0.9))
    assert not (run.path / "importance.json").exists()
    report = run_report(run)
    assert report.importance is not None
    assert "at least 30" in report.importance.hidden
    assert not (run.path / "importance.json").exists()  # reading writes nothing
    write_run_report(run)
    assert (run.path / "importance.json").exists()
    assert (run.path / "leaderboard.md").exists()


def test_spans_of_workers_reach_the_rows() -> None:
    trial = record("0001", "completed", 0.9)
    trial.begin_span(0, 1.0)
    trial.begin_span(1, 2.0)
    trial.end_span(0, 5.0)
    row = trial_row(TrialRecord.from_json(trial.to_json()), "max")
    assert row.spans == ((0, 1.0, 5.0), (1, 2.0, 2.0))


def test_runs_are_compared_on_one_page(run: RunDirectory, tmp_path: Path) -> None:
    page = tmp_path / "comparison.html"
    write_comparison([run, run], page)
    assert "2 runs compared" in page.read_text("utf-8")
    with pytest.raises(RequestError, match="can't be written"):
        write_comparison([run, run], run.path)


def test_the_report_command_writes_a_page_for_one_run_and_for_several(
    run: RunDirectory, tmp_path: Path
) -> None:
    one, page = str(run.path), tmp_path / "both.html"
    done = CliRunner().invoke(cli, ["report", one])
    assert done.output.strip() == str(run.path / "leaderboard.html")
    done = CliRunner().invoke(cli, ["report", one, one, "--out", str(page)])
    assert done.output.strip() == str(page)
    assert "2 runs compared" in page.read_text("utf-8")
    refused = CliRunner().invoke(cli, ["report", one, str(tmp_path / "none")])
    assert "is not a run" in str(refused.exception)


def test_figures_of_a_label() -> None:
    targets = np.array([1, 1, 0, 0, 0], np.float32)
    detail = label_detail("cat", targets, np.array([0.9, 0.2, 0.6, 0.1, 0.3]))
    assert (detail.name, detail.support) == ("cat", 2)
    assert (detail.precision, detail.recall, detail.f1) == (0.5, 0.5, 0.5)
    assert detail.auc == pytest.approx(4 / 6)
    absent = label_detail("dog", 0 * targets, np.zeros(5))
    assert (absent.precision, absent.recall, absent.auc) == (None, None, None)


def test_figures_of_a_target() -> None:
    targets = np.arange(600.0)
    detail = regression_detail("age", targets, targets + 2)
    assert (detail.mae, detail.rmse, detail.bias) == (2.0, 2.0, 2.0)
    assert detail.residuals == (2.0,) * 5
    assert detail.r2 == pytest.approx(1 - 4 / targets.var())
    assert len(detail.pairs) == 500
    assert all(predicted == true + 2 for true, predicted in detail.pairs)


def test_cross_validated_trials_come_first(run: RunDirectory) -> None:
    folds = [Training(f"fold-{i}", 1, 9, val_score=0.6 + 0.1 * i) for i in range(3)]
    for item in (
        record("0001", "completed", 0.95),
        record("0002", "completed", 0.9, folds=folds, fold_score=0.7, fold_error=0.06),
    ):
        run.write_trial(item)
    first, second = run_report(run).trials
    assert (first.trial, first.val_score, first.rank) == ("0002", 0.7, 1)
    low, high = first.val_interval or (0, 0)
    assert (low, high) == pytest.approx((0.7 - 4.303 * 0.06, 0.7 + 4.303 * 0.06), 1e-3)
    assert (second.trial, second.val_score) == ("0001", 0.95)
    assert run.read_trials()["0002"].folds == folds


def test_small_errors_are_better_than_the_baseline() -> None:
    request = SearchRequest("x", objective="val_rmse").to_json()
    values = {"state": "running", "request": request, "spec": {"task": "regression"}}
    assert result_warnings([chosen((1.0, 2.0), 0.0)], values, 2.5) == []
    (warning,) = result_warnings([chosen((1.0, 2.0), 0.0)], values, 1.5)
    assert "answering with the mean (1.5)" in warning
    request = SearchRequest("x", objective="val_mae").to_json()
    (warning,) = result_warnings(
        [chosen((1.0, 2.0), 0.0)], {**values, "request": request}, 1.5
    )
    assert "answering with the median (1.5)" in warning


def test_advice_on_imbalance_suits_the_objective() -> None:
    data = dataclasses.replace(DATA, counts={"train": (500, 5)})
    (warning,) = data_warnings(data, "val_accuracy")
    assert "--objective val_balanced_accuracy" in warning
    (warning,) = data_warnings(data, "val_auc")
    assert "--objective" not in warning


@pytest.mark.parametrize("objective", ["val_accuracy", "val_loss"])
@pytest.mark.parametrize("task", ["classification", "multilabel"])
def test_advice_on_imbalance_can_be_followed(task: str, objective: str) -> None:
    data = dataclasses.replace(DATA, counts={"train": (500, 5)})
    (warning,) = data_warnings(data, objective, task)
    advised = set(re.findall(r"val_\w+", warning))
    assert advised
    assert advised < set(objectives_of(task))


def test_labels_are_not_called_classes() -> None:
    counts = {"train": (500, 5), "test": (20, 2)}
    data = dataclasses.replace(DATA, counts=counts)
    small, imbalanced = data_warnings(data, "val_accuracy", "multilabel")
    assert small.startswith("1 of 2 labels have fewer than 10 test samples (b)")
    assert imbalanced.startswith("The labels are imbalanced: 5 to 500")
    assert "subset accuracy favours the large ones" in imbalanced


def test_the_warnings_of_a_report_know_the_task(run: RunDirectory) -> None:
    values = run.read()
    counts = {"train": {"a": 500, "b": 5}}
    run.update(
        spec={**values["spec"], "task": "multilabel"},
        profile={**values["profile"], "counts": counts},
    )
    (warning,) = run_report(run).warnings
    assert "--objective val_auc or val_f1" in warning
