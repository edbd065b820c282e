"""What a run leaves behind that a fault breaks off."""

import time
from pathlib import Path

import pytest

from automl.engine import conductor
from automl.engine.conductor import conduct
from automl.run.directory import INTERRUPTED, RunDirectory
from automl.run.request import SearchRequest
from automl.run.trial import TrialRecord
from automl_reports.terminal.silent import SilentProgress


def broken_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    """Return a run that a fault ended before anything else was done."""

    def fail(*_: object) -> None:
        raise RuntimeError("the first fault")

    for name in ("refuse_changed_space", "refuse_changed_data"):
        monkeypatch.setattr(conductor, name, lambda *_: None)
    monkeypatch.setattr(conductor, "search_workers", fail)
    run = RunDirectory(folder)
    request = SearchRequest("data", objective="val_accuracy")
    run.write({"name": "a", "seconds": 0.0, "request": request.to_json()})
    return run


@pytest.mark.parametrize("trials", [0, 1])
def test_the_page_tells_what_was_done_until_then(
    trials: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, written = broken_off(tmp_path, monkeypatch), list[str]()
    monkeypatch.setattr(
        conductor, "write_run_report", lambda run: written.append(run.read()["state"])
    )
    for place in range(trials):
        run.write_trial(TrialRecord(f"{place:04d}", {}, "random"))
    with pytest.raises(RuntimeError, match="the first fault"):
        conduct(run, SilentProgress(), started=time.monotonic())
    assert run.read()["state"] == INTERRUPTED
    assert written == [INTERRUPTED] * trials  # of nothing there is no page


def test_what_goes_wrong_with_the_page_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(run: RunDirectory) -> None:
        raise OSError("no space left")

    run = broken_off(tmp_path, monkeypatch)
    run.write_trial(TrialRecord("0001", {}, "random"))
    monkeypatch.setattr(conductor, "write_run_report", fail)
    with pytest.raises(RuntimeError, match="the first fault"):
        conduct(run, SilentProgress(), started=time.monotonic())
    assert "could not be written: OSError" in (tmp_path / "log.txt").read_text()
