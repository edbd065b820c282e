"""Runs of strangers: they execute nothing, and change nothing outside of them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import automl
from automl.api import resume
from automl.errors import RequestError
from automl.run.directory import FORMAT, RunDirectory, open_run
from automl.run.request import SearchRequest
from automl.run.trial import Training, TrialRecord

OUT = "../../../victim"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder beside the run that nothing may touch."""
    folder = tmp_path / "victim"
    folder.mkdir()
    (folder / "precious.txt").write_text("precious")
    return folder


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """An interrupted run with one trial."""
    run = RunDirectory(tmp_path / "runs" / "run")
    request = SearchRequest(data=str(tmp_path / "data"), trials=3)
    run.write(
        {
            "format": FORMAT,
            "name": "run",
            "state": "interrupted",
            "seconds": 1.0,
            "request": request.to_json(),
        }
    )
    training = Training("search", 1, 9, 3, 2, 0.5, 1.0, 2.0)
    run.write_trial(TrialRecord("0001", {}, "auto", trainings=[training]))
    return run


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def rewrite(file: Path, **changes: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def elsewhere(run: RunDirectory) -> None:
    rewrite(run.path / "trials" / "0001" / "trial.json", trial=OUT)


def training_elsewhere(run: RunDirectory) -> None:
    trainings = [{"name": OUT, "seed": 1, "planned_epochs": 1}]
    rewrite(run.path / "trials" / "0001" / "trial.json", trainings=trainings)


def fold_elsewhere(run: RunDirectory) -> None:
    folds = [{"name": "/tmp", "seed": 1, "planned_epochs": 1}]
    rewrite(run.path / "trials" / "0001" / "trial.json", folds=folds)


def no_trial(run: RunDirectory) -> None:
    (run.path / "trials" / "0001" / "trial.json").write_text('{"trial": "0001"}')


def no_request(run: RunDirectory) -> None:
    rewrite(run.path / "run.json", request={"data": 3, "export": None})


def no_state(run: RunDirectory) -> None:
    rewrite(run.path / "run.json", state=["finished"])


def endless_nesting(run: RunDirectory) -> None:
    (run.path / "run.json").write_text("[" * 100_000)


CRAFTED = [
    elsewhere,
    training_elsewhere,
    fold_elsewhere,
    no_trial,
    no_request,
    no_state,
    endless_nesting,
]


@pytest.mark.parametrize("craft", CRAFTED)
def test_a_crafted_record_is_refused(
    run: RunDirectory, victim: Path, craft: Callable[[RunDirectory], None]
) -> None:
    craft(run)
    for use in (lambda: automl.load_run(run.path).report(), lambda: resume(run.path)):
        with pytest.raises(RequestError):
            use()
    assert contents(victim) == {"precious.txt": "precious"}


@pytest.mark.parametrize("name", [OUT, "/etc", "..", "", "a/b", "a\\b", "0001\n", "é"])
def test_no_name_leads_out(run: RunDirectory, name: str) -> None:
    for find in (run.trial, lambda training: run.training("0001", training)):
        with pytest.raises(RequestError, match="no name that automl gives"):
            find(name)


@pytest.mark.parametrize(
    "link", [".lock", "log.txt", "best", "data", "trials/0001/search", "trials/0002"]
)
def test_links_that_lead_out_are_refused(
    run: RunDirectory, victim: Path, link: str
) -> None:
    (run.path / link).symlink_to(victim / "precious.txt")
    for use in (open_run, automl.load_run, resume):
        with pytest.raises(RequestError, match="leads out of its run"):
            use(run.path)
    assert contents(victim) == {"precious.txt": "precious"}


def test_links_to_what_is_not_there_yet_are_refused_too(
    run: RunDirectory, victim: Path
) -> None:
    (run.path / "log.txt").symlink_to(victim / "new.txt")
    with pytest.raises(RequestError, match="leads out of its run"):
        open_run(run.path)


def test_a_folder_that_a_search_removes_meanwhile_is_passed_over(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scandir(folder: str, scandir: Callable[[str], Any] = os.scandir) -> Any:
        return scandir(f"{folder}-gone" if Path(folder).name == "0001" else folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert open_run(run.path).path == run.path


def test_a_run_behind_a_link_may_hold_links_of_its_own(
    run: RunDirectory, tmp_path: Path
) -> None:
    (run.path / "newest").symlink_to("trials/0001")
    (tmp_path / "short").symlink_to(run.path)
    assert automl.load_run(tmp_path / "short").state == "interrupted"


def test_a_newer_version_is_named(run: RunDirectory) -> None:
    versions = {"versions": {"conv-automl": "9.1.0"}}
    rewrite(run.path / "run.json", format=FORMAT + 1, environment=versions)
    with pytest.raises(RequestError, match=r"newer version, 9\.1\.0"):
        automl.load_run(run.path)


@pytest.mark.parametrize(
    "name", ["data", "best", "trials", "log.txt", "leaderboard.csv"]
)
def test_a_search_spares_what_is_in_its_folder(victim: Path, name: str) -> None:
    (victim / name).mkdir()
    (victim / name / "mine.txt").write_text("mine")
    with pytest.raises(RequestError, match=name):
        automl.search(victim / name, out=victim, trials=1)
    assert (victim / name / "mine.txt").read_text() == "mine"
