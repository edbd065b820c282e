"""Exports of a run that is there: where they go, and what they leave as it was."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from automl.cli import main
from automl.engine import export as module
from automl.engine.export import Exported, ExportOptions, export_trial
from automl.errors import RequestError
from automl.export.names import FILES
from automl.export.outcome import ExportFailedError, FailedExport
from automl.export.predictor import load_predictor
from automl.export.verification import Reference, Verification
from automl.metrics.answers import Answers
from automl.run.directory import FORMAT, RunDirectory
from automl.workers.messages import Ended
from tests.automl.one_worker import OneWorker
from tests.conftest import ROOT

KEPT = ROOT / "tests" / "old_runs" / f"format-{FORMAT}"
FAULT = FailedExport("keras", "The keras export does not run.")
LIMIT = FailedExport("litert", "LiteRT can't hold the layer x.", limited=True)
PREDICTIONS = np.eye(2, dtype=np.float32)

Failing = Callable[..., None]


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A copy of the newest kept run, whose model is a `.keras` file."""
    return RunDirectory(shutil.copytree(KEPT, tmp_path / "run"))


def recommended(run: RunDirectory) -> str:
    trial: str = run.read()["selection"]["recommended"]
    return trial


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Export without a model or a worker; call it with what is not to be proved."""
    unproved: list[FailedExport] = []

    @contextmanager
    def worker(run: RunDirectory) -> Iterator[Any]:
        yield lambda function, argument: []

    def verify(
        stage: Path, formats: Sequence[str], *_: object, quantize: str
    ) -> tuple[list[Verification], list[FailedExport]]:
        stage.mkdir(parents=True)
        for name in (*(FILES[name] for name in formats), "labels.txt"):
            (stage / name).write_text("new")
        lost = {failure.format for failure in unproved}
        found = [
            Verification(name, stage / FILES[name], 0.5, 0.0, PREDICTIONS)
            for name in formats
            if name not in lost
        ]
        return found, list(unproved)

    reference = Reference(
        Path("inputs.npy"), PREDICTIONS, Answers("classification", np.arange(2))
    )
    monkeypatch.setattr(module, "_worker", worker)
    monkeypatch.setattr(module, "_model", lambda *_: (None, False))
    monkeypatch.setattr(module, "_reference", lambda *_: reference)
    monkeypatch.setattr(module, "verify", verify)
    return lambda *failures: unproved.extend(failures)


@pytest.mark.parametrize("options", [{}, {"trains": True}])
def test_a_worker_is_told_whether_it_trains(
    options: dict[str, bool], run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = OneWorker([Ended(0, "done")])
    monkeypatch.setattr(module, "running_workers", lambda *_: nullcontext(pool))
    with module._worker(run) as call:
        assert call(print, "hello", **options) == "done"
    ((_, job),) = pool.submitted
    assert job.trains == bool(options)


@pytest.mark.parametrize("out", ["run/best", "run/../run/best/", "/run/best"])
def test_no_other_trial_goes_where_the_recommended_model_is(
    run: RunDirectory, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run.path.parent)
    other = next(trial for trial in run.read_trials() if trial != recommended(run))
    before = (run.best / "model.keras").read_bytes()
    if out.startswith("/"):
        out = f"{run.path.parent}{out}"
    options = ExportOptions(("keras",), out=out)
    with pytest.raises(RequestError, match=f"trial {other} is not; choose another"):
        export_trial(RunDirectory(Path("run")), other, options)
    assert (run.best / "model.keras").read_bytes() == before


def test_nor_does_a_member_of_an_ensemble(run: RunDirectory) -> None:
    trial = recommended(run)
    members = [{"trial": trial, "training": "search", "weight": 1.0}]
    ensemble = {"pays": True, "members": members}
    run.update(selection={**run.read()["selection"], "ensemble": ensemble})
    with pytest.raises(RequestError, match=f"trial {trial} is not"):
        export_trial(run, trial, ExportOptions(("keras",), out=run.best))


@pytest.mark.usefixtures("failing")
def test_the_recommended_trial_goes_there_however_it_is_called(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run.path.parent)
    for trial in ("best", recommended(run)):
        run.update(exports=[])
        (run.best / "model.keras").write_text("old")
        options = ExportOptions(("keras",), out=run.best.absolute())
        done = export_trial(RunDirectory(Path("run")), trial, options)
        assert done.paths == {"keras": run.best.absolute() / "model.keras"}
        assert (run.best / "model.keras").read_text() == "new"
        assert [row["size_mb"] for row in run.read()["exports"]] == [0.5]
        assert not (run.best / "export.json").exists()


def test_an_export_that_fails_leaves_the_earlier_one(
    run: RunDirectory, failing: Failing
) -> None:
    before, record = (run.best / "model.keras").read_bytes(), run.read()
    failing(FAULT)
    with pytest.raises(ExportFailedError, match="does not run"):
        export_trial(run, "best", ExportOptions(("keras",)))
    assert (run.best / "model.keras").read_bytes() == before
    assert not list(run.best.glob(".*"))
    assert run.read()["exports"] == record["exports"]
    assert run.read()["failed_exports"] == []  # as the earlier one is still there


def test_a_fault_outweighs_a_limit(run: RunDirectory, failing: Failing) -> None:
    failing(LIMIT)
    with pytest.raises(RequestError, match="LiteRT"):
        export_trial(run, "1", ExportOptions(("litert",)))
    failing(FAULT)
    with pytest.raises(ExportFailedError, match="does not run"):
        export_trial(run, "1", ExportOptions(("litert", "keras")))
    assert not list((run.trial("0001") / "export").iterdir())


@pytest.mark.parametrize(
    ("failed", "code"), [([], 0), ([LIMIT], 2), ([FAULT], 1), ([LIMIT, FAULT], 1)]
)
def test_the_command_tells_limits_from_faults(
    run: RunDirectory,
    failed: list[FailedExport],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = Exported({}, [], failed, retrained=False)
    monkeypatch.setattr("automl.opened_run.Run.export", lambda *_, **__: done)
    with pytest.raises(SystemExit) as stopped:
        main(["export", str(run.path)])
    assert stopped.value.code == code
    told = capsys.readouterr().err.splitlines()
    assert told == [failure.reason for failure in failed]


def test_what_a_run_without_an_export_needs_is_said(run: RunDirectory) -> None:
    shutil.rmtree(run.best)
    with pytest.raises(RequestError, match=r"automl export .*run`"):
        load_predictor(run.path)
    values = json.loads((run.path / "run.json").read_text())
    run.write({**values, "state": "interrupted"})
    with pytest.raises(RequestError, match=r"automl resume .*run`"):
        load_predictor(run.path)
