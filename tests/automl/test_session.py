"""Where a search goes, and what it ends with."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

import automl
from automl.errors import RequestError
from automl.export.outcome import FailedExport, NothingExportedError
from automl.run.directory import FORMAT, INTERRUPTED, RunDirectory, lock_run
from automl.searching import run_folder
from automl.session import ended_run
from tests.conftest import ROOT

KEPT = ROOT / "tests" / "old_runs" / f"format-{FORMAT}"
FAULT = FailedExport("savedmodel", "The savedmodel export does not run: no message.")
LIMIT = FailedExport("litert", "LiteRT can't hold the layer x.", limited=True)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("birds.v1/", "birds.v1"),
        ("birds.v2", "birds.v2"),
        ("birds", "birds"),
        ("birds.npz", "birds"),
        ("Coffee_TRAIN.ts", "Coffee_TRAIN"),
    ],
)
def test_a_run_is_called_as_its_data(
    data: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name == data.rstrip("/"):
        Path(data).mkdir()
    else:
        Path(data).touch()
    assert run_folder(data) == Path("runs") / name
    assert run_folder(Path(data)) == Path("runs") / name
    assert run_folder(data, "mine") == Path("mine")
    monkeypatch.chdir(tmp_path.parent)
    assert run_folder(tmp_path / data) == Path("runs") / name


def test_data_without_a_path_has_a_folder_too() -> None:
    assert run_folder(([[1.0]], [0])) == Path("runs/data")


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A copy of the newest kept run."""
    return RunDirectory(shutil.copytree(KEPT, tmp_path / "run"))


def test_one_export_is_enough(run: RunDirectory) -> None:
    run.update(failed_exports=[vars(FAULT)])
    assert ended_run(run.path).state == "finished"
    run.update(exports=[], failed_exports=[])
    assert ended_run(run.path).state == "finished"
    run.update(exports=[], failed_exports=[vars(FAULT)], state=INTERRUPTED)
    assert ended_run(run.path).state == INTERRUPTED


@pytest.mark.parametrize(
    ("failed", "limited", "other"),
    [
        ([LIMIT], True, "savedmodel"),
        ([LIMIT, FAULT], False, "keras"),
        ([FailedExport("litert", 200 * "long ", limited=True)], True, "savedmodel"),
    ],
)
def test_a_run_that_has_no_export_says_how_to_make_one(
    run: RunDirectory, failed: list[FailedExport], limited: bool, other: str
) -> None:
    run.update(exports=[], failed_exports=[vars(failure) for failure in failed])
    with pytest.raises(NothingExportedError) as caught:
        ended_run(run.path)
    said = str(caught.value)
    assert caught.value.limited == limited
    assert said.startswith((FAULT if not limited else failed[0]).reason[:20])
    assert said.endswith(f"`automl export {run.path} --format {other}`.")
    assert "finished" in said
    assert len(said) - 2 * len(str(run.path)) < 500


def test_a_python_file_is_named_as_it_is_executed(run: RunDirectory) -> None:
    request = {**run.read()["request"], "space": "/my spaces/a.py"}
    run.update(exports=[], failed_exports=[vars(LIMIT)], request=request)
    with pytest.raises(
        NothingExportedError, match=r"--space '/my spaces/a\.py' --format"
    ):
        ended_run(run.path)


def test_a_run_that_another_command_is_at_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commands that begin at once: the second one was not first to write."""
    (tmp_path / "digits" / "a").mkdir(parents=True)
    monkeypatch.setattr("automl.searching.recognise", lambda path: None)
    run = RunDirectory(tmp_path / "run")
    with closing(lock_run(run)), pytest.raises(RequestError, match="Another command"):
        automl.search(tmp_path / "digits", out=run.path, trials=1, quiet=True)
    assert (run.path / ".lock").exists()


def test_a_run_that_was_begun_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "digits").mkdir()
    run = RunDirectory(tmp_path / "run")

    def begun_meanwhile(path: Path) -> None:
        shutil.copytree(KEPT, run.path)

    monkeypatch.setattr("automl.searching.recognise", begun_meanwhile)
    with pytest.raises(RequestError, match="holds a run already"):
        automl.search(tmp_path / "digits", out=run.path, trials=1, quiet=True)
    assert run.read() == RunDirectory(KEPT).read()
