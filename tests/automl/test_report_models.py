"""What a report tells of a run of which files are gone."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from automl.reporting import run_report, write_comparison, write_run_report
from automl.run.directory import FORMAT, RunDirectory
from automl_reports.rows import ENSEMBLE, RunReport

KEPT = Path(__file__).parents[1] / "old_runs" / f"format-{FORMAT}"


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A copy of the newest kept run."""
    return RunDirectory(shutil.copytree(KEPT, tmp_path / "run"))


def recommended_of(report: RunReport) -> str:
    assert report.recommended is not None
    return report.recommended.trial


def predictions(run: RunDirectory, trial: str) -> Path:
    training = run.read()["selection"]["trainings"][trial]
    return run.training(trial, training) / "test_predictions.npy"


def test_nothing_is_missing_of_a_whole_run(run: RunDirectory) -> None:
    report = run_report(run)
    assert report.missing == ()
    assert len(report.models) == 2
    assert report.models[0].trial == recommended_of(report)
    assert report.baseline_score is not None


@pytest.mark.parametrize(("size", "told"), [(4, True), (3, False)])
def test_few_groups_in_the_test_split_are_told(
    run: RunDirectory, size: int, told: bool
) -> None:
    run.update(request=run.read()["request"] | {"group": "patient"})
    count = len(np.load(run.path / "data" / "test_targets.npy"))
    groups = [f"p{place // size}" for place in range(count)]
    (run.path / "data" / "test_groups.json").write_text(json.dumps(groups))
    held = len(set(groups))
    assert (held < 10) is told
    words = f"only {held} different values of the group patient"
    assert any(words in text for text in run_report(run).warnings) is told


@pytest.mark.parametrize("gone", ["data", "data/test_targets.npy"])
def test_without_the_data_the_full_card_stays_and_the_page_says_so(
    run: RunDirectory, gone: str
) -> None:
    write_run_report(run)
    card = run.best / "MODEL_CARD.md"
    full = card.read_text("utf-8")
    assert "| class | precision |" in full
    if gone == "data":
        shutil.rmtree(run.path / gone)
    else:
        (run.path / gone).unlink()
    report = write_run_report(run)
    (missing,) = report.missing
    assert str(run.path / gone) in missing
    assert missing in report.warnings
    assert report.models == ()
    assert card.read_text("utf-8") == full
    card.unlink()
    write_run_report(run)  # a poorer one is better than none
    assert card.exists()


def test_a_lost_prediction_costs_the_figures_of_that_model_alone(
    run: RunDirectory, tmp_path: Path
) -> None:
    best = recommended_of(run_report(run))
    file = predictions(run, best)
    file.unlink()
    report = write_run_report(run)
    assert best not in {model.trial for model in report.models}
    assert len(report.models) == 1
    (missing,) = report.missing
    assert str(file) in missing
    assert missing in (run.path / "leaderboard.md").read_text("utf-8").replace("\\", "")
    write_comparison([run, run], tmp_path / "comparison.html")


def test_an_exported_ensemble_is_what_the_report_is_about(run: RunDirectory) -> None:
    selection = run.read()["selection"]
    single = selection["recommended"]
    members = [
        {"trial": trial, "training": training, "weight": 0.5}
        for trial, training in selection["trainings"].items()
    ]
    selection["ensemble"] = {
        "single": single,
        "members": members,
        "pays": True,
        "val_score": 0.9,
        "test_score": 0.95,
        "test_interval": [0.9, 0.99],
        "test_metrics": {"accuracy": 0.95, "auc": 0.99},
        "gain": 0.05,
        "gain_interval": [0.01, 0.09],
        "params": 10,
        "macs": 10,
        "size_mb": 0.1,
        "latency_ms": 1.0,
        "latency_p95_ms": 2.0,
    }
    run.update(selection=selection)
    report = write_run_report(run)
    assert recommended_of(report) == report.models[0].trial == ENSEMBLE
    told = json.loads((run.path / "leaderboard.json").read_text("utf-8"))
    shares = {row["trial"]: row["share_in_best"] for row in told["leaderboard"]}
    assert told["best"]["members"] == {m["trial"]: 0.5 for m in members}
    assert {t: share for t, share in shares.items() if share} == told["best"]["members"]
    assert [r["trial"] for r in told["leaderboard"] if r["recommended"]] == [single]
    page = (run.path / "leaderboard.md").read_text("utf-8")
    assert "Ensemble of 2 networks" in page
    assert "\\#ensemble" not in page
    assert "that the search never saw" not in page
    card = (run.best / "MODEL_CARD.md").read_text("utf-8")
    assert "on samples that no training saw" in card
    predictions(run, single).unlink()
    assert ENSEMBLE not in {model.trial for model in run_report(run).models}
