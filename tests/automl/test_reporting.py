"""From the record to the rows of the report."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from automl.report_warnings import data_warnings, result_warnings
from automl.reporting import model_detail, run_report, trial_row, write_run_report
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
            "request": SearchRequest("photos").to_json(),
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
    detail = model_detail("0001", targets, predicted, 3)
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
