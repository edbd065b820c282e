"""From the record to the rows of the report."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from automl.cli import cli
from automl.errors import RequestError
from automl.metrics.catalog import objectives_of
from automl.report_details import class_detail, label_detail, regression_detail
from automl.report_warnings import data_warnings, overfitting, result_warnings
from automl.reporting import run_report, write_comparison, write_run_report
from automl.run.directory import FINISHED, RunDirectory
from automl.run.request import SearchRequest
from automl_reports.data_summary import DataSummary
from automl_reports.rows import ENSEMBLE, TrialRow
from tests.automl.reported_runs import begun, record

DATA = DataSummary(
    "photos",
    "image",
    (8, 8, 1),
    ("a", "b"),
    {"train": (50, 50), "val": (10, 10), "test": (20, 20)},
)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return begun(tmp_path / "run")


def warned(
    rows: list[TrialRow], values: dict[str, Any], baseline: float | None
) -> list[str]:
    """Return the warnings where the recommended trial is handed over."""
    chosen = next((row for row in rows if row.recommended), None)
    return result_warnings(rows, values, baseline, recommended=chosen)


def test_a_run_without_a_trial_has_a_report(run: RunDirectory) -> None:
    report = write_run_report(run)
    assert report.trials == ()
    assert report.commands == (f"automl resume {run.path}",)
    assert "resume" in (run.path / "leaderboard.html").read_text()


def test_commands_follow_the_state(run: RunDirectory) -> None:
    run.update(state=FINISHED)
    commands = run_report(run).commands
    assert [command.split()[1] for command in commands] == [
        "export",  # as nothing is exported yet
        "predict",
        "evaluate",
        "serve",
    ]


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
    assert warned([chosen((0.6, 0.8), 0.05)], values, 0.5) == []
    guess, overfit = warned([chosen((0.4, 0.8), 0.25)], values, 0.5)
    assert "not clearly better" in guess
    assert "25 points" in overfit


def test_over_fitting_is_said_of_the_training_that_showed_it() -> None:
    values = {"state": "running", "request": SearchRequest("x").to_json()}
    (alone,) = warned([chosen((0.6, 0.8), 0.25)], values, 0.5)
    assert alone.startswith("The recommended model over-fits: its training accuracy")
    refitted = dataclasses.replace(chosen((0.6, 0.8), 0.25), refit_epochs=12)
    (told,) = warned([refitted], values, 0.5)
    assert "over-fits" not in told
    assert "when it was trained on the training samples alone: its training" in told
    assert "handed over learned from the validation samples too" in told


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
    (few,) = warned([own, net], values, None)
    assert "only 2" in few
    stopped = dataclasses.replace(own, recommended=False, status="stopped")
    landmarks = [dataclasses.replace(net, trial=f"1{n}") for n in range(3)]
    best = dataclasses.replace(net, recommended=True)
    (untrained,) = warned([best, stopped, *landmarks], values, None)
    assert "only landmark networks" in untrained
    enough = [
        dataclasses.replace(own, trial=f"2{n}", recommended=False) for n in range(5)
    ]
    tested = dataclasses.replace(net, test_score=0.85)
    (better,) = warned([own, tested, *enough], values, None)
    assert "lenet5 (#0002) scored better on test, 0.85" in better
    assert better.endswith("the recommended one was chosen on validation.")
    worse = dataclasses.replace(tested, test_score=0.79)
    assert warned([own, worse, *enough], values, None) == []


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
    done = CliRunner().invoke(cli, ["report", one, "--out", str(page)])
    assert done.exit_code == 0
    assert page.read_bytes() == (Path(one) / "leaderboard.html").read_bytes()
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
    assert detail.errors == (2.0,) * 600
    assert all(predicted == true + 2 for true, predicted in detail.pairs)


def test_small_errors_are_better_than_the_baseline() -> None:
    request = SearchRequest("x", objective="val_rmse").to_json()
    values = {"state": "running", "request": request, "spec": {"task": "regression"}}
    assert warned([chosen((1.0, 2.0), 0.0)], values, 2.5) == []
    (warning,) = warned([chosen((1.0, 2.0), 0.0)], values, 1.5)
    assert "answering with the mean (1.5)" in warning
    request = SearchRequest("x", objective="val_mae").to_json()
    (warning,) = warned([chosen((1.0, 2.0), 0.0)], {**values, "request": request}, 1.5)
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


def test_warnings_are_of_the_ensemble_where_one_is_handed_over() -> None:
    values = {"state": "running", "request": SearchRequest("x").to_json()}
    single = chosen((0.4, 0.8), 0.25)  # no better than guessing, and over-fitted
    net = TrialRow("0002", "completed", "net", "lenet5", test_score=0.85, landmark=True)
    mean = TrialRow(ENSEMBLE, "completed", "mean", "ensemble", test_interval=(0.7, 0.9))
    said = result_warnings([single, net], values, 0.5, recommended=mean)
    assert said == []
    beaten = dataclasses.replace(mean, test_interval=(0.6, 0.8))
    (said_of_members,) = result_warnings([single, net], values, 0.5, recommended=beaten)
    assert "lenet5 (#0002) scored better on test" in said_of_members
    assert said_of_members.endswith(
        "members of the ensemble were chosen on validation."
    )


def test_the_request_reaches_the_report(run: RunDirectory) -> None:
    request = SearchRequest("photos", objective="val_accuracy", seed=7, trials=3)
    run.update(request=request.to_json())
    write_run_report(run)
    told = json.loads((run.path / "leaderboard.json").read_text("utf-8"))["request"]
    assert (told["data"], told["seed"], told["trials"]) == ("photos", 7, 3)
    assert told["task"] == "classification"  # what was decided, not `auto`


def test_a_name_that_is_no_unicode_does_not_end_the_report(tmp_path: Path) -> None:
    name = "b\udcfcld"  # what Python makes of a file name in Latin-1
    run = begun(tmp_path / "run", data=name)
    run.update(name=name)
    write_run_report(run)
    page = tmp_path / "pages" / "comparison.html"
    write_comparison([run], page)
    for file in (page, run.path / "leaderboard.md"):
        assert r"b\udcfcld" in file.read_text("utf-8")
