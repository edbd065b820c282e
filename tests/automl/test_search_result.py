"""What `automl search` prints at the end, and with which exit code."""

import dataclasses
import json
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from automl.cli import main
from automl.errors import NoTrialSucceededError
from automl.export.outcome import NothingExportedError
from automl.run.directory import FAILED, RunDirectory
from automl_reports.rows import EnsembleRow
from tests.automl.printed import KEPT, printed
from tests.reports.test_model_card import report_of

REASON = {"format": "litert", "reason": "It can't hold x.", "limited": True}


def test_a_format_that_failed_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_of("digits")
    code, told, err = printed(report, monkeypatch, capsys)
    assert (code, err) == (0, "")
    assert set(told) == {"run", "best", "trials", "seconds", "objective"}
    failed = (("litert", "LiteRT can't hold the layer x."),)
    report = dataclasses.replace(report, failed_exports=failed)
    code, told, err = printed(report, monkeypatch, capsys)
    assert code == 0
    assert told["failed_exports"] == dict(failed)
    assert err == "Not exported as litert: LiteRT can't hold the layer x.\n"


def test_an_ensemble_that_pays_is_the_best(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = report_of("digits")
    (single,) = report.trials
    both = dataclasses.replace(single, trial="ensemble", test_score=0.95)
    members = (("0007", 0.5), ("0003", 0.5))
    for pays in (True, False):
        row = dataclasses.replace(both, recommended=pays)
        ensemble = EnsembleRow(row, "0007", members, 0.02, (0.01, 0.03))
        ended_with = dataclasses.replace(report, ensemble=ensemble)
        _, told, _ = printed(ended_with, monkeypatch, capsys)
        best, found = told["best"], told["ensemble"]
        assert best["trial"] == ("ensemble" if pays else "0007")
        assert (found["exported"], found["gain_interval"]) == (pays, [0.01, 0.03])


def ended(
    run: RunDirectory, error: Exception, command: str, monkeypatch: pytest.MonkeyPatch
) -> int | str | None:
    """Run a command whose search ends with an error, and return its exit code."""

    def searched(*_: object, **__: object) -> NoReturn:
        raise error

    monkeypatch.setattr("automl.searching.start_search", searched)
    monkeypatch.setattr("automl.resuming.go_on", searched)
    arguments = command.replace("RUN", str(run.path)).split()
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--trials", "3", "--quiet"])
    return stopped.value.code


COMMANDS = ("search --data x --out RUN", "resume RUN")


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_model_the_result_is_told_before_the_sentence(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = RunDirectory(shutil.copytree(KEPT, tmp_path / "run"))
    run.update(state=FAILED, selection=None, exports=[])
    error = NoTrialSucceededError("No trial succeeded: 2 failed.")
    assert ended(run, error, f"{command} --json", monkeypatch) == 3
    out, err = capsys.readouterr()
    assert err == f"automl: {error}\n"
    told = json.loads(out)
    assert (told["run"], told["best"]) == (str(run.path), None)
    assert ended(run, error, command, monkeypatch) == 3
    out, err = capsys.readouterr()
    assert err == f"automl: {error}\n"
    assert (run.path / "leaderboard.html").resolve().as_uri() in out


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("limited", [True, False])
def test_a_model_in_no_format_is_told_as_any_other(
    command: str,
    limited: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = RunDirectory(shutil.copytree(KEPT, tmp_path / "run"))
    run.update(exports=[], failed_exports=[REASON])
    error = NothingExportedError("It can't hold x.", limited=limited)
    code = ended(run, error, f"{command} --json", monkeypatch)
    assert code == (2 if limited else 1)
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["failed_exports"] == {"litert": "It can't hold x."}
    assert told["best"]["test_score"] is not None
    (line,) = err.splitlines()
    assert "It can't hold x." in line
